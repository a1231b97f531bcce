"""Tickets and tasks: the queue, the ticket page, and doing a task."""
