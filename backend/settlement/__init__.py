"""Money of tickets: tariffs, row matching, charge models and postings. Pure: no clock, no database, no
binary fractions."""
