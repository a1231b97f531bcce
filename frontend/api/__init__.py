"""The only door to the backend: a typed client over the HTTP API, in process."""
