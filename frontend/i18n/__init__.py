"""Text and formats in the reader's language.

Texts live in `zh/<namespace>.json` and `en/<namespace>.json`, flat maps from key to text with `{param}`
places; the islands import the same files.
"""

from frontend.i18n.catalogue import LOCALES, Translate, choose_locale, pick, translate, translator
from frontend.i18n.formats import (
    format_date,
    format_moment,
    format_money,
    format_number,
    format_relative,
    format_time_left,
)

__all__ = [
    "LOCALES",
    "Translate",
    "choose_locale",
    "format_date",
    "format_moment",
    "format_money",
    "format_number",
    "format_relative",
    "format_time_left",
    "pick",
    "translate",
    "translator",
]
