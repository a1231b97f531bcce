"""Regions, the audit log, jobs, connections to the outside, notifications."""
