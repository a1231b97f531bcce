"""Settlement periods: review, close, freeze."""
