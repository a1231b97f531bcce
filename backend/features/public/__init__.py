"""Customers without an account: the form behind a link, the progress page, what they are asked."""
