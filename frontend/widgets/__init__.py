"""Shared parts of pages. Everything here takes what it shows as arguments and keeps no state of its own."""

from frontend.widgets.feedback import empty, failure, show, skeleton
from frontend.widgets.figures import moment, money, relative, time_left
from frontend.widgets.flow_picture import flow_picture
from frontend.widgets.icon import icon, node_icon
from frontend.widgets.island import island
from frontend.widgets.parts import (
    badge,
    breadcrumbs,
    button_link,
    card,
    dialog,
    page_head,
    pager,
    priority_badge,
    table,
    tabs,
)

__all__ = [
    "badge",
    "breadcrumbs",
    "button_link",
    "card",
    "dialog",
    "empty",
    "failure",
    "flow_picture",
    "icon",
    "island",
    "moment",
    "money",
    "node_icon",
    "page_head",
    "pager",
    "priority_badge",
    "relative",
    "show",
    "skeleton",
    "table",
    "tabs",
    "time_left",
]
