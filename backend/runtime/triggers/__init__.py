"""What starts tickets without a person: triggers, each firing once per cause and saying why, or why not."""
