"""The desk: the queue on the left, the ticket in hand on the right; on a phone one after the other."""
