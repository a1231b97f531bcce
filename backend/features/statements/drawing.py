"""Paper and spreadsheets. What draws them takes a third of a second to import, so it is only imported for the
first one."""

from __future__ import annotations

from backend.contracts import statements as wire


def draw_pdf(statement: wire.Statement, locale: str) -> bytes:
    """See `pdf.draw_pdf`."""
    from backend.features.statements import pdf

    return pdf.draw_pdf(statement, locale)


def write_workbook(statement: wire.Statement, locale: str) -> bytes:
    """See `workbook.write_workbook`."""
    from backend.features.statements import workbook

    return workbook.write_workbook(statement, locale)
