"""What is wrong with a tariff in this workspace, and what it says in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import settlement as wire
from backend.contracts.tariff_drafts import TariffEdit, TariffFix
from backend.db.models import Region
from backend.features.platform.actor import Actor
from backend.features.platform.errors import FieldError, Invalid
from backend.features.settlement.naming import join_phrases, list_regions
from backend.graph.expressions import check_expression
from backend.messages import render
from backend.settlement.coverage import Known
from backend.settlement.document import check
from backend.settlement.fixes import propose
from backend.settlement.tariff import Finding, Tariff
from backend.settlement.words import describe_row

COVERAGE = {"region_uncovered", "fallback_missing", "value_uncovered"}


def check_document(
    document: dict[str, Any], regions: Iterable[Region], key: str | None = None, known: Known | None = None
) -> tuple[Tariff | None, tuple[Finding, ...]]:
    """The linter's findings and those that only a workspace can have; `key`: the one it must keep, `known`:
    what its tickets can be."""
    tree = {region.id: region for region in regions}
    parents = {
        region.key: tree[region.parent_id].key if region.parent_id in tree else None
        for region in tree.values()
    }
    tariff, findings = check(document, parents or None, known)
    if tariff is None:
        return None, findings
    found = [*findings, *_check_currency(tariff, list(tree.values())), *_check_conditions(tariff)]
    if key is not None and tariff.key != key:
        found.append(Finding(code="key_changed", severity="error", pointer="/key", params={"key": key}))
    here = {region.key: region for region in tree.values()}
    return tariff, tuple(_name_region(each, here) for each in found if not _is_foreign(each, here, tariff))


def _is_foreign(finding: Finding, regions: Mapping[str, Region], tariff: Tariff) -> bool:
    """A region that pays in another currency needs no row here: none could ever book there."""
    region = regions.get(str(finding.params.get("region")))
    return finding.code in COVERAGE and region is not None and region.currency != tariff.currency


def _name_region(finding: Finding, regions: Mapping[str, Region]) -> Finding:
    """`region_name` beside the key that a fix needs."""
    region = regions.get(str(finding.params.get("region")))
    if region is None:
        return finding
    return msgspec.structs.replace(finding, params={**finding.params, "region_name": dict(region.name)})


def _check_currency(tariff: Tariff, regions: Sequence[Region]) -> list[Finding]:
    """A ticket's currency is its region's: a row in another one could never book."""
    used = {region.key: region.currency for region in regions}
    if used and tariff.currency not in used.values():
        params: dict[str, str | dict[str, str]] = {"currency": tariff.currency}
        return [Finding(code="currency_not_used", severity="error", pointer="/currency", params=params)]
    return [
        Finding(
            code="currency_of_region",
            severity="error",
            pointer=f"/rows/{at}/match/region",
            params={
                "region": row.match.region,
                "expected": used[row.match.region],
                "given": tariff.currency,
            },
        )
        for at, row in enumerate(tariff.rows)
        if row.match.region in used and used[row.match.region] != tariff.currency
    ]


def _check_conditions(tariff: Tariff) -> list[Finding]:
    found = []
    for at, row in enumerate(tariff.rows):
        for place, modifier in enumerate(row.modifiers):
            failed = check_expression(modifier.when) if modifier.when.strip() else None
            if failed is not None:
                reason = {locale: render(failed.code, failed.params, locale) for locale in ("zh", "en")}
                pointer = f"/rows/{at}/modifiers/{place}/when"
                found.append(
                    Finding(
                        code="condition_wrong", severity="error", pointer=pointer, params={"reason": reason}
                    )
                )
    return found


def present_findings(
    findings: Iterable[Finding], locale: str, document: Mapping[str, Any] | None = None
) -> list[wire.TariffFinding]:
    """In the reader's language, with what mends them in the document, if it is given."""
    return [
        wire.TariffFinding(
            code=finding.code,
            severity=finding.severity,
            message=render(f"tariff.{finding.code}", _name_params(finding, document), locale),
            pointer=finding.pointer,
            fix=_present_fix(finding, document, locale) if document is not None else None,
        )
        for finding in findings
    ]


def _name_params(finding: Finding, document: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Regions and rows by their names instead of their keys."""
    params: dict[str, Any] = dict(finding.params)
    if "region_name" in params:
        params["region"] = params["region_name"]
    rows = document.get("rows") if document is not None else None
    names = {str(row.get("id")): row.get("name") for row in rows or () if isinstance(row, Mapping)}
    for each in ("row", "other"):
        name = names.get(str(params.get(each)))
        if isinstance(name, Mapping) and name.get("zh") and name.get("en"):
            params[each] = {"zh": str(name["zh"]), "en": str(name["en"])}
    return params


def _present_fix(finding: Finding, document: Mapping[str, Any], locale: str) -> TariffFix | None:
    edits = propose(document, finding)
    if not edits:
        return None
    return TariffFix(
        label=render(f"fix.{finding.code}", {}, locale),
        edits=[TariffEdit(op=edit.op, path=edit.path, value=edit.value) for edit in edits],
    )


def present_words(tariff: Tariff | None, locale: str) -> list[wire.RowWords]:
    """Each row's rule as one text."""
    if tariff is None:
        return []
    return [
        wire.RowWords(row=row.id, text=join_phrases(describe_row(tariff, row), locale)) for row in tariff.rows
    ]


async def require_valid(
    session: AsyncSession, actor: Actor, document: dict[str, Any], key: str | None = None
) -> Tariff:
    """Raises Invalid with every error, as pointers into the request's body."""
    return hold_valid(document, await list_regions(session, actor.workspace_id), key)


def hold_valid(document: dict[str, Any], regions: Iterable[Region], key: str | None = None) -> Tariff:
    """The same, with the workspace's regions at hand."""
    tariff, findings = check_document(document, regions, key)
    errors = [finding for finding in findings if finding.severity == "error"]
    if tariff is None or errors:
        faults = [
            FieldError(f"/document{found.pointer}", f"tariff.{found.code}", dict(found.params))
            for found in errors
        ]
        raise Invalid("tariff_refused", errors=faults)
    return tariff
