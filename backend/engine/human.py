"""What people do with work beside finishing it: send it back, ask one more signer, take it back, let it
rest.

None of these loses a task: what is closed is closed by a command, and a token that was moved opens the
tasks of the step it was moved to.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from backend.engine.assigning import require_other_eyes
from backend.engine.calendar import CalendarClosed, add_working_time, working_between
from backend.engine.clocks import rebase_clocks
from backend.engine.commands import CancelTimer, CloseTask, Finish, OpenTask, SetTimer, UpdateTask
from backend.engine.events import CalendarChanged, Resumed, Returned, SignerAdded, Suspended, Withdrawn
from backend.engine.holdings import drop_holdings, kill_all, release_token
from backend.engine.release import Release
from backend.engine.run import Refused, Run
from backend.engine.state import (
    Calendar,
    Footprint,
    HeldTimer,
    State,
    Suspension,
    Task,
    Timer,
    Token,
    WayBack,
)
from backend.engine.timers import disarm
from backend.node_sdk import Offer

ALWAYS = Calendar()
LONGEST_TRAIL = 200
MAX_SIGNERS = 20
BELONG_TO_TICKET = ("clock", "resume")


def find_open_task(run: Run, task_id: str) -> Task:
    """A task that people may act on now. Raises Refused (`task_closed`, `ticket_suspended`)."""
    task = run.state.tasks.get(task_id)
    if task is None or task.outcome is not None or run.state.status != "running":
        raise Refused("task_closed", task=task_id)
    if run.state.suspended is not None:
        raise Refused("ticket_suspended", task=task_id)
    return task


# --- one more signer ---


def add_signer(run: Run, event: SignerAdded) -> None:
    """Open the same step once more for one person; the node counts them among those it asked."""
    task = find_open_task(run, event.task)
    if task.kind != "approval":
        raise Refused("not_an_approval", task=task.id)
    siblings = [other for other in run.state.tasks.values() if other.token == task.token]
    if any(other.assignee == event.member for other in siblings if other.outcome is None):
        raise Refused("already_signer", task=task.id)
    if len(siblings) > MAX_SIGNERS:
        raise Refused("too_many_signers", limit=MAX_SIGNERS)
    require_other_eyes(run, task, event.member)
    signer = replace(
        task,
        id=run.next_id("k"),
        offer=Offer(to="member", member=event.member),
        assignee=event.member,
        opened_at=run.now,
        claimed_at=None,
        acknowledge=None,
        added_by=event.by or "",
    )
    run.state.tasks[signer.id] = signer
    run.commands.append(OpenTask(task=signer))
    for timer in [timer for timer in run.state.timers.values() if timer.task == task.id]:
        if timer.kind != "acknowledge":
            _set(run, replace(timer, id=run.next_id("m"), task=signer.id))


# --- sending back ---


class ReturnTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A step that work can be returned to. `direct`: it can come straight back from there."""

    node: str
    scopes: tuple[str, ...]
    direct: bool


def leave_footprint(run: Run, token: Token) -> None:
    """Remember that a human step was reached here."""
    mark = Footprint(node=token.node, scopes=token.scopes)
    trail = run.state.trail
    if mark in trail:
        trail = tuple([other for other in trail if other != mark])
    run.state.trail = (*trail[1 - LONGEST_TRAIL :], mark)


def list_returns(release: Release, state: State, token: Token) -> list[ReturnTarget]:
    """Earlier human steps of this token's own way, the latest first, each once.

    Steps before a parallel block may be returned to (the whole block is then withdrawn); steps inside a
    block that is over, or on another branch, may not: no token would meet this one at the join.
    """
    found: dict[str, ReturnTarget] = {}
    for mark in reversed(state.trail):
        if mark.node == token.node or mark.node in found or mark.node not in release.nodes:
            continue
        if token.scopes[: len(mark.scopes)] == mark.scopes and _leads_here(release, state, mark, token):
            direct = mark.scopes == token.scopes
            found[mark.node] = ReturnTarget(node=mark.node, scopes=mark.scopes, direct=direct)
    return list(found.values())


def _leads_here(release: Release, state: State, mark: Footprint, token: Token) -> bool:
    """Whether a way leads from the step to the token without leaving the innermost block of the step."""
    forks = [state.scopes[scope].node for scope in mark.scopes if scope in state.scopes]
    fork = next((node for node in reversed(forks) if node), None)
    seen, waiting = {mark.node}, deque([mark.node])
    while waiting:
        here = release.nodes[waiting.popleft()]
        for edge in here.edges:
            if edge.target == token.node:
                return True
            node = release.nodes[edge.target]
            if edge.target not in seen and not (fork is not None and fork in node.forks):
                seen.add(edge.target)
                waiting.append(edge.target)
    return False


def send_back(run: Run, event: Returned) -> None:
    """Move the task's token back to an earlier human step."""
    task = find_open_task(run, event.task)
    token = run.take(run.state.tokens[task.token])
    if task.offer.to == "customer" or token.wait != "task" or token.undoes is not None:
        raise Refused("cannot_return", node=event.to)
    targets = {target.node: target for target in list_returns(run.release, run.state, token)}
    target = targets.get(event.to)
    if target is None:
        raise Refused("cannot_return", node=event.to)
    if event.resume == "direct" and not target.direct:
        raise Refused("cannot_come_back", node=event.to)
    del run.state.tasks[task.id]
    run.commands.append(CloseTask(task=task.id, reason="completed", outcome="returned", member=event.by))
    drop_holdings(run, token)
    _stop_listening(run, token)
    _withdraw_branches(run, token, token.scopes[len(target.scopes) :])
    token.back = WayBack(node=token.node, member=event.by) if event.resume == "direct" else None
    token.give = run.state.people.get(event.to)
    _place(run, token, event.to, target.scopes)


def _withdraw_branches(run: Run, token: Token, scopes: tuple[str, ...]) -> None:
    """The block is left backwards: whatever else is open in it has no join to go to any more."""
    if not scopes:
        return
    left = set(scopes)
    for other in list(run.state.tokens.values()):
        if other.id != token.id and left.intersection(other.scopes):
            release_token(run, other)
    run.scopes_changed = True


def _stop_listening(run: Run, token: Token) -> None:
    """Events at the boundary belong to the visit that ends here."""
    if token.armed:
        disarm(run, token)
        token.armed = False
        token.catches = ()


def _place(run: Run, token: Token, node: str, scopes: tuple[str, ...]) -> None:
    token.node, token.edge, token.scopes = node, None, scopes
    token.wait, token.since, token.memo = None, run.now, {}
    run.arrivals.append(token)


def come_back(run: Run, token: Token) -> bool:
    """The step that work was returned to is done: straight back to who returned it. False: go on as
    drawn."""
    back, token.back = token.back, None
    if back is None or back.node not in run.release.nodes:
        return False
    drop_holdings(run, token)
    _stop_listening(run, token)
    token.give = back.member
    _place(run, token, back.node, token.scopes)
    run.note("came_back", back.node)
    return True


# --- taking back ---


def withdraw(run: Run, event: Withdrawn) -> None:
    """Whoever opened the ticket calls it off, as far as the workflow lets them."""
    state = run.state
    if state.status != "running":
        raise Refused("not_running")
    if not may_withdraw(run.release, state):
        raise Refused("cannot_withdraw")
    kill_all(run, list(state.tokens.values()))
    state.status, state.result, state.scopes = "cancelled", "withdrawn", {}
    run.scopes_changed = False
    run.commands.append(Finish(status="cancelled", result="withdrawn"))


def may_withdraw(release: Release, state: State) -> bool:
    """Whether the workflow's settings allow it now; `before_first_task`: until staff finished something."""
    policy = release.definition.settings.withdraw
    return policy == "any_time" or (policy == "before_first_task" and not state.handling)


# --- resting ---


def suspend(run: Run, event: Suspended) -> None:
    """Let the ticket rest; `hold_timers` then stops what ticks."""
    state = run.state
    if state.status != "running":
        raise Refused("not_running")
    if state.suspended is not None:
        raise Refused("already_suspended")
    if event.until is not None and event.until <= run.now:
        raise Refused("until_past")
    state.suspended = Suspension(since=run.now, by=event.by, reason=event.reason, until=event.until)
    if event.until is not None:
        _set(run, Timer(id=run.next_id("m"), token="", kind="resume", at=event.until))


def resume(run: Run, event: Resumed) -> None:
    if run.state.suspended is None:
        raise Refused("not_suspended")
    go_on(run)


def hold_timers(run: Run) -> None:
    """While the ticket rests no timer of a token ticks, not even one that was set meanwhile."""
    state = run.state
    assert state.suspended is not None
    held = list(state.suspended.held)
    for timer in [timer for timer in state.timers.values() if timer.kind not in BELONG_TO_TICKET]:
        del state.timers[timer.id]
        run.commands.append(CancelTimer(timer=timer.id))
        held.append(HeldTimer(timer=timer, left=_left(run, state.ticket.calendar, timer)))
    state.suspended = replace(state.suspended, held=tuple(held))


def _left(run: Run, calendar: Calendar, timer: Timer) -> timedelta:
    if not timer.working:
        return max(timer.at - run.now, timedelta())
    return working_between(calendar, run.now, timer.at)


def go_on(run: Run) -> None:
    """Every timer runs again with the time it had left."""
    state = run.state
    suspension, state.suspended = state.suspended, None
    for timer in [timer for timer in state.timers.values() if timer.kind == "resume"]:
        del state.timers[timer.id]
        run.commands.append(CancelTimer(timer=timer.id))
    for held in suspension.held if suspension else ():
        _reset(run, held.timer, held.left)


def _reset(run: Run, timer: Timer, left: timedelta) -> None:
    """Set a timer anew so that it fires when `left` has passed; a due task shows its new limit."""
    calendar = run.state.ticket.calendar if timer.working else ALWAYS
    try:
        at = add_working_time(calendar, run.now, left)
    except CalendarClosed:
        at = max(timer.at, run.now)
    _set(run, replace(timer, id=run.next_id("m"), at=at))
    if timer.kind == "due" and timer.task in run.state.tasks:
        task = run.state.tasks[timer.task]
        _move_limit(run, task, at)


def _move_limit(run: Run, task: Task, at: datetime) -> None:
    moved = replace(task, due_at=at)
    run.state.tasks[task.id] = moved
    run.commands.append(UpdateTask(task=moved, silent=True))


def _set(run: Run, timer: Timer) -> None:
    run.state.timers[timer.id] = timer
    run.commands.append(SetTimer(timer=timer))


def end_work(run: Run) -> None:
    """The ticket is over: nothing that belongs to it as a whole ticks on."""
    state = run.state
    state.trail = ()
    state.suspended = None
    state.closing = None
    state.completed = ()
    for timer in list(state.timers.values()):
        if timer.kind in BELONG_TO_TICKET:
            del state.timers[timer.id]
            run.commands.append(CancelTimer(timer=timer.id))


# --- another calendar ---


def change_calendar(run: Run, event: CalendarChanged) -> None:
    """What was counted stays; what is left is reckoned in the new hours. Raises Refused when nothing is
    new."""
    state = run.state
    before = state.ticket.calendar
    if state.status != "running" or before == event.calendar:
        raise Refused("calendar_unchanged", stale=True)
    moving = [
        (timer, _left(run, before, timer))
        for timer in state.timers.values()
        if timer.working and timer.at > run.now
    ]
    state.ticket = replace(state.ticket, calendar=event.calendar)
    run.forget_context()
    for timer, left in moving:
        del state.timers[timer.id]
        run.commands.append(CancelTimer(timer=timer.id))
        _reset(run, timer, left)
    rebase_clocks(run, before)
