"""What the draft's forms mean for answers already given: the evolution guard, tried on running tickets."""

from __future__ import annotations

from typing import Any

import anyio.to_thread
import msgspec
from litestar import Controller, get
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import versions as wire
from backend.contracts.common import Page, Text
from backend.db.models import Release, Ticket
from backend.db.session import Database
from backend.features.platform.actor import Actor, requires
from backend.features.versions import queries
from backend.features.versions.queries import Names
from backend.forms.evolution import Change, compare
from backend.forms.validation import compile_form
from backend.graph.model import Definition, Form
from backend.messages import render
from backend.runtime.versions.fitting import field_of, list_fields

MOST_TICKETS = 2000
MOST_CHANGES = 20
RANK = {"safe": 0, "needs_mapping": 1, "breaking": 2}


class _Answers(msgspec.Struct):
    data: dict[str, Any] = {}


class FormVerdictController(Controller):
    """Beside the publish preview."""

    path = "/workflows/{workflow_id:str}/form-verdicts"
    tags = ("versions",)

    @get("", guards=[requires("view", "edit", "publish")])
    async def list_verdicts(
        self, workflow_id: str, actor: Actor, database: Database, locale: str
    ) -> Page[wire.FormVerdict]:
        """Forms that differ from the newest release: safe, in need of a mapping, or breaking; and how many
        running tickets hold an answer that the new version would refuse."""
        async with database.reading() as session:
            draft = await queries.find_draft(session, actor, workflow_id)
            known = await _find_newest(session, actor, workflow_id)
            if known is None:
                return Page(items=[])
            states = select(Ticket.state).where(
                Ticket.workspace_id == actor.workspace_id,
                Ticket.workflow_id == workflow_id,
                Ticket.status.in_(("running", "suspended")),
            )
            texts = list(
                (await session.execute(states.order_by(Ticket.id.desc()).limit(MOST_TICKETS))).scalars()
            )
        names = queries.name_definitions(
            Names(members={}, regions={}, departments={}),
            [known, msgspec.json.encode(draft.definition).decode()],
        )
        before = msgspec.json.decode(known, type=Definition)
        after = msgspec.convert(draft.definition, Definition)
        judge = (before, after, texts, names, locale)
        return Page(items=await anyio.to_thread.run_sync(judge_forms, *judge))


async def _find_newest(session: AsyncSession, actor: Actor, workflow_id: str) -> str | None:
    statement = (
        select(Release.definition)
        .where(Release.workspace_id == actor.workspace_id, Release.workflow_id == workflow_id)
        .order_by(Release.number.desc())
        .limit(1)
    )
    found: str | None = (await session.execute(statement)).scalar_one_or_none()
    return found


def judge_forms(
    before: Definition, after: Definition, states: list[str], names: Names, locale: str
) -> list[wire.FormVerdict]:
    """Only forms that differ; one that is gone loses every answer from sight."""
    answers = [msgspec.json.decode(text, type=_Answers).data for text in states if text]
    found = []
    for key, form in before.forms.items():
        new = after.forms.get(key)
        if new != form:
            found.append(_judge_form(key, form, new, answers, names, locale))
    return sorted(found, key=lambda item: -RANK[item.verdict])


def _judge_form(  # noqa: PLR0917 - one form, before and after
    key: str, form: Form, new: Form | None, answers: list[dict[str, Any]], names: Names, locale: str
) -> wire.FormVerdict:
    fields = list_fields(form)
    holding = [data for data in answers if any(data.get(name) is not None for name in fields)]
    title = Text(form.title.zh or form.title.en or key, form.title.en or form.title.zh or key)
    if new is None:
        words = [render("evolution.form_removed", {}, locale)]
        return wire.FormVerdict(
            form=key, title=title, verdict="needs_mapping", changes=words, tickets=len(holding), unfit=0
        )
    changes = compare(msgspec.to_builtins(form), msgspec.to_builtins(new))
    verdict = max((change.verdict for change in changes), key=RANK.__getitem__, default="safe")
    touched = {field_of(change) for change in changes if change.verdict != "safe"} & set(fields)
    validator = compile_form(msgspec.to_builtins(new)).validator
    kept = set(list_fields(new))
    unfit = sum(
        not validator.is_valid({name: data[name] for name in touched & kept if data.get(name) is not None})
        for data in holding
    )
    words = [_say(change, names, locale) for change in changes[:MOST_CHANGES]]
    return wire.FormVerdict(
        form=key,
        title=title,
        verdict=verdict,
        changes=list(dict.fromkeys(words)),
        tickets=len(holding),
        unfit=unfit,
    )


def _say(change: Change, names: Names, locale: str) -> str:
    field = field_of(change)
    label = msgspec.to_builtins(names.fields.get(field, Text(field, field)))
    return render(f"evolution.{change.code}", {**change.params, "field": label}, locale)
