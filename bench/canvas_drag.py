"""P10: how fast the canvas opens and drags in Chromium without a GPU, beside React Flow with plain nodes.

The page and the API answers come from this process, so that only the browser is measured. Times are
wall-clock milliseconds, best of the rounds; a patch is the body of the request that a moved node sends.

    python bench/canvas_drag.py [--sizes 10,50,174,1000,10000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import mimetypes
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
ISLANDS = ROOT / "frontend" / "islands"
ORIGIN = "http://bench.test"
COLUMN, ROW = 300, 170
PEER_SIZE = 1000
DRAG_STEPS = 90
GOALS_MS = {10: 800, 50: 1000, 174: 1200, 1000: 2000, 10000: 8000}

FRAMES = """() => { window.frames_ = []; window.counting = true;
  const tick = (at) => { window.frames_.push(at); if (window.counting) requestAnimationFrame(tick); };
  requestAnimationFrame(tick); }"""
FRAME_RATE = """() => { window.counting = false; const f = window.frames_;
  return f.length < 2 ? 0 : 1000 * (f.length - 1) / (f[f.length - 1] - f[0]); }"""


@dataclass(frozen=True)
class Result:
    """What one page did: time to open, frames a second of a drag, bytes sent, time until it was saved."""

    open_ms: float
    fps: float
    patch_bytes: int
    answer_ms: float


def build(out: Path) -> None:
    """Bundles the island, its peer and the stylesheet."""
    command = [
        "npx",
        "vite",
        "build",
        "--config",
        str(ROOT / "bench" / "canvas_vite.config.mjs"),
        "--logLevel",
        "error",
    ]
    subprocess.run(command, cwd=ISLANDS, env={**os.environ, "BENCH_OUT": str(out)}, check=True)


def text(zh: str, en: str) -> dict[str, str]:
    """A text in both languages."""
    return {"zh": zh, "en": en}


def node_types() -> list[dict[str, Any]]:
    """Four kinds of nodes, one of them with three exits, so that cards are as large as real ones."""

    def port(name: str) -> dict[str, Any]:
        return {"name": name, "label": text(name, name), "kind": "normal", "required": True}

    def kind(name: str, family: str, icon: str, *ports: str) -> dict[str, Any]:
        return {
            "type": name, "v": 1, "family": family, "icon": icon, "label": text(name, name),
            "summary": text("", ""), "config_schema": {"type": "object", "properties": {}},
            "config_ui": {}, "defaults": {}, "ports": [port(item) for item in ports],
        }  # fmt: skip

    return [
        kind("start", "entry", "log-in", "next"),
        kind("form_task", "human", "clipboard-pen", "done"),
        kind("approval", "human", "stamp", "approved", "rejected", "timeout"),
        kind("notify", "automatic", "bell", "done"),
    ]


def draft(size: int) -> dict[str, Any]:
    """A draft of `size` nodes in a grid, each leading to the next."""
    kinds = node_types()
    width = max(5, round(size**0.5))
    nodes: dict[str, Any] = {}
    edges: dict[str, Any] = {}
    derived: dict[str, Any] = {}
    for at in range(size):
        kind = kinds[0] if at == 0 else kinds[1 + at % 3]
        nodes[f"n{at}"] = {
            "type": kind["type"], "v": 1, "label": text(f"节点 {at}", f"Node {at}"), "config": {},
            "position": {"x": at % width * COLUMN, "y": at // width * ROW},
        }  # fmt: skip
        derived[f"n{at}"] = {"ports": kind["ports"], "summary": text("负责人 · 2 小时", "Owner · 2 hours")}
        if at:
            before = nodes[f"n{at - 1}"]["type"]
            port = next(item["ports"][0]["name"] for item in kinds if item["type"] == before)
            edges[f"e{at}"] = {"source": f"n{at - 1}", "port": port, "target": f"n{at}", "order": 0}
    definition = {
        "format": "tierflow.workflow/1", "name": text("基准", "Benchmark"), "forms": {}, "settings": {},
        "graph": {"format": "tierflow.graph/1", "nodes": nodes, "edges": edges},
    }  # fmt: skip
    soundness = {"verdict": "sound", "states": size, "elapsed_ms": 1}
    return {
        "workflow_id": "w", "revision": 1, "definition": definition, "derived": derived, "findings": [],
        "soundness": soundness,
    }  # fmt: skip


def canvas_page() -> str:
    """The designer in a bare page."""
    return """<!doctype html><html data-theme="tierflow" lang="en">
<link rel="stylesheet" href="/app.css"><div id="app"></div>
<script type="module">import { bind, Canvas } from "/canvas.js";
const root = bind(document.getElementById("app"));
const props = { workflowId: "w", locale: "en", rights: ["view", "edit"], csrf: "x" };
root.render(root.create(Canvas, props));</script>"""


def peer_page(size: int) -> str:
    """The same graph with plain nodes."""
    graph = draft(size)["definition"]["graph"]
    nodes = [
        {"id": key, "position": node["position"], "data": {"label": node["label"]["en"]}}
        for key, node in graph["nodes"].items()
    ]
    edges = [
        {"id": key, "source": edge["source"], "target": edge["target"]}
        for key, edge in graph["edges"].items()
    ]
    return f"""<!doctype html><style>body{{margin:0}}</style><div id="app"></div>
<script type="module">import {{ mount }} from "/peer.js";
mount(document.getElementById("app"), {json.dumps(nodes)}, {json.dumps(edges)});</script>"""


def serve(page: Page, html: str, answer: dict[str, Any], bundles: Path) -> list[int]:
    """Answers every request of the page; the list that is returned fills with the sizes of patches."""
    patches: list[int] = []
    saved = {key: answer[key] for key in ("derived", "findings", "soundness")}
    lists: dict[str, Any] = {
        "/api/v1/node-types": {"items": node_types()},
        "/api/v1/workflows/w/draft": answer,
    }
    info = {
        "id": "w",
        "key": "w",
        "name": text("", ""),
        "draft_revision": 1,
        "release_number": None,
        "open_tickets": 0,
    }
    lists["/api/v1/workflows/w"] = info

    def respond(route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN).split("?")[0]
        if route.request.method == "PATCH":
            patches.append(len(route.request.post_data_buffer or b""))
            route.fulfill(json={"revision": 1 + len(patches), "inverse": {}, **saved})
        elif path == "/":
            route.fulfill(body=html, content_type="text/html")
        elif path in lists:
            route.fulfill(json=lists[path])
        elif path == "/api/v1/changes":
            route.fulfill(status=404, json={"code": "not_found"})
        elif path.startswith("/api/"):
            route.fulfill(json={"items": []})
        else:
            file = bundles / path.lstrip("/")
            kind = mimetypes.guess_type(file.name)[0] or "text/javascript"
            route.fulfill(body=file.read_bytes(), content_type=kind) if file.is_file() else route.fulfill(
                status=404
            )

    page.route(ORIGIN + "/**", respond)
    return patches


def measure(browser: Browser, html: str, size: int, bundles: Path) -> Result:
    """Opens one page, drags one node around, and waits until the edit is saved."""
    page = browser.new_page(viewport={"width": 1440, "height": 860})
    patches = serve(page, html, draft(size), bundles)
    page.goto(ORIGIN + "/", wait_until="commit")
    first = page.locator('.react-flow__node[data-id="n0"]')
    first.wait_for(timeout=30_000)
    opened = page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => done(performance.now())))"
    )
    page.wait_for_timeout(500)
    box = first.bounding_box()
    if box is None:
        raise RuntimeError("the first node is not in sight")
    x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] / 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(FRAMES)
    for step in range(DRAG_STEPS):
        page.mouse.move(x + step, y + step / 2)
    fps = page.evaluate(FRAME_RATE)
    released = page.evaluate("() => performance.now()")
    page.mouse.up()
    answered = released
    if "canvas.js" in html:
        page.locator("[data-save-state=saved]").get_by_text("revision 2").wait_for(timeout=30_000)
        answered = page.evaluate("() => performance.now()")
    page.close()
    return Result(opened, fps, max(patches, default=0), answered - released)


def best(results: list[Result]) -> Result:
    """The best of several rounds, number by number: what the machine can do when nobody disturbs it."""
    return Result(
        min(item.open_ms for item in results),
        max(item.fps for item in results),
        max(item.patch_bytes for item in results),
        min(item.answer_ms for item in results),
    )


def main() -> None:
    """Prints one line a size, and the peer's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10,50,174,1000,10000")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        build(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        sys.stdout.write("page          nodes   open ms    goal   drag f/s   patch B   answer ms\n")
        pages = [("canvas", int(size), canvas_page()) for size in args.sizes.split(",")]
        pages.append(("plain nodes", PEER_SIZE, peer_page(PEER_SIZE)))
        for name, size, html in pages:
            result = best([measure(browser, html, size, Path(folder)) for _ in range(args.rounds)])
            goal = GOALS_MS.get(size, 0)
            sys.stdout.write(
                f"{name:12}{size:7}{result.open_ms:10.0f}{goal:8}{result.fps:11.0f}"
                f"{result.patch_bytes:10}{result.answer_ms:12.0f}\n"
            )
            sys.stdout.flush()
        browser.close()


if __name__ == "__main__":
    main()
