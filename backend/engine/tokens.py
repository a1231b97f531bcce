"""Everything that moves a token: entering a node, what its answer means, leaving by a port, dying.

A token waits for exactly one kind of thing between two events. Tokens that have just arrived stand in
`run.arrivals`
and are worked off until none is left: that is the whole automatic part of a ticket's life.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from backend.engine.boundaries import arm
from backend.engine.calendar import CalendarClosed
from backend.engine.commands import Finish, Note, Send
from backend.engine.compensation import list_pending, wait_for_undoing
from backend.engine.forking import fork, spread
from backend.engine.holdings import (
    close_open_tasks,
    kill_all,
    prune_scopes,
    release_token,
    start_job,
)
from backend.engine.incidents import raise_incident
from backend.engine.instances import begin_sequences, collect, go_on
from backend.engine.joins import Meeting, find_meeting, is_late
from backend.engine.leaving import leave
from backend.engine.races import drop_items
from backend.engine.release import CompiledNode
from backend.engine.run import Run, TokenContext
from backend.engine.state import Scope, Token
from backend.engine.tasks import open_tasks
from backend.engine.timers import cancel_timers, fall_asleep
from backend.engine.turns import find_holder, next_turn
from backend.engine.writing import write_fields
from backend.graph.expressions import ExpressionFailed
from backend.node_sdk import (
    Call,
    Choose,
    Compensate,
    Cut,
    End,
    Fail,
    Fork,
    Go,
    Join,
    OpenTasks,
    Outcome,
    Signal,
    Sleep,
    Spread,
    Stay,
    Watch,
)


def start_token(run: Run, node_id: str) -> None:
    token = Token(id=run.next_id("t"), node=node_id, since=run.now)
    run.state.tokens[token.id] = token
    run.arrivals.append(token)


def drain(run: Run) -> None:
    """Work off arrivals and joins until every token waits, then see whether the ticket is finished."""
    pruned = _settle(run)
    if run.release.has_turns:
        pruned = _give_turns(run) or pruned
    if run.release.has_watchers:
        pruned = wake_watchers(run) or pruned
    if pruned:
        prune_scopes(run)
    if run.state.status == "running":
        _finish_or_report(run)


def _settle(run: Run) -> bool:
    """Work off arrivals, joins and sequences. Whether scopes changed."""
    pruned = False
    _work_off(run)
    while run.scopes_changed:
        pruned = True
        _recheck_joins(run)
        if run.sequences:
            begin_sequences(run)
        _work_off(run)
    return pruned


def _give_turns(run: Run) -> bool:
    """Let the branches that wait for their turn go on, one after the other."""
    pruned = False
    while (token := next_turn(run)) is not None:
        token.wait = None
        call_node(run, token, run.node_of(token), None)
        pruned = _settle(run) or pruned
    return pruned


def wake_watchers(run: Run) -> bool:
    """Ask everybody who watches the ticket again, until nobody moves any more. What moves counts towards the
    bound of automatic steps."""
    pruned, moved = False, True
    while moved:
        moved = False
        for token_id in [token.id for token in run.state.tokens.values() if token.wait == "condition"]:
            token = run.state.tokens.get(token_id)
            if token is None or token.wait != "condition":
                continue
            call_node(run, run.take(token), run.node_of(token), Signal(kind="changed"))
            if run.arrivals or run.scopes_changed:
                moved = True
                pruned = _settle(run) or pruned
                if run.release.has_turns:
                    pruned = _give_turns(run) or pruned
    return pruned


def _work_off(run: Run) -> None:
    arrivals, tokens, visits = run.arrivals, run.state.tokens, run.state.visits
    nodes, limit, entered = run.release.nodes, run.release.most_entries, run.entered
    while arrivals:
        token = tokens.get(arrivals.popleft().id)
        if token is None:
            continue
        entered += 1
        if entered > limit:
            raise_incident(run, token, "endless_loop", {"limit": limit})
            continue
        key = token.node
        visits[key] = visit = visits.get(key, 0) + 1
        if token.visit != visit:
            token.visit = visit
        call_node(run, token, nodes[key], None)
    run.entered = entered


def _finish_or_report(run: Run) -> None:
    state = run.state
    if not state.tokens:
        if state.closing is not None:
            finish_cancelled(run, state.closing.reason, state.closing.by)
            return
        state.status = "completed"
        state.result = state.result or "completed"
        state.completed = ()
        run.commands.append(Finish(status="completed", result=state.result, error=state.error))
        return
    for token in state.tokens.values():
        if token.wait != "join":
            return
    token = min(state.tokens.values(), key=lambda token: int(token.id[1:]))
    raise_incident(run, run.take(token), "deadlock_now", {})


def finish_cancelled(run: Run, reason: str, by: str | None) -> None:
    """No token is left of a ticket that was stopped by hand."""
    state = run.state
    state.status = "cancelled"
    state.result = "cancelled"
    state.closing = None
    state.completed = ()
    run.note("ticket_cancelled", member=by, reason=reason)
    run.commands.append(Finish(status="cancelled", result="cancelled"))


def call_node(run: Run, token: Token, node: CompiledNode, signal: Signal | None) -> None:
    """Ask the node (enter without a signal, resume with one) and do what it answers. Errors become
    incidents."""
    try:
        outcome = node.constant if signal is None else None
        if outcome is None:
            outcome = _ask(run, token, node, signal)
        _ACTIONS[type(outcome)](run, token, node, outcome)
        if node.boundary and not token.armed and _begins_to_wait(run, token, node):
            arm(run, token, node)
    except ExpressionFailed as failed:
        raise_incident(run, token, failed.code, failed.params)
    except CalendarClosed as closed:
        raise_incident(run, token, "calendar_closed", {"zone": str(closed)})
    except OverflowError:
        raise_incident(run, token, "date_out_of_range", {})
    except Exception as error:  # a third party's node must stop its ticket, not the shell
        raise_incident(run, token, "node_error", {"type": type(error).__name__, "detail": str(error)[:200]})


def _begins_to_wait(run: Run, token: Token, node: CompiledNode) -> bool:
    """Whether the token now stands at this node for a while."""
    if token.wait in {None, "incident", "turn"}:
        return False
    return token.node == node.id and run.state.tokens.get(token.id) is token


def _ask(run: Run, token: Token, node: CompiledNode, signal: Signal | None) -> Outcome:
    context = TokenContext(run, token)
    if signal is None:
        return node.enter(node.config, context)
    if node.resume is None:
        return Fail(code="node_cannot_resume", params={"signal": signal.kind})
    return node.resume(node.config, context, signal)


# --- what an answer means ---


def _go(run: Run, token: Token, node: CompiledNode, outcome: Go) -> None:
    if outcome.set and not write_fields(run, token, outcome.set):
        return
    if outcome.ticket:
        try:
            run.change_ticket(outcome.ticket)
        except KeyError as error:
            raise_incident(run, token, "ticket_field_fixed", {"field": error.args[0]})
            return
    if outcome.people:
        run.state.people.update(outcome.people)
    for code, params in outcome.notes:
        run.commands.append(Note(code=code, node=node.id, params=params))
    for message in outcome.send:
        run.commands.append(Send(message=message, node=node.id))
    leave(run, token, node, outcome.port)


def _choose(run: Run, token: Token, node: CompiledNode, outcome: Choose) -> None:
    leave(run, token, node, "")


def _join(run: Run, token: Token, node: CompiledNode, outcome: Join) -> None:
    if outcome.keep_rest and token.scopes and is_late(run, token, node):
        go_on(run, token)
        release_token(run, token)
        return
    token.wait = "join"
    meeting = find_meeting(run, token, node)
    if meeting is not None:
        _meet(run, node, meeting)
    elif run.release.has_spreads:
        go_on(run, token)


def _meet(run: Run, node: CompiledNode, meeting: Meeting) -> None:
    """One token goes on for all that met; what is not awaited any more dies."""
    first = min(meeting.chosen, key=lambda token: int(token.id[1:]))
    group = run.state.scopes[meeting.group] if meeting.group is not None else None
    found = collect(run, group, meeting.chosen) if group is not None and group.into else None
    for other in (*meeting.chosen, *meeting.cancelled):
        if other is not first:
            release_token(run, other)
    if group is not None:
        _close_group(run, node, group, meeting)
    survivor = run.take(first)
    run.scopes_changed = run.scopes_changed or bool(survivor.scopes)
    survivor.scopes = meeting.scopes
    survivor.wait = None
    if group is None or found is None or write_fields(run, survivor, {group.into: found}):
        leave(run, survivor, node, "")


def _close_group(run: Run, node: CompiledNode, group: Scope, meeting: Meeting) -> None:
    """What the scope has still to begin is only begun where the rest may finish."""
    if meeting.passed:
        passed = (*group.passed, node.id)
        run.state.scopes[group.id] = replace(group, passed=passed)
        for token in meeting.chosen:
            go_on(run, token)
        return
    drop_items(run, lambda other: other.id == group.id or group.id in other.outer)


def _recheck_joins(run: Run) -> None:
    """After tokens died: a join that waited for them may go on now."""
    run.scopes_changed = False
    for token in list(run.state.tokens.values()):
        if token.wait == "join" and run.state.tokens.get(token.id) is token:
            node = run.release.nodes[token.node]
            meeting = find_meeting(run, token, node)
            if meeting is not None:
                _meet(run, node, meeting)


def _open(run: Run, token: Token, node: CompiledNode, outcome: OpenTasks) -> None:
    if token.wait is not None:  # asked again, such as the next in line
        close_open_tasks(run, token, "cancelled")
        cancel_timers(run, token)
    open_tasks(run, token, node, outcome)


def _sleep(run: Run, token: Token, node: CompiledNode, outcome: Sleep) -> None:
    cancel_timers(run, token)
    if outcome.until is not None and outcome.until <= run.now:
        token.memo = outcome.memo
        call_node(run, token, node, Signal(kind="timer_fired"))
    else:
        fall_asleep(run, token, outcome)


def _watch(run: Run, token: Token, node: CompiledNode, outcome: Watch) -> None:
    if not node.type.watches:
        raise_incident(run, token, "node_cannot_resume", {})
        return
    token.wait = "condition"
    token.memo = outcome.memo


def _cut(run: Run, token: Token, node: CompiledNode, outcome: Cut) -> None:
    """Inside an instance, the other instances are spared."""
    spared = _list_siblings(run, token)
    for other in list(run.state.tokens.values()):
        if other is token or other.node not in outcome.nodes or not spared.isdisjoint(other.scopes):
            continue
        go_on(run, other)
        release_token(run, other)
    own = set(token.scopes)
    drop_items(run, lambda group: group.node in outcome.nodes and own.issuperset(group.outer))
    leave(run, token, node, "next")


def _list_siblings(run: Run, token: Token) -> set[str]:
    """Other instances of the groups that this token is inside of."""
    scopes = run.state.scopes
    groups = {scope for scope in token.scopes if scopes[scope].kind == "instances"}
    if not groups:
        return set()
    return {
        inside
        for other in run.state.tokens.values()
        for group, inside in zip(other.scopes, other.scopes[1:], strict=False)
        if group in groups and inside not in token.scopes
    }


def _compensate(run: Run, token: Token, node: CompiledNode, outcome: Compensate) -> None:
    if not wait_for_undoing(run, token, list_pending(run, token, outcome.nodes)):
        leave(run, token, node, "next")


def _call(run: Run, token: Token, node: CompiledNode, outcome: Call) -> None:
    if run.release.has_turns and token.wait is None and find_holder(run, token) is not None:
        token.wait = "turn"
        return
    token.memo = outcome.memo
    start_job(run, token, outcome.job, outcome.payload)


def _end(run: Run, token: Token, node: CompiledNode, outcome: End) -> None:
    state = run.state
    if state.result in {None, "completed"}:
        state.result = outcome.result
    if run.release.has_spreads:
        go_on(run, token)
    release_token(run, token)
    if outcome.terminate or outcome.error:
        state.result = outcome.result
        state.error = outcome.error or None
        drop_items(run, lambda group: True)
        kill_all(run, list(state.tokens.values()))


def _stay(run: Run, token: Token, node: CompiledNode, outcome: Stay) -> None:
    token.memo = outcome.memo or token.memo


def _fail(run: Run, token: Token, node: CompiledNode, outcome: Fail) -> None:
    raise_incident(run, token, outcome.code, outcome.params)


_ACTIONS: dict[type[Outcome], Callable[[Run, Token, CompiledNode, Any], None]] = {
    Go: _go,
    Choose: _choose,
    Fork: fork,
    Spread: spread,
    Join: _join,
    OpenTasks: _open,
    Sleep: _sleep,
    Watch: _watch,
    Cut: _cut,
    Compensate: _compensate,
    Call: _call,
    End: _end,
    Stay: _stay,
    Fail: _fail,
}
