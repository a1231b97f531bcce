"""P1: a ticket's whole way through a flow of nine nodes, against SpiffWorkflow, in turn.

Start, form, a decision with two conditions, a parallel pair of forms, their join, a calculation, end: three
buttons pressed. Both sides do the same work: they take the conditions, calculate, and validate each form
before the button counts, the peer with the jsonschema library (its validator is made once), ours with the
node's field permissions besides. Three ways to run it:

- in memory;
- written: the state becomes JSON whenever the ticket waits for a person or is finished (four times), the
  peer's by its own serializer;
- stored: as a server does between two requests, the JSON is also read back before the next button.

Rates are runs a second of processor time, so that whatever else the machine does falls on neither side. Both
sides take short turns within a round; the ratio of each round and their median are printed.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jsonschema
import msgspec
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from backend.engine.events import Started, TaskCompleted
from backend.engine.release import Release
from backend.engine.state import State, TicketFacts
from backend.engine.step import new_state, step
from backend.forms.validation import compile_form, validate
from backend.graph.model import Definition
from backend.graph.registry import Registry
from designer_nodes import NODE_TYPES

ROUNDS = 9
TURNS = 6
SECONDS = 0.1
GOALS = {"memory": 30, "written": 100, "stored": None}

BPMN = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="bench" id="bench">
<process id="flow" isExecutable="true">
<startEvent id="start"/><userTask id="form"/><exclusiveGateway id="choice" default="f5"/>
<parallelGateway id="fork"/><userTask id="left"/><userTask id="right"/><parallelGateway id="meet"/>
<scriptTask id="calc"><script>total = amount * 2</script></scriptTask><endEvent id="done"/>
<sequenceFlow id="f1" sourceRef="start" targetRef="form"/>
<sequenceFlow id="f2" sourceRef="form" targetRef="choice"/>
<sequenceFlow id="f3" sourceRef="choice" targetRef="done">
  <conditionExpression xsi:type="tFormalExpression">amount &lt; 10</conditionExpression></sequenceFlow>
<sequenceFlow id="f4" sourceRef="choice" targetRef="done">
  <conditionExpression xsi:type="tFormalExpression">kind == "none"</conditionExpression></sequenceFlow>
<sequenceFlow id="f5" sourceRef="choice" targetRef="fork"/>
<sequenceFlow id="f6" sourceRef="fork" targetRef="left"/>
<sequenceFlow id="f7" sourceRef="fork" targetRef="right"/>
<sequenceFlow id="f8" sourceRef="left" targetRef="meet"/>
<sequenceFlow id="f9" sourceRef="right" targetRef="meet"/>
<sequenceFlow id="f10" sourceRef="meet" targetRef="calc"/>
<sequenceFlow id="f11" sourceRef="calc" targetRef="done"/>
</process></definitions>"""

FORM: dict[str, Any] = {
    "schema": {
        "type": "object",
        "required": ["amount", "kind"],
        "properties": {
            "amount": {"type": "integer", "minimum": 0},
            "kind": {"type": "string", "maxLength": 40},
            "note": {"type": "string", "maxLength": 200},
        },
    },
    "ui": {},
}
SUBMISSION: dict[str, Any] = {"amount": 50, "kind": "food", "note": "x"}


def describe_task(access: dict[str, str]) -> dict[str, Any]:
    offer = {"to": "role", "role": "agent"}
    return {"type": "form_task", "config": {"form": "report", "offer": offer, "access": access}}


NODES: dict[str, Any] = {
    "start": {"type": "start"},
    "form": describe_task({"note": "required"}),
    "choice": {"type": "decision"},
    "fork": {"type": "split"},
    "left": describe_task({"amount": "readonly"}),
    "right": describe_task({"amount": "readonly", "note": "required"}),
    "meet": {"type": "join", "config": {"mode": "all"}},
    "calc": {
        "type": "set_fields",
        "config": {"fields": [{"field": "data.total", "value": "data.amount * 2"}]},
    },
    "done": {"type": "end"},
}
WAYS = (
    ("start", "next", "form", None),
    ("form", "done", "choice", None),
    ("choice", "next", "done", "data.amount < 10"),
    ("choice", "next", "done", 'data.kind == "none"'),
    ("choice", "next", "fork", None),
    ("fork", "next", "left", None),
    ("fork", "next", "right", None),
    ("left", "done", "meet", None),
    ("right", "done", "meet", None),
    ("meet", "next", "calc", None),
    ("calc", "next", "done", None),
)

Way = Callable[[], None]


def build_release() -> Release:
    edges = {
        f"e{at:02}": {"source": source, "port": port, "target": target, "when": when, "order": at}
        for at, (source, port, target, when) in enumerate(WAYS)
    }
    raw = {"graph": {"nodes": NODES, "edges": edges}, "forms": {"report": FORM}}
    return Release("bench", 1, msgspec.convert(raw, Definition), Registry(NODE_TYPES))


def build_ours(mode: str) -> Way:
    release = build_release()
    form = compile_form(FORM)
    now = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    facts = TicketFacts(id="t", number="T-1", workflow="bench", created_at=now, title="bench")
    write, read = msgspec.json.Encoder().encode, msgspec.json.Decoder(State).decode

    def keep(state: State) -> State:
        if mode == "memory":
            return state
        written = write(state)
        return read(written) if mode == "stored" else state

    def run() -> None:
        state, _ = step(release, new_state(facts), Started(ticket=facts), now)
        state = keep(state)
        while state.tasks:
            task = next(iter(state.tasks.values()))
            if validate(form, SUBMISSION, access=task.access, stored=state.data):
                raise AssertionError("the submission is valid")
            event = TaskCompleted(task=task.id, outcome="done", data=SUBMISSION, member="m")
            state, _ = step(release, state, event, now)
            state = keep(state)
        if state.status != "completed" or state.data["total"] != 100:
            raise AssertionError("the run did not finish")

    return run


def build_peer(mode: str) -> Way:
    parser = BpmnParser()
    parser.add_bpmn_str(BPMN)
    spec = parser.get_spec("flow")
    serializer = BpmnWorkflowSerializer()
    form = jsonschema.Draft202012Validator(FORM["schema"])

    def keep(workflow: BpmnWorkflow) -> BpmnWorkflow:
        if mode == "memory":
            return workflow
        written = serializer.serialize_json(workflow)
        return serializer.deserialize_json(written) if mode == "stored" else workflow

    def run() -> None:
        workflow = BpmnWorkflow(spec)
        workflow.do_engine_steps()
        workflow = keep(workflow)
        while not workflow.completed:
            task = workflow.get_next_task(state=TaskState.READY, manual=True)
            if list(form.iter_errors(SUBMISSION)):
                raise AssertionError("the submission is valid")
            task.data.update(SUBMISSION)
            task.run()
            workflow.do_engine_steps()
            workflow = keep(workflow)
        if workflow.data["total"] != 100:
            raise AssertionError("the peer's run did not finish")

    return run


def race(ways: tuple[Way, ...]) -> list[float]:
    """Runs a second of processor time of each way; they take turns."""
    runs, spent = [0] * len(ways), [0.0] * len(ways)
    for _ in range(TURNS):
        for at, run in enumerate(ways):
            gc.collect()
            started, passed = time.process_time(), 0.0
            while passed < SECONDS:
                run()
                runs[at] += 1
                passed = time.process_time() - started
            spent[at] += passed
    return [count / seconds for count, seconds in zip(runs, spent, strict=True)]


def main() -> None:
    for mode, goal in GOALS.items():
        ways = build_peer(mode), build_ours(mode)
        ratios: list[float] = []
        for number in range(ROUNDS):
            theirs, mine = race(ways)
            ratios.append(mine / theirs)
            print(
                f"P1 {mode}, round {number + 1}: SpiffWorkflow {theirs:,.0f}/s,",
                f"ours {mine:,.0f}/s, {mine / theirs:.1f}x",
            )
        low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
        aim = f"goal {goal}x" if goal else "no goal set"
        print(f"P1 {mode}: {middle:.1f}x SpiffWorkflow ({low:.1f} to {high:.1f}), {aim}")


if __name__ == "__main__":
    main()
