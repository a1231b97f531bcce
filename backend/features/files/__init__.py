"""Uploads: sniffed by content, stored under their hash, served as attachments."""
