"""Undoing what was done: steps that finished and have a step that undoes them, the last first.

The steps that undo stand apart in the graph. Each gets a token of its own, one after the other; leaving the
step by any port ends it, and the token (or the cancelled ticket) for which it was done goes on.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from backend.engine.holdings import release_token
from backend.engine.overlay import find_instance
from backend.engine.release import CompiledNode
from backend.engine.run import Run
from backend.engine.state import Closing, Done, Scope, Token

OF_TICKET = ""
"""`Token.undoes` of a step that is done for the ticket as it is cancelled."""


def remember(run: Run, token: Token, node: CompiledNode, port: str) -> None:
    """The step is finished and can be undone, unless it was called off, timed out or failed."""
    if port in node.boundary:
        return
    kinds = {way.name: way.kind for way in node.ways_out}
    if kinds.get(port, "normal") != "normal":
        return
    state = run.state
    instance = find_instance(state, token)
    data = {} if instance is None else instance.data
    done = Done(node=node.id, number=int(run.next_id("d")[1:]), scopes=token.scopes, data=data)
    state.completed = (*state.completed, done)


def list_pending(run: Run, token: Token | None, nodes: Iterable[str] = ()) -> tuple[int, ...]:
    """Numbers of what is to be undone, the next one last. A token inside an instance undoes only what was
    done there."""
    wanted = frozenset(nodes)
    instance = None if token is None else find_instance(run.state, token)
    return tuple(
        done.number
        for done in run.state.completed
        if (not wanted or done.node in wanted) and (instance is None or instance.id in done.scopes)
    )


def undo_next(
    run: Run, pending: tuple[int, ...], undoes: str, scopes: tuple[str, ...]
) -> tuple[int, ...] | None:
    """Begin the step that undoes the last of these; what is left after it, None when there is nothing to
    undo. A step whose undoing is gone from the release is passed over."""
    left = list(pending)
    while left:
        number = left.pop()
        done = next((done for done in run.state.completed if done.number == number), None)
        if done is None:
            continue
        run.state.completed = tuple(other for other in run.state.completed if other is not done)
        node = run.release.nodes.get(done.node)
        handler = node.compensation if node is not None else None
        if handler is not None and handler in run.release.nodes:
            _begin(run, done, handler, undoes, scopes)
            return tuple(left)
    return None


def _begin(run: Run, done: Done, handler: str, undoes: str, scopes: tuple[str, ...]) -> None:
    state = run.state
    inside = any(scope in done.scopes and state.scopes[scope].kind == "instance" for scope in scopes)
    if done.data and not inside:  # the instance is over: its data comes back for this step
        scope = Scope(id=run.next_id("s"), node="", width=1, kind="instance", data=done.data)
        state.scopes[scope.id] = scope
        scopes = (*scopes, scope.id)
    token = Token(id=run.next_id("t"), node=handler, scopes=scopes, since=run.now, undoes=undoes)
    state.tokens[token.id] = token
    run.arrivals.append(token)
    run.note("undoing", done.node, step=handler)


def wait_for_undoing(run: Run, token: Token, pending: tuple[int, ...]) -> bool:
    """Undo these one after the other while the token waits. False when there is nothing to undo."""
    left = undo_next(run, pending, token.id, token.scopes)
    if left is None:
        return False
    token.wait = "compensation"
    token.pending = left
    return True


def close_ticket(run: Run, reason: str, by: str | None) -> bool:
    """Undo all that can be undone before the ticket is cancelled. False when there is nothing to undo."""
    left = undo_next(run, list_pending(run, None), OF_TICKET, ())
    if left is None:
        return False
    run.state.closing = Closing(reason=reason, by=by, pending=left)
    return True


def end_undoing(run: Run, token: Token) -> Token | None:
    """A step that undid another one is finished, and the next one begins. With none left, the token that
    waited for it is given back, free to leave."""
    undoes = token.undoes
    release_token(run, token)
    state = run.state
    if state.closing is not None:
        left = undo_next(run, state.closing.pending, OF_TICKET, ())
        state.closing = replace(state.closing, pending=left or ())
        return None
    waiting = state.tokens.get(undoes or "")
    if waiting is None:
        return None
    mine = run.take(waiting)
    pending, mine.pending = mine.pending, ()
    return None if wait_for_undoing(run, mine, pending) else mine
