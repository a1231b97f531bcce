"""One module a noun; `frontend/routes.py` says which component stands at which path."""
