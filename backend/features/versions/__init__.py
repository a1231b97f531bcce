"""Trying a draft with recorded tickets, and moving running tickets to another release."""
