"""Scaffold a node type: `make new-node NAME=call_back` writes its folder with a first case."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NODES = ROOT / "designer_nodes"
NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")

NODE = '''"""{title}: what this step does, in one line."""

from __future__ import annotations

from typing import Annotated

import msgspec

from backend.node_sdk import Go, Label, NodeContext, NodeType, Outcome, Port, titled


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an admin sets in the panel."""

    note: Annotated[str, titled("备注", "Remark", widget="textarea", max_length=500)] = ""


def ports(config: Config) -> tuple[Port, ...]:
    return (Port("next", Label("下一步", "Next")),)


def enter(config: Config, context: NodeContext) -> Outcome:
    return Go(port="next")


def describe(config: Config) -> Label:
    return Label("{title}", "{title}")


NODE_TYPE = NodeType(
    type="{name}",
    version=1,
    family="automatic",
    shape="activity",
    label=Label("{title}", "{title}"),
    help=Label("这一步做什么", "What this step does"),
    icon="circle",
    config=Config,
    ports=ports,
    enter=enter,
    describe=describe,
)
'''


def main(name: str) -> int:
    if not NAME.fullmatch(name):
        print("NAME: lower-case letters, digits and _, such as NAME=call_back", file=sys.stderr)
        return 2
    folder = NODES / name
    if folder.exists():
        print(f"designer_nodes/{name} is there already", file=sys.stderr)
        return 1
    folder.mkdir()
    title = name.replace("_", " ").capitalize()
    (folder / "__init__.py").write_text("")
    (folder / "node.py").write_text(NODE.format(name=name, title=title))
    (folder / "cases.json").write_text(first_case())
    print(f"designer_nodes/{name}/ is written.")
    print("Add it to NODE_TYPES in designer_nodes/__init__.py, then: make test-unit")
    return 0


def first_case() -> str:
    """In the shape of the cases that are there."""
    cases = {"cases": [{"name": "goes on", "ports": ["next"], "answer": {"type": "go", "port": "next"}}]}
    return json.dumps(cases, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
