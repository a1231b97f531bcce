"""Keeping the books: entries, the sums of periods, corrections."""
