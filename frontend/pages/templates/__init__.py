"""Industry templates: gallery, one template with its scenarios, cloning."""
