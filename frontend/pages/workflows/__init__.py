"""Workflows: the list, the designer, forms, releases."""
