"""Forms: the JSON Schema dialect, validation, what each node may see and edit, and what a change does to old
answers. Pure."""
