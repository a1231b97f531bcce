"""P1: a flow of nine nodes in memory, forms and conditions on, against SpiffWorkflow, in turn.

Start, form, a decision with two conditions, a parallel pair of forms, their join, a calculation, end. Both
sides press
three buttons. Ours also validates every form, which the peer does not do. The second table writes the whole
state as
JSON after each human step. Prints runs a second of each round, then the median ratio with its spread.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from backend.engine.model import OpenTask, Started, TaskCompleted, TicketFacts
from backend.engine.release import Release
from backend.engine.step import new_state, step
from backend.forms.validation import compile_form, validate
from backend.graph.model import Definition
from backend.graph.registry import Registry
from designer_nodes import NODE_TYPES

ROUNDS = 7
SECONDS = 0.6
GOALS = {False: 30, True: 100}

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
TASK = {"type": "form_task", "config": {"form": "report", "offer": {"to": "role", "role": "agent"}}}
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


def build_release() -> Release:
    nodes: dict[str, Any] = {
        "start": {"type": "start"},
        "form": TASK,
        "choice": {"type": "decision"},
        "fork": {"type": "split"},
        "left": TASK,
        "right": TASK,
        "meet": {"type": "join", "config": {"mode": "all"}},
        "calc": {
            "type": "set_fields",
            "config": {"fields": [{"field": "data.total", "value": "data.amount * 2"}]},
        },
        "done": {"type": "end"},
    }
    edges = {
        f"e{at:02}": {"source": source, "port": port, "target": target, "when": when, "order": at}
        for at, (source, port, target, when) in enumerate(WAYS)
    }
    raw = {"graph": {"nodes": nodes, "edges": edges}, "forms": {"report": FORM}}
    return Release("bench", 1, msgspec.convert(raw, Definition), Registry(NODE_TYPES))


def build_ours() -> Callable[[bool], None]:
    release = build_release()
    form = compile_form(FORM)
    now = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    facts = TicketFacts(id="t", number="T-1", workflow="bench", created_at=now, title="bench")
    encode = msgspec.json.Encoder().encode

    def run(save: bool) -> None:
        state, commands = step(release, new_state(facts), Started(ticket=facts), now)
        waiting = [command.task.id for command in commands if isinstance(command, OpenTask)]
        while waiting:
            if validate(form, SUBMISSION, access={}):
                raise AssertionError("the submission is valid")
            event = TaskCompleted(task=waiting.pop(), outcome="done", data=SUBMISSION, member="m")
            state, commands = step(release, state, event, now)
            waiting += [command.task.id for command in commands if isinstance(command, OpenTask)]
            if save:
                encode(state)
        if state.status != "completed" or state.data["total"] != 100:
            raise AssertionError("the run did not finish")

    return run


def build_peer() -> Callable[[bool], None]:
    parser = BpmnParser()
    parser.add_bpmn_str(BPMN)
    spec = parser.get_spec("flow")
    serializer = BpmnWorkflowSerializer()

    def run(save: bool) -> None:
        workflow = BpmnWorkflow(spec)
        workflow.do_engine_steps()
        while not workflow.completed:
            task = workflow.get_next_task(state=TaskState.READY, manual=True)
            task.data.update(SUBMISSION)
            task.run()
            workflow.do_engine_steps()
            if save:
                serializer.serialize_json(workflow)
        if workflow.data["total"] != 100:
            raise AssertionError("the peer's run did not finish")

    return run


def rate(run: Callable[[bool], None], save: bool) -> float:
    """Runs a second."""
    gc.collect()
    runs, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        run(save)
        runs += 1
    return runs / (time.perf_counter() - started)


def main() -> None:
    ours, peer = build_ours(), build_peer()
    for save, goal in GOALS.items():
        print("state written at each human step" if save else "in memory")
        ratios: list[float] = []
        for number in range(ROUNDS):
            theirs, mine = rate(peer, save), rate(ours, save)
            ratios.append(mine / theirs)
            print(
                f"  round {number + 1}: SpiffWorkflow {theirs:7.0f}/s",
                f"  Tierflow {mine:7.0f}/s  {mine / theirs:5.1f}x",
            )
        middle, least, most = statistics.median(ratios), min(ratios), max(ratios)
        print(f"  median {middle:.1f}x (from {least:.1f} to {most:.1f}), goal {goal}x")


if __name__ == "__main__":
    main()
