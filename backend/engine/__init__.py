"""The token game: `step(release, state, event) -> (state, commands)`, one pure function. No clock, no
chance, no IO."""
