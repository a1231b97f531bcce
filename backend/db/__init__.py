"""Tables, portable column types, and the one place that commits."""
