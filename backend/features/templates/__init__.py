"""Industry templates: the gallery, scenarios played, and cloning into a workspace."""
