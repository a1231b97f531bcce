"""A statement on paper: A4, in one language, with text that can be searched and copied.

Chinese is set in STSong-Light, which every reader of PDF brings along (Adobe-GB1, not embedded), Latin and
figures in Helvetica. A document holds no clock and no random id: the same statement gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from backend.contracts import statements as wire
from backend.contracts.settlement import SettlementLine
from backend.features.statements.words import (
    Head,
    explain_line,
    head_facts,
    name_line,
    tell_day,
    write_money,
)
from backend.messages import render

CJK, LATIN = "STSong-Light", "Helvetica"
INK, MUTED, RULE, TINT = HexColor("#1d2733"), HexColor("#5b6675"), HexColor("#d8dee6"), HexColor("#f3f6f9")
MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
LATIN_1 = 0xFF
LONGEST_WORD = 20
"""Letters; a longer word may be broken anywhere."""
LINE_COLUMNS = (20 * mm, 27 * mm, 34 * mm, 65 * mm, WIDTH - 146 * mm)
pdfmetrics.registerFont(UnicodeCIDFont(CJK))


def _style(size: float, **more: Any) -> ParagraphStyle:
    # by the rules of Chinese everywhere: they break Latin between words as well
    settings = {
        "fontName": CJK,
        "fontSize": size,
        "leading": size * 1.45,
        "textColor": INK,
        "wordWrap": "CJK",
    }
    return ParagraphStyle(f"s{size}{sorted(more)}", **(settings | more))


BODY, SMALL = _style(9), _style(8, textColor=MUTED)
AMOUNT = _style(9, alignment=TA_RIGHT)
TITLE, HEADING = _style(18, leading=24, spaceAfter=8), _style(11.5, spaceBefore=12, spaceAfter=4)
COLUMN_HEAD = _style(8, textColor=MUTED)
COLUMN_HEAD_RIGHT = _style(8, textColor=MUTED, alignment=TA_RIGHT)


def draw_pdf(statement: wire.Statement, locale: str) -> bytes:
    """The whole document."""
    out = io.BytesIO()
    title = render("statement_title", {}, locale)
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=f"{title} · {statement.party.name} · {statement.period.key}",
        author=statement.workspace,
        invariant=1,
        lang="zh-CN" if locale == "zh" else "en",
    )

    def foot(canvas: Any, page: Any) -> None:
        canvas.saveState()
        canvas.setFillColor(MUTED)
        code = render("statement_hash", {}, locale)
        number = render("statement_page", {"page": page.page}, locale)
        spoken = CJK if locale == "zh" else LATIN
        canvas.setFont(LATIN, 7.5)
        left = MARGIN + pdfmetrics.stringWidth(f"{code}  ", spoken, 7.5)
        canvas.drawString(left, 10 * mm, statement.hash)
        canvas.setFont(spoken, 7.5)
        canvas.drawString(MARGIN, 10 * mm, code)
        canvas.drawRightString(A4[0] - MARGIN, 10 * mm, number)
        canvas.restoreState()

    document.build(_tell(statement, locale), onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _tell(statement: wire.Statement, locale: str) -> list[Any]:
    def text(code: str, **params: Any) -> str:
        return render(code, params, locale)

    story: list[Any] = [
        _say(statement.workspace, SMALL),
        _say(text("statement_title"), TITLE),
        _facts(head_facts(statement, locale)),
        _say(text("statement_balance"), HEADING),
        _balances(statement, locale),
    ]
    if statement.components:
        story += [_say(text("statement_components"), HEADING), _components(statement, locale)]
    story.append(_say(text("statement_lines"), HEADING))
    regular = [
        (day.date.isoformat(), line) for day in statement.days for t in day.tickets for line in t.lines
    ]
    story.append(_lines(regular, locale) if regular else _say(text("statement_none"), SMALL))
    for code, lines in (("corrections", statement.corrections), ("late", statement.late)):
        if lines:
            dated = [(tell_day(line, statement), line) for line in lines]
            story += [_say(text(f"statement_{code}"), HEADING), _lines(dated, locale)]
    if statement.omitted:
        story += [Spacer(1, 4), _say(text("statement_omitted", count=statement.omitted), SMALL)]
    if statement.rules:
        story.append(_say(text("statement_rules"), HEADING))
    for rule in statement.rules:
        params = {"tariff": rule.tariff, "revision": rule.revision, "row": rule.row_name}
        story += [_say(text("statement_rule_name", **params), SMALL), _say(rule.text, BODY), Spacer(1, 4)]
    return story


def _say(text: str, style: ParagraphStyle) -> Paragraph:
    """Lines of Chinese break between any two characters, lines of Latin between words."""
    if all(ord(sign) <= LATIN_1 for sign in text):
        split = max((len(word) for word in text.split()), default=0) > LONGEST_WORD
        latin = style.clone(f"{style.name}-latin", fontName=LATIN, splitLongWords=int(split))
        return Paragraph(escape(text), latin)
    return Paragraph(_mark_up(text), style.clone(f"{style.name}-cjk", wordWrap="CJK"))


def _mark_up(text: str) -> str:
    """Runs of Latin letters and figures in the Latin font; the text itself can never be markup."""
    runs: list[tuple[bool, str]] = []
    for sign in text:
        latin = ord(sign) <= LATIN_1
        if runs and runs[-1][0] == latin:
            runs[-1] = (latin, runs[-1][1] + sign)
        else:
            runs.append((latin, sign))
    return "".join(
        f'<font name="{LATIN}">{escape(run)}</font>' if latin else escape(run) for latin, run in runs
    )


def _facts(facts: Sequence[Head]) -> Table:
    rows = [[_say(name, SMALL), _say(value, BODY)] for name, value in facts]
    table = Table(rows, colWidths=(24 * mm, WIDTH - 24 * mm), hAlign="LEFT")
    flush = ("LEFTPADDING", (0, 0), (0, -1), 0)
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *_padding(1.5), flush]))
    return table


def _padding(size: float) -> list[Any]:
    return [
        ("TOPPADDING", (0, 0), (-1, -1), size),
        ("BOTTOMPADDING", (0, 0), (-1, -1), size),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ]


def _grid(heads: Sequence[str], rows: list[list[Any]], widths: Sequence[float], right: int) -> Table:
    """The last `right` columns are figures; the head repeats on each page."""
    first = len(heads) - right
    head = [_say(name, COLUMN_HEAD if at < first else COLUMN_HEAD_RIGHT) for at, name in enumerate(heads)]
    table = Table([head, *rows], colWidths=widths, repeatRows=1, hAlign="LEFT")
    style = [
        ("BACKGROUND", (0, 0), (-1, 0), TINT),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        *_padding(3),
    ]
    table.setStyle(TableStyle(style))
    return table


def _money(amount: int, currency: str) -> Paragraph:
    return _say(write_money(amount, currency), AMOUNT)


def _balances(statement: wire.Statement, locale: str) -> Any:
    names = ("opening", "received", "borne", "closing")
    heads = [render("column_currency", {}, locale)]
    heads += [render(f"statement_{name}", {}, locale) for name in names]
    rows = [
        [_say(each.currency, BODY), *(_money(getattr(each, name), each.currency) for name in names)]
        for each in statement.balances
    ]
    widths = (WIDTH * 0.16, *[WIDTH * 0.21] * 4)
    return _grid(heads, rows, widths, 4) if rows else _say(render("statement_none", {}, locale), SMALL)


def _components(statement: wire.Statement, locale: str) -> Table:
    heads = [render(code, {}, locale) for code in ("column_component", "statement_count", "column_amount")]
    rows = [
        [_say(each.label, BODY), _say(str(each.lines), AMOUNT), _money(each.amount, each.currency)]
        for each in statement.components
    ]
    return _grid(heads, rows, (WIDTH - 55 * mm, 20 * mm, 35 * mm), 2)


def _lines(dated: Sequence[tuple[str, SettlementLine]], locale: str) -> Table:
    heads = [
        render(code, {}, locale)
        for code in ("statement_date", "column_ticket", "column_component", "column_why", "column_amount")
    ]
    rows = []
    shown = ""
    for day, line in dated:
        rows.append(
            [
                _say("" if day == shown else day, SMALL),
                _say(line.number, SMALL),
                _say(name_line(line, locale), BODY),
                _say(explain_line(line, locale), SMALL),
                _money(line.amount, line.currency),
            ]
        )
        shown = day
    return _grid(heads, rows, LINE_COLUMNS, 1)
