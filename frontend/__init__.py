"""The screens: ReactPy pages, plain pages, islands; everything reaches the backend through the HTTP API."""
