"""A running ticket goes on under another release: the event `Migrated`, applied with the new one.

Everything that names a node is renamed; what stands open stays open under its own id, with its people, its
drafts and the time it has had. Only where the settings of a step differ is what it holds fitted to them:
buttons and fields of a task, time limits (counted from the same beginning), the moment of a wait. What the
old release knew and this needs (which edges lead into a join, which limits differ) is in the event, so a
log replays without a second look at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from backend.engine.assigning import await_taking
from backend.engine.boundaries import arm
from backend.engine.calendar import CalendarClosed
from backend.engine.clocks import restart_clock
from backend.engine.commands import (
    CancelJob,
    CancelTimer,
    CloseIncident,
    CloseTask,
    OpenTask,
    RaiseIncident,
    SetTimer,
    UpdateTask,
)
from backend.engine.events import Migrated
from backend.engine.release import CompiledNode
from backend.engine.run import Refused, Run
from backend.engine.state import Clock, State, Task, Timer, Token
from backend.engine.subscriptions import Wait, list_own_waits, make_key, subscribe, unsubscribe
from backend.engine.timers import cancel_timers, disarm, fall_asleep, set_task_timers, task_moment
from backend.graph.clocks import target_of
from backend.graph.expressions import ExpressionFailed
from backend.node_sdk import Call, OpenTasks, Outcome, Signal, Sleep, TaskSpec

SLOTS = frozenset({"creator", "owner"})
"""Names among the people of a ticket that are no nodes."""


def migrate(run: Run, event: Migrated) -> None:
    """Raises Refused `not_running`, `node_unmapped`."""
    if run.state.status != "running":
        raise Refused("not_running")
    if event.former is not None:
        restore(run, event.former)
    else:
        before = run.state.tokens
        _rename(run, event)
        _follow_subscriptions(run, before)
        _fit(run, event)
    joined = any(token.wait == "join" for token in run.state.tokens.values())
    run.scopes_changed = run.scopes_changed or joined
    run.forget_context()
    code = "ticket_migrated_back" if event.undo else "ticket_migrated"
    run.note(code, member=event.by, number=event.number)


# --- names ---


def _rename(run: Run, event: Migrated) -> None:
    state, nodes = run.state, run.release.nodes

    def name(node: str) -> str:
        return event.mapping.get(node, node)

    def require(node: str) -> str:
        found = name(node)
        if found not in nodes:
            raise Refused("node_unmapped", node=node)
        return found

    state.tokens = {key: _rename_token(run, token, event, require) for key, token in state.tokens.items()}
    state.scopes = {
        key: replace(
            scope,
            node=require(scope.node) if scope.node else "",
            passed=tuple(name(join) for join in scope.passed),
        )
        for key, scope in state.scopes.items()
    }
    _rename_tasks(run, name, require)
    state.jobs = {key: replace(job, node=require(job.node)) for key, job in state.jobs.items()}
    state.incidents = {
        key: replace(
            incident,
            node=require(incident.node),
            job=replace(incident.job, node=require(incident.job.node)) if incident.job else None,
        )
        for key, incident in state.incidents.items()
    }
    state.visits = _merge(state.visits, name)
    state.handling = _merge(state.handling, name)
    state.efforts = {name(node): shares for node, shares in state.efforts.items()}
    people = {slot if slot in SLOTS else name(slot): member for slot, member in state.people.items()}
    state.people = people
    _rename_memory(state, name, nodes)


def _rename_token(run: Run, token: Token, event: Migrated, require: Callable[[str], str]) -> Token:
    back = token.back
    if back is not None:
        node = event.mapping.get(back.node, back.node)
        back = replace(back, node=node) if node in run.release.nodes else None
    edge = event.edges.get(token.edge, token.edge) if token.edge is not None else None
    return replace(token, node=require(token.node), edge=edge, back=back)


def _rename_tasks(run: Run, name: Callable[[str], str], require: Callable[[str], str]) -> None:
    for key, task in list(run.state.tasks.items()):
        not_by = tuple(slot if slot in SLOTS else name(slot) for slot in task.not_by)
        after = replace(task, node=require(task.node), not_by=not_by)
        if after != task:
            run.state.tasks[key] = after
            if after.outcome is None:
                run.commands.append(UpdateTask(task=after, silent=True))


def _rename_memory(state: State, name: Callable[[str], str], nodes: dict[str, CompiledNode]) -> None:
    """What the ticket remembers of steps behind it; a step that is gone cannot be gone back to or undone."""
    trail = (replace(step, node=name(step.node)) for step in state.trail)
    state.trail = tuple(step for step in trail if step.node in nodes)
    done = (replace(step, node=name(step.node)) for step in state.completed)
    state.completed = tuple(step for step in done if step.node in nodes and nodes[step.node].compensation)
    state.clocks = {
        key: replace(clock, pauses=tuple(name(cause) for cause in clock.pauses))
        for key, clock in state.clocks.items()
    }


def _merge(counts: dict[str, int], name: Callable[[str], str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for node, count in counts.items():
        found[name(node)] = found.get(name(node), 0) + count
    return found


def _list_waits(token: Token) -> list[Wait]:
    caught = [Wait(catch.kind, catch.name, catch.correlation, catch.port) for catch in token.catches]
    return [*list_own_waits(token), *caught]


def _follow_subscriptions(run: Run, before: dict[str, Token]) -> None:
    """A subscription's key names the node: one that moved is taken out anew."""
    for key, token in run.state.tokens.items():
        known = before.get(key)
        if known is None or make_key(known) == make_key(token):
            continue
        for wait in _list_waits(known):
            unsubscribe(run, known, wait)
        for wait in _list_waits(token):
            subscribe(run, token, wait)


# --- settings that differ ---


def _fit(run: Run, event: Migrated) -> None:
    for key in list(run.state.tokens):
        token = run.state.tokens[key]
        node = run.release.nodes[token.node]
        if token.node in event.changed:
            if token.wait == "task":
                _fit_tasks(run, token, node, event)
            elif token.wait in {"timer", "message"}:
                _fit_wait(run, run.take(token), node)
        if token.node in event.rearmed and token.armed:
            _rearm(run, run.take(run.state.tokens[key]), node)
    _fit_clocks(run, event)


@contextmanager
def looking_back(run: Run, moment: datetime) -> Iterator[None]:
    """As if it were that moment: what is counted from it keeps the time it has had."""
    now, run.now = run.now, moment
    run.forget_context()
    try:
        yield
    finally:
        run.now = now
        run.forget_context()


def derive_specs(
    run: Run, token: Token, node: CompiledNode, tasks: Sequence[Task]
) -> tuple[TaskSpec, ...] | None:
    """The tasks that the node would open for the people who hold these; None when it would not."""
    members = [task.offer.member for task in tasks if task.offer.member is not None]
    try:
        with looking_back(run, tasks[0].opened_at):
            context = run.node_context(token)
            outcome: Outcome = node.enter(node.config, context)
            if isinstance(outcome, Call) and node.resume is not None:
                answer = Signal(kind="job_done", result={"members": members})
                outcome = node.resume(node.config, context, answer)
    except Exception:  # whatever a node throws: it cannot say what it would ask
        return None
    return outcome.tasks if isinstance(outcome, OpenTasks) else None


def pair(tasks: Sequence[Task], specs: Sequence[TaskSpec]) -> list[tuple[Task, TaskSpec]] | None:
    """Each open task with what the node asks now: by member, else in order. None when they do not go
    together."""
    own = [task for task in tasks if task.added_by is None]
    by_member = {spec.offer.member: spec for spec in specs if spec.offer.to == "member"}
    pairs: list[tuple[Task, TaskSpec]] = []
    if len(specs) == 1 and len(own) == 1:
        pairs = [(own[0], specs[0])]
    else:
        for task in own:
            spec = by_member.get(task.offer.member)
            if spec is None:
                return None
            pairs.append((task, spec))
    fits = all(task.kind == spec.kind for task, spec in pairs)
    return pairs if fits and len(pairs) == len(specs) else None


def _fit_tasks(run: Run, token: Token, node: CompiledNode, event: Migrated) -> None:
    tasks = [task for task in run.state.tasks.values() if task.token == token.id]
    specs = derive_specs(run, token, node, tasks) if tasks else None
    for task, spec in (pair(tasks, specs) if specs is not None else None) or ():
        if task.outcome is None:
            _fit_task(run, token, node, task, spec, event)


def _fit_task(  # noqa: PLR0917 - all that a task hangs on
    run: Run, token: Token, node: CompiledNode, task: Task, spec: TaskSpec, event: Migrated
) -> None:
    """Who has it keeps it; what it asks is the new step's."""
    sla = spec.sla
    after = replace(
        task,
        form=spec.form,
        actions=spec.actions,
        access=spec.access,
        show=spec.show,
        not_by=spec.not_by,
        offer=task.offer if task.offer.to == "member" else spec.offer,
        timeout_port=sla.timeout_port if sla and sla.timeout_port in node.ports else None,
    )
    if task.id in event.reset:
        cancel_timers(run, token, task.id)
        lag = timedelta(seconds=event.lags.get(task.id, 0))
        with looking_back(run, task.opened_at + lag):
            after = replace(
                after, due_at=task_moment(run, sla, 100) if sla else None, acknowledge=spec.acknowledge
            )
            first = len(run.commands)
            run.state.tasks[task.id] = after
            if sla is not None:
                set_task_timers(run, token, after, sla)
            if after.acknowledge is not None and after.claimed_at is None:
                await_taking(run, after)
        _drop_passed(run, first)
    run.state.tasks[task.id] = after
    if after != task:
        run.commands.append(UpdateTask(task=after, silent=True))


def _drop_passed(run: Run, first: int) -> None:
    """Reminders of moments long past are not sent again; a time limit that has passed counts at once."""
    kept = []
    for command in run.commands[first:]:
        if isinstance(command, SetTimer) and command.timer.at <= run.now and command.timer.kind != "due":
            run.state.timers.pop(command.timer.id, None)
        else:
            kept.append(command)
    run.commands[first:] = kept


def _fit_wait(run: Run, token: Token, node: CompiledNode) -> None:
    """Ask again from when it began to wait. Where that cannot be asked, it waits as it did."""
    try:
        with looking_back(run, token.since):
            outcome = node.enter(node.config, run.node_context(token))
    except Exception:  # as above
        return
    if isinstance(outcome, Sleep):
        cancel_timers(run, token)
        fall_asleep(run, token, outcome)


def _rearm(run: Run, token: Token, node: CompiledNode) -> None:
    disarm(run, token)
    token.catches = ()
    try:
        with looking_back(run, token.since):
            arm(run, token, node)
    except (ExpressionFailed, CalendarClosed):
        run.note("boundary_not_set", node.id, port="")


def _fit_clocks(run: Run, event: Migrated) -> None:
    for key in event.clocks:
        if key in run.state.clocks:
            restart_clock(run, key)
    for key, config in run.release.clocks.items():
        target = target_of(config, run.state.ticket.priority)
        if key not in run.state.clocks and target:
            run.state.clocks = {**run.state.clocks, key: Clock(target=target, started_at=run.now)}


# --- going back ---


def restore(run: Run, former: State) -> None:
    """The state as it was. Ids are never given out twice: clocks that were called off since get new ones."""
    state = run.state
    for token in state.tokens.values():
        known = former.tokens.get(token.id)
        if known is None or _list_waits(known) != _list_waits(token) or make_key(known) != make_key(token):
            for wait in _list_waits(token):
                unsubscribe(run, token, wait)
    for token in former.tokens.values():
        here = state.tokens.get(token.id)
        if here is None or _list_waits(here) != _list_waits(token) or make_key(here) != make_key(token):
            for wait in _list_waits(token):
                subscribe(run, token, wait)
    _restore_tasks(run, former)
    timers = _restore_timers(run, former)
    for job in state.jobs.values():
        if job.id not in former.jobs:
            run.commands.append(CancelJob(job=job.id, kind=job.kind))
    for key in state.incidents:
        if key not in former.incidents:
            run.commands.append(CloseIncident(incident=key))
    for incident in former.incidents.values():
        if incident.id not in state.incidents:
            run.commands.append(RaiseIncident(incident=incident))
    copied = Run(run.release, former, run.now).state
    run.state = replace(copied, seq=run.state.seq, version=state.version, timers=timers)


def _restore_tasks(run: Run, former: State) -> None:
    for task in run.state.tasks.values():
        if task.id not in former.tasks and task.outcome is None:
            run.commands.append(CloseTask(task=task.id, reason="cancelled"))
    for task in former.tasks.values():
        here = run.state.tasks.get(task.id)
        if here is None:
            run.commands.append(OpenTask(task=task))
        elif here != task:
            run.commands.append(UpdateTask(task=task, silent=True))


def _restore_timers(run: Run, former: State) -> dict[str, Timer]:
    here = run.state.timers
    for key, timer in here.items():
        if former.timers.get(key) != timer:
            run.commands.append(CancelTimer(timer=key))
    timers: dict[str, Timer] = {}
    for key, timer in former.timers.items():
        if here.get(key) == timer:
            timers[key] = timer
        else:
            anew = replace(timer, id=run.next_id("m"))
            timers[anew.id] = anew
            run.commands.append(SetTimer(timer=anew))
    return timers


def list_unknown(state: State, known: dict[str, frozenset[str]]) -> list[str]:
    """Holdings that this module knows nothing of, by `Struct.field`: they stay as they are."""
    parts: list[Any] = [state, *state.tokens.values(), *state.scopes.values(), *state.tasks.values()]
    parts += [*state.timers.values(), *state.jobs.values(), *state.incidents.values()]
    found: dict[str, None] = {}
    for part in parts:
        own = known.get(type(part).__name__, frozenset())
        defaults = type(part).__struct_defaults__
        fields = type(part).__struct_fields__
        # keyword-only structs name a default for each field, a marker for those without
        for field, default in zip(fields[len(fields) - len(defaults) :], defaults, strict=True):
            value = getattr(part, field)
            if field not in own and value and value != default:
                found[f"{type(part).__name__}.{field}"] = None
    return list(found)
