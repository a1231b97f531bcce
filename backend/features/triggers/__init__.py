"""Triggers, variants and records: what starts tickets by itself, and which workflow they begin in."""
