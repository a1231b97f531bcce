"""The shell around the pure engine: one transaction a step, jobs and timers, and telling others what
changed."""
