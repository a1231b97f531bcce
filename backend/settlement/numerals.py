"""Numbers as people write them in tables: ``1,234.5``, ``1.234,5``, ``1 234``, ``¥50,000``, ``8 %``.

Which sign separates decimals is decided for a whole table at once, since ``1.234`` alone could be either; a
table that uses both is refused rather than guessed at.
"""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Literal, TypeVar

DecimalSign = Literal[".", ","]
Place = TypeVar("Place")

_NUMBER = re.compile(r"[-+]?\d[\d.,]*|[-+]?[.,]\d+")
_DECORATION = re.compile(r"[\s¥$€£%_'\u00a0\u202f]|CNY|USD|EUR|RMB|元")


class MixedSigns(ValueError):
    """Two numbers of one table use different decimal signs; ``places`` are where they stand."""

    def __init__(self, point: object, comma: object) -> None:
        super().__init__(point, comma)
        self.places = (point, comma)


def find_decimal_sign(texts: Iterable[tuple[Place, str]]) -> DecimalSign:
    """The sign these texts use; a point when none of them tells. Raises MixedSigns."""
    seen: dict[DecimalSign, Place] = {}
    for place, text in texts:
        sign = _sign_of(_strip(text))
        if sign is not None:
            seen.setdefault(sign, place)
    if len(seen) == 2:
        raise MixedSigns(seen["."], seen[","])
    return "," if "," in seen else "."


def _sign_of(text: str) -> DecimalSign | None:
    """What this number alone proves: its last sign separates decimals when both stand in it, or when it
    cannot separate thousands."""
    points, commas = text.count("."), text.count(",")
    if points and commas:
        return "." if text.rfind(".") > text.rfind(",") else ","
    if points == 1 and not _groups(text, "."):
        return "."
    if commas == 1 and not _groups(text, ","):
        return ","
    if points > 1:
        return ","
    return "." if commas > 1 else None


def _groups(text: str, sign: str) -> bool:
    """Whether the sign may well separate thousands: three digits behind it, one to three before it."""
    before, _, behind = text.lstrip("+-").partition(sign)
    return len(behind) == 3 and 1 <= len(before) <= 3 and before != "0"


def read_number(text: str, sign: DecimalSign = ".") -> Decimal | None:
    """The number, None for what is none. Currency signs, spaces and a per cent sign are passed over."""
    plain = _strip(text)
    if not _NUMBER.fullmatch(plain):
        return None
    thousands = "," if sign == "." else "."
    head, found, tail = plain.partition(sign)
    if sign in tail or thousands in tail:
        return None
    groups = head.lstrip("+-").split(thousands)
    if len(groups) > 1 and not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
        return None
    try:
        return Decimal(head.replace(thousands, "") + ("." + tail if found else ""))
    except InvalidOperation:
        return None


def _strip(text: str) -> str:
    """Without decoration; full-width digits and signs (１，０００) become plain ones."""
    return _DECORATION.sub("", unicodedata.normalize("NFKC", text).strip())
