"""Workflow definitions: frozen structs, canonical JSON and hash, merge patch, validation, soundness, diff.
Pure."""
