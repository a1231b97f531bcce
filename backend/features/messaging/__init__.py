"""Messages and signals from other systems."""
