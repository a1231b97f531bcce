"""Quarantine: what waits for somebody to say whose it is."""
