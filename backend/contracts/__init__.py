"""The structs on the wire, one module a noun; shared by the API and the frontend's client.

Only msgspec is imported here. Names and shapes are the JSON of `/api/v1`; times are aware UTC datetimes,
ids are UUID text, money is integer minor units beside an ISO 4217 code.
"""
