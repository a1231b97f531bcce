"""Work that leaves the transaction: timers, mail, calls to other systems.

The `jobs` row is the record on both databases. What differs is only who wakes up when a row is due.
"""
