"""Money: sums that open down to the line, tariffs, one's own earnings."""
