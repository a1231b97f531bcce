"""Statements of a party and a period, and questions about booked amounts."""
