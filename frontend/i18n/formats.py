"""Numbers, money and times as people of one language read them. Times are shown in the region's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_date
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal, get_currency_precision
from babel.units import format_unit

from frontend.i18n.catalogue import translate

BABEL = {"zh": "zh_CN", "en": "en_US"}
DEFAULT_ZONE = "Asia/Shanghai"
DAYS_FROM, MINUTES_BELOW = 48, 10
"""Hours from which on a span is told in days, and below which it is told to the minute."""


def format_money(amount: int, currency: str, locale: str) -> str:
    """`amount` in minor units, with the currency's sign and its own number of decimals."""
    value = Decimal(amount).scaleb(-get_currency_precision(currency))
    text: str = format_currency(value, currency, locale=BABEL[locale])
    # as the server's sentences write them: ¥ alone is never yen
    if currency == "JPY":
        return text.replace("JP¥", "¥").replace("¥", "JP¥")
    return text.replace("CN¥", "¥").replace("US$", "$")


def format_number(value: int | Decimal, locale: str) -> str:
    """With the language's grouping."""
    text: str = format_decimal(value, locale=BABEL[locale])
    return text


def format_date(value: date, locale: str) -> str:
    """Day, month, year."""
    return babel_date(value, format="medium", locale=BABEL[locale])


def format_moment(value: datetime, locale: str, zone: str = DEFAULT_ZONE) -> str:
    """Day and time to the minute, in `zone` (an IANA name)."""
    pattern = "M月d日 HH:mm" if locale == "zh" else "MMM d, HH:mm"
    if value.astimezone(ZoneInfo(zone)).year != datetime.now(ZoneInfo(zone)).year:
        pattern = "y年M月d日 HH:mm" if locale == "zh" else "MMM d, y, HH:mm"
    return format_datetime(value, pattern, tzinfo=ZoneInfo(zone), locale=BABEL[locale])


def read_local(text: str, zone: str) -> datetime | None:
    """What a date-and-time field holds, as a moment; empty or unreadable is none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)) if text else None
    except ValueError:
        return None


def format_relative(value: datetime, locale: str, now: datetime | None = None) -> str:
    """How long ago, or in how long, in the largest unit that fits."""
    distance = value - (now or datetime.now(UTC))
    if abs(distance.total_seconds()) < 45:
        return translate(locale, "shell.time.now")
    return format_timedelta(distance, add_direction=True, threshold=1, locale=BABEL[locale])


def format_time_left(due: datetime, locale: str, now: datetime | None = None) -> str:
    """Time to a limit, or how far it is exceeded, as the form island writes it (`islands/form/span.ts`)."""
    distance = due - (now or datetime.now(UTC))
    amount = format_span(int(abs(distance.total_seconds()) // 60), locale)
    return translate(
        locale, "shell.time.left" if distance.total_seconds() >= 0 else "shell.time.over", amount=amount
    )


def format_span(minutes: int, locale: str) -> str:
    """Whole days from two days on, else hours, with minutes while these are few; never rounded up."""

    def unit(amount: int, name: str) -> str:
        text: str = format_unit(amount, f"duration-{name}", length="short", locale=BABEL[locale])
        return text

    hours, rest = divmod(minutes, 60)
    if hours >= DAYS_FROM:
        return unit(hours // 24, "day")
    if not hours:
        return unit(rest, "minute")
    if hours >= MINUTES_BELOW or not rest:
        return unit(hours, "hour")
    return f"{unit(hours, 'hour')} {unit(rest, 'minute')}"
