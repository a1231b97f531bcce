"""Tariffs: the grid, the tiers drawn, the rule in words, what the linter says, trying and revising."""
