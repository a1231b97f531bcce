"""Setting right what is booked."""
