"""Accounts: set-up, sign-in, sessions, members, roles."""
