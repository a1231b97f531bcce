"""The HTTP platform every feature stands on: who calls, what may be sent, how refusals look, pages,
idempotency.
"""
