"""What a tariff can speak of in this workspace: choices of forms, roles, steps, parties, measures.

Drawn from the drafts of workflows (their settle steps say which field chooses by which dimension, and which
number is called what) and from the tariffs there are. A help for the editor, never a check.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from litestar import Controller, get
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tariff_vocabulary as wire
from backend.contracts.common import Text
from backend.db.models import Draft, Role, TariffRevision, Workflow
from backend.features.platform.actor import Actor, requires
from backend.forms.fields import Field, list_fields
from backend.graph.registry import Registry
from backend.messages import LOCALES, load_texts, render
from backend.settlement.tariff import DIMENSIONS

MOST_WORKFLOWS = 30
"""The newest ones; a definition may be large, and a list of choices must stay one to choose from."""
MOST_TARIFFS = 60
MOST_CODES = 200
_KEYED = {"department", "partner", "account"}

Definition = Mapping[str, Any]
Codes = dict[str, dict[str, Text]]
"""Dimension -> code -> its name."""


class VocabularyController(Controller):
    """Words for the tariff editor."""

    path = "/tariffs"
    tags = ("settlement",)

    @get("/vocabulary", guards=[requires("settle", "view", "edit", "publish")])
    async def show_vocabulary(
        self, actor: Actor, reading: AsyncSession, registry: Registry
    ) -> wire.Vocabulary:
        """Choices of the forms, roles, steps, parties and measures that a tariff may name."""
        flows = await load_workflows(reading, actor.workspace_id)
        documents = await _load_tariffs(reading, actor.workspace_id)
        roles = select(Role.key, Role.name).where(Role.workspace_id == actor.workspace_id).order_by(Role.key)
        human = {node_type.type for node_type in registry if node_type.family == "human"}
        return wire.Vocabulary(
            dimensions=_present_codes(definition for _, definition in flows),
            roles=[
                wire.NamedCode(value=key, label=Text(**name))
                for key, name in (await reading.execute(roles)).all()
            ],
            steps=[step for name, definition in flows for step in _list_steps(name, definition, human)],
            parties=_list_parties(documents),
            measures=_list_measures(documents, [definition for _, definition in flows]),
        )


async def load_workflows(session: AsyncSession, workspace_id: str) -> list[tuple[Text, Definition]]:
    """Names and drafts."""
    statement = (
        select(Workflow.name, Draft.definition)
        .join(Draft, Draft.workflow_id == Workflow.id)
        .where(Workflow.workspace_id == workspace_id)
        .order_by(Workflow.updated_at.desc())
        .limit(MOST_WORKFLOWS)
    )
    return [(Text(**name), definition) for name, definition in (await session.execute(statement)).all()]


async def _load_tariffs(session: AsyncSession, workspace_id: str) -> list[Definition]:
    """The newest revision of each."""
    newest = (
        select(TariffRevision.tariff_id, func.max(TariffRevision.revision).label("revision"))
        .where(TariffRevision.workspace_id == workspace_id)
        .group_by(TariffRevision.tariff_id)
        .limit(MOST_TARIFFS)
        .subquery()
    )
    statement = select(TariffRevision.document).join(
        newest,
        (newest.c.tariff_id == TariffRevision.tariff_id) & (newest.c.revision == TariffRevision.revision),
    )
    return list((await session.execute(statement)).scalars())


def _present_codes(definitions: Iterable[Definition]) -> dict[str, list[wire.NamedCode]]:
    found: Codes = {dimension: {} for dimension in DIMENSIONS}
    for definition in definitions:
        _collect_choices(definition, found)
    for code in load_texts():
        _, _, rest = code.partition("code_")
        dimension, _, value = rest.partition("_")
        if code.startswith("code_") and dimension in found and value:
            found[dimension].setdefault(value, Text(*(render(code, {}, locale) for locale in LOCALES)))
    return {
        dimension: [
            wire.NamedCode(value=value, label=label) for value, label in list(codes.items())[:MOST_CODES]
        ]
        for dimension, codes in found.items()
    }


def _collect_choices(definition: Definition, found: Codes) -> None:
    """A dimension that a settle step reads from a field offers the choices of that field."""
    fields = read_fields(definition)
    for config in list_settle_configs(definition):
        for dimension in DIMENSIONS:
            field = fields.get(str(config.get(dimension) or "").strip())
            for choice in field.choices if field else ():
                if isinstance(choice.value, str):
                    found[dimension].setdefault(choice.value, Text(choice.label.zh, choice.label.en))


def read_fields(definition: Definition) -> dict[str, Field]:
    """By path, such as `data.amount`."""
    forms = definition.get("forms")
    named = {
        key: {**form, "schema": form.get("schema") or {}}
        for key, form in (forms.items() if isinstance(forms, Mapping) else ())
        if isinstance(form, Mapping)
    }
    return {field.path: field for field in list_fields(named)}


def list_nodes(definition: Definition) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """By id; what is no node is left out."""
    graph = definition.get("graph")
    nodes = graph.get("nodes") if isinstance(graph, Mapping) else None
    for key, node in (nodes or {}).items() if isinstance(nodes, Mapping) else ():
        if isinstance(node, Mapping):
            yield key, node


def list_settle_configs(definition: Definition) -> Iterator[Mapping[str, Any]]:
    """Of the steps that book."""
    for _, node in list_nodes(definition):
        config = node.get("config")
        if node.get("type") == "settle" and isinstance(config, Mapping):
            yield config


def _list_steps(name: Text, definition: Definition, human: set[str]) -> list[wire.WorkStep]:
    return [
        wire.WorkStep(workflow=name, node=key, label=_read_text(node.get("label"), key))
        for key, node in list_nodes(definition)
        if node.get("type") in human
    ]


def _list_parties(documents: Iterable[Definition]) -> list[wire.KnownParty]:
    found = {
        (ref["party"], ref["key"]): None
        for document in documents
        for ref in _walk(document.get("rows"))
        if ref.get("party") in _KEYED and isinstance(ref.get("key"), str) and ref["key"]
    }
    return [wire.KnownParty(party=party, key=key) for party, key in sorted(found)]


def _walk(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every map inside a document."""
    if isinstance(value, Mapping):
        yield value
        for item in value.values():
            yield from _walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item)


def _list_measures(
    documents: Iterable[Definition], definitions: Iterable[Definition]
) -> dict[str, dict[str, Any]]:
    """As tariffs declare them; what only workflows count takes its name from the field it is read from."""
    found: dict[str, dict[str, Any]] = {}
    for document in documents:
        for key, measure in (document.get("measures") or {}).items():
            found.setdefault(key, measure)
    for definition in definitions:
        fields = read_fields(definition)
        for config in list_settle_configs(definition):
            for quantity in config.get("quantities") or ():
                key = quantity.get("measure") if isinstance(quantity, Mapping) else None
                if isinstance(key, str) and key and key not in found:
                    found[key] = _name_measure(key, fields.get(str(quantity.get("value") or "").strip()))
    return found


def _name_measure(key: str, field: Field | None) -> dict[str, Any]:
    label = {"zh": field.label.zh or key, "en": field.label.en or key} if field else {"zh": key, "en": key}
    return {"label": label, "kind": "money" if field and field.type == "money" else "number"}


def _read_text(value: Any, fallback: str) -> Text:
    if not isinstance(value, Mapping):
        return Text(fallback, fallback)
    zh, en = str(value.get("zh") or ""), str(value.get("en") or "")
    return Text(zh or en or fallback, en or zh or fallback)
