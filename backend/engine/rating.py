"""The form of a rating that has none of its own: one to five stars and a comment."""

from __future__ import annotations

from backend.graph.model import Form
from backend.node_sdk import Label

RATING_FORM = Form(
    title=Label("服务评价", "How did we do?"),
    schema={
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["rating"],
        "properties": {
            "rating": {
                "type": "integer",
                "minimum": 1,
                "maximum": 5,
                "x-type": "rating",
                "title": "您满意吗？",
                "x-title": {"zh": "您满意吗？", "en": "How satisfied are you?"},
            },
            "comment": {
                "type": "string",
                "maxLength": 2000,
                "title": "想对我们说的话",
                "x-title": {"zh": "想对我们说的话", "en": "Anything you would like to tell us"},
            },
        },
    },
    ui={"ui:order": ["rating", "comment"], "comment": {"ui:widget": "textarea"}},
)
