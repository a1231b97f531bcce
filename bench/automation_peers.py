"""n8n and Node-RED with the flow of bench/webhook.py: webhook, decision, calculation, answer.

They are installed by npm into `.bench/` (or TIERFLOW_BENCH_PEERS) at the first run, see bench/README.md.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(os.environ.get("TIERFLOW_BENCH_PEERS") or Path(__file__).resolve().parents[1] / ".bench")
INSTALL_S = 600
N8N = "1.60.0"
"""The last line that runs on Node 20 without building its own sandbox."""
NODE_RED = "4.1.15"
PACKAGES: dict[str, dict[str, Any]] = {
    # one of n8n's packages is offered outside npm only; npm's own copy of it does not matter to this flow
    "n8n": {"private": True, "dependencies": {"n8n": N8N}, "overrides": {"xlsx": "0.18.5"}},
    "node-red": {"private": True, "dependencies": {"node-red": NODE_RED}},
}


class Peer(NamedTuple):
    """How to start it, and where it answers."""

    name: str
    command: list[str]
    environment: dict[str, str]
    url: str


def install(name: str) -> Path | None:
    """The program; None when it cannot be installed here."""
    folder = FOLDER / name
    program = folder / "node_modules" / ".bin" / name
    npm = shutil.which("npm")
    if not program.exists() and npm is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text(json.dumps(PACKAGES[name]))
        command = [npm, "install", "--no-audit", "--no-fund", "--silent"]
        try:
            subprocess.run(command, cwd=folder, timeout=INSTALL_S, check=False, capture_output=True)
        except subprocess.TimeoutExpired:
            return None
    return program if program.exists() else None


def prepare_n8n(port: int) -> Peer | None:
    program = install("n8n")
    if program is None:
        return None
    home = FOLDER / "n8n-home"
    environment = {
        **os.environ,
        "N8N_USER_FOLDER": str(home),
        "N8N_PORT": str(port),
        "N8N_DIAGNOSTICS_ENABLED": "false",
        "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
        "N8N_TEMPLATES_ENABLED": "false",
        "N8N_LOG_LEVEL": "error",
    }
    if not (home / "ready").exists():
        home.mkdir(parents=True, exist_ok=True)
        flow = home / "flow.json"
        flow.write_text(json.dumps([describe_n8n_flow()]))
        for words in (
            ["import:workflow", f"--input={flow}"],
            ["update:workflow", "--id=bench", "--active=true"],
        ):
            subprocess.run([str(program), *words], env=environment, check=True, capture_output=True)
        (home / "ready").touch()
    return Peer("n8n", [str(program), "start"], environment, f"http://127.0.0.1:{port}/webhook/bench")


def prepare_node_red(port: int) -> Peer | None:
    program = install("node-red")
    if program is None:
        return None
    home = FOLDER / "node-red-home"
    home.mkdir(parents=True, exist_ok=True)
    (home / "flows.json").write_text(json.dumps(describe_node_red_flow()))
    settings = "module.exports = {flowFile: 'flows.json', logging: {console: {level: 'error'}}}\n"
    (home / "settings.js").write_text(settings)
    command = [str(program), "-u", str(home), "-s", str(home / "settings.js"), "-p", str(port)]
    return Peer("Node-RED", command, dict(os.environ), f"http://127.0.0.1:{port}/bench")


def describe_n8n_flow() -> dict[str, Any]:
    def node(name: str, kind: str, version: float, parameters: dict[str, Any]) -> dict[str, Any]:
        kind = f"n8n-nodes-base.{kind}"
        place = {"id": name, "name": name, "position": [0, 0], "type": kind, "typeVersion": version}
        return {**place, "parameters": {**parameters, "options": {}}}

    condition = {
        "id": "c",
        "leftValue": "={{ $json.body.amount }}",
        "rightValue": 10,
        "operator": {"type": "number", "operation": "gt"},
    }
    conditions = {"options": {"typeValidation": "strict"}, "conditions": [condition], "combinator": "and"}
    total = {"id": "t", "name": "total", "type": "number", "value": "={{ $json.body.amount * 2 }}"}
    hook = {"httpMethod": "POST", "path": "bench", "responseMode": "responseNode"}
    answer = {"respondWith": "json", "responseBody": '={{ { "total": $json.total } }}'}
    nodes = [
        {**node("hook", "webhook", 2, hook), "webhookId": "bench"},
        node("decision", "if", 2, {"conditions": conditions}),
        node("calc", "set", 3.4, {"assignments": {"assignments": [total]}}),
        node("answer", "respondToWebhook", 1.1, answer),
    ]
    following = {"hook": "decision", "decision": "calc", "calc": "answer"}
    ways = {
        source: {"main": [[{"node": target, "type": "main", "index": 0}]]}
        for source, target in following.items()
    }
    return {
        "id": "bench",
        "name": "bench",
        "active": False,
        "nodes": nodes,
        "connections": ways,
        "settings": {},
    }


def describe_node_red_flow() -> list[dict[str, Any]]:
    rule = [{"t": "gt", "v": "10", "vt": "num"}, {"t": "else"}]
    calculation = "msg.payload = {total: msg.payload.amount * 2}; return msg;"
    return [
        {"id": "tab", "type": "tab", "label": "bench"},
        {"id": "a", "type": "http in", "z": "tab", "url": "/bench", "method": "post", "wires": [["b"]]},
        {
            "id": "b",
            "type": "switch",
            "z": "tab",
            "property": "payload.amount",
            "propertyType": "msg",
            "rules": rule,
            "checkall": "false",
            "outputs": 2,
            "wires": [["c"], ["d"]],
        },
        {"id": "c", "type": "function", "z": "tab", "func": calculation, "outputs": 1, "wires": [["d"]]},
        {"id": "d", "type": "http response", "z": "tab", "wires": []},
    ]
