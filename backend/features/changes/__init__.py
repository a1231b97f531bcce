"""The long poll by which pages hear that something changed."""
