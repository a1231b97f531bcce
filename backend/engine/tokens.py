"""Everything that moves a token: entering a node, what its answer means, leaving by a port, dying.

A token waits for exactly one kind of thing between two events. Tokens that have just arrived stand in
`run.arrivals`
and are worked off until none is left: that is the whole automatic part of a ticket's life.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backend.engine.calendar import CalendarClosed
from backend.engine.commands import Finish, Note, Send
from backend.engine.holdings import (
    close_open_tasks,
    drop_holdings,
    kill_all,
    prune_scopes,
    raise_incident,
    release_token,
    start_job,
)
from backend.engine.human import come_back
from backend.engine.joins import Meeting, find_meeting
from backend.engine.release import CompiledNode
from backend.engine.run import Run, TokenContext
from backend.engine.state import Scope, Token
from backend.engine.tasks import open_tasks
from backend.engine.timers import cancel_timers, fall_asleep
from backend.engine.writing import write_fields
from backend.graph.expressions import ExpressionFailed
from backend.node_sdk import (
    Call,
    Choose,
    End,
    Fail,
    Fork,
    Go,
    Join,
    OpenTasks,
    Outcome,
    Signal,
    Sleep,
    Stay,
)

MAX_TOKENS = 200
"""Branches that may be open at once; a split in a loop without a join would multiply them without end."""


def start_token(run: Run, node_id: str) -> None:
    token = Token(id=run.next_id("t"), node=node_id, since=run.now)
    run.state.tokens[token.id] = token
    run.arrivals.append(token)


def drain(run: Run) -> None:
    """Work off arrivals and joins until every token waits, then see whether the ticket is finished."""
    pruned = False
    _work_off(run)
    while run.scopes_changed:
        pruned = True
        _recheck_joins(run)
        _work_off(run)
    if pruned:
        prune_scopes(run)
    if run.state.status == "running":
        _finish_or_report(run)


def _work_off(run: Run) -> None:
    arrivals, tokens, visits = run.arrivals, run.state.tokens, run.state.visits
    nodes, limit = run.release.nodes, run.release.most_entries
    while arrivals:
        token = arrivals.popleft()
        if token.id not in tokens:
            continue
        run.entered += 1
        if run.entered > limit:
            raise_incident(run, token, "endless_loop", {"limit": limit})
            continue
        key = token.node
        token.visit = visits[key] = visits.get(key, 0) + 1
        call_node(run, token, nodes[key], None)


def _finish_or_report(run: Run) -> None:
    state = run.state
    if not state.tokens:
        state.status = "completed"
        state.result = state.result or "completed"
        run.commands.append(Finish(status="completed", result=state.result))
        return
    for token in state.tokens.values():
        if token.wait != "join":
            return
    token = min(state.tokens.values(), key=lambda token: int(token.id[1:]))
    raise_incident(run, run.take(token), "deadlock_now", {})


def call_node(run: Run, token: Token, node: CompiledNode, signal: Signal | None) -> None:
    """Ask the node (enter without a signal, resume with one) and do what it answers. Errors become
    incidents."""
    try:
        outcome = node.constant if signal is None else None
        if outcome is None:
            outcome = _ask(run, token, node, signal)
        _ACTIONS[type(outcome)](run, token, node, outcome)
    except ExpressionFailed as failed:
        raise_incident(run, token, failed.code, failed.params)
    except CalendarClosed as closed:
        raise_incident(run, token, "calendar_closed", {"zone": str(closed)})
    except Exception as error:  # a third party's node must stop its ticket, not the shell
        raise_incident(run, token, "node_error", {"type": type(error).__name__, "detail": str(error)[:200]})


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


def _fork(run: Run, token: Token, node: CompiledNode, outcome: Fork) -> None:
    edges = node.edges
    if outcome.mode == "any":
        edges = tuple(edge for edge in edges if edge.when is None or run.holds(edge.when))
    if not edges:
        raise_incident(run, token, "no_branch", {})
        return
    if len(run.state.tokens) + len(edges) > MAX_TOKENS:
        raise_incident(run, token, "too_many_branches", {"limit": MAX_TOKENS})
        return
    scopes = _drop_lonely_scopes(run, token)
    if len(edges) > 1:
        scope = Scope(id=run.next_id("s"), node=node.id, width=len(edges))
        run.state.scopes[scope.id] = scope
        scopes = (*scopes, scope.id)
    release_token(run, token)
    for edge in edges:
        branch = Token(id=run.next_id("t"), node=edge.target, edge=edge.id, scopes=scopes, since=run.now)
        run.state.tokens[branch.id] = branch
        run.arrivals.append(branch)


def _drop_lonely_scopes(run: Run, token: Token) -> tuple[str, ...]:
    """Without the trailing scopes that this token alone is left of: else a loop around a fork would pile
    them up."""
    scopes = token.scopes
    while scopes and not any(
        scopes[-1] in other.scopes for other in run.state.tokens.values() if other is not token
    ):
        scopes = scopes[:-1]
        run.scopes_changed = True
    return scopes


def _join(run: Run, token: Token, node: CompiledNode, outcome: Join) -> None:
    token.wait = "join"
    meeting = find_meeting(run, token, node)
    if meeting is not None:
        _meet(run, node, meeting)


def _meet(run: Run, node: CompiledNode, meeting: Meeting) -> None:
    """One token goes on for all that met; what is not awaited any more dies."""
    first = min(meeting.chosen, key=lambda token: int(token.id[1:]))
    for other in (*meeting.chosen, *meeting.cancelled):
        if other is not first:
            release_token(run, other)
    survivor = run.take(first)
    run.scopes_changed = run.scopes_changed or bool(survivor.scopes)
    survivor.scopes = meeting.scopes
    survivor.wait = None
    leave(run, survivor, node, "")


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


def _call(run: Run, token: Token, node: CompiledNode, outcome: Call) -> None:
    token.memo = outcome.memo
    start_job(run, token, outcome.job, outcome.payload)


def _end(run: Run, token: Token, node: CompiledNode, outcome: End) -> None:
    if run.state.result in {None, "completed"}:
        run.state.result = outcome.result
    release_token(run, token)
    if outcome.terminate:
        run.state.result = outcome.result
        kill_all(run, list(run.state.tokens.values()))


def _stay(run: Run, token: Token, node: CompiledNode, outcome: Stay) -> None:
    token.memo = outcome.memo or token.memo


def _fail(run: Run, token: Token, node: CompiledNode, outcome: Fail) -> None:
    raise_incident(run, token, outcome.code, outcome.params)


_ACTIONS: dict[type[Outcome], Callable[[Run, Token, CompiledNode, Any], None]] = {
    Go: _go,
    Choose: _choose,
    Fork: _fork,
    Join: _join,
    OpenTasks: _open,
    Sleep: _sleep,
    Call: _call,
    End: _end,
    Stay: _stay,
    Fail: _fail,
}


# --- leaving ---


def leave(run: Run, token: Token, node: CompiledNode, port: str) -> None:
    """Let go of what the node held and follow the port's first edge that holds; incident when none does.

    The empty port stands for all edges of the node (decisions, joins).
    """
    if token.back is not None and come_back(run, token):
        return
    edges = node.ports.get(port, ()) if port else node.edges
    try:
        for edge in edges:
            if edge.when is None or edge.when.holds(run.context()):
                break
        else:
            raise_incident(run, token, "no_way_on", {"port": port}, port=port)
            return
    except ExpressionFailed as failed:
        raise_incident(run, token, failed.code, failed.params, port=port)
        return
    if len(edges) > 1:
        taken = {"edge": edge.id, "to": edge.target}
        run.commands.append(Note(code="branch_taken", node=node.id, params=taken))
    if token.wait is not None:
        drop_holdings(run, token)
    token.node = edge.target
    token.edge = edge.id
    token.wait = None
    if token.message is not None or token.signal is not None:
        token.message = token.signal = None
        token.correlation = ""
    token.since = run.now
    if token.memo:
        token.memo = {}
    run.arrivals.append(token)
