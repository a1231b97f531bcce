"""Workflows: drafts with their findings, publishing, releases, entry links, the palette."""
