"""Money: tariffs and their revisions, booked lines, sums that open down to a line, one's own earnings."""
