"""Draw every control-flow pattern of tests/patterns, and write docs/patterns.md around the drawings.

    python scripts/draw_patterns.py [--check]

With --check nothing is written; it ends with 1 when a page or a drawing differs from what the cases say.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from backend.graph.model import Definition, Edge  # noqa: E402
from backend.graph.ports import list_ports, name_boundary  # noqa: E402
from backend.graph.registry import Registry  # noqa: E402
from backend.node_sdk import NodeType  # noqa: E402
from designer_nodes import NODE_TYPES  # noqa: E402
from tests.patterns.cases import Pattern, define, load_patterns  # noqa: E402

REGISTRY = Registry(NODE_TYPES)
DOCS = ROOT / "docs"
FOLDER = DOCS / "images" / "patterns"
WIDTH, HEIGHT, ACROSS, DOWN, MARGIN = 132, 46, 66, 34, 16
TINTS = {
    "entry": ("#e3f3fc", "#0a6a96"),
    "human": ("#e9ebfd", "#4148a8"),
    "flow": ("#fcf0da", "#8a5606"),
    "automatic": ("#dcf5f0", "#0b6e63"),
    "money": ("#fde7ee", "#a3315a"),
}
LINE, INK, MUTED, ALERT = "#94a0ad", "#1f2933", "#5b6773", "#a16207"
HEAD = """# 控制流模式 · Control-flow patterns

Every way of routing work that Tierflow knows, drawn from the cases that test it. WCP is the number in the
list of [workflow patterns](http://www.workflowpatterns.com/patterns/control/) where a pattern stands there.
Each row is a file of `tests/patterns/`, with the runs that the engine and its replay must pass; this page is
written from them by `scripts/draw_patterns.py`. What the check of a graph can promise is said in
[decision 0006](decisions/0006-bounds-of-the-soundness-check.md).

A number in brackets is a pattern that is not offered as such: every fork opens a scope of its own, and what
belongs to different rounds never meets in a join. The row shows what does the same work.

每一行都来自一个测试用例；编号是工作流模式列表中的编号。括号里的模式没有照搬：每次分支自成一个范围，不同轮次的
工作不会在汇合处混在一起，该行画的是效果相同的做法。

| 图 · drawing | WCP | 模式 · pattern | 含义 · what it means | 节点 · nodes |
|---|---|---|---|---|
"""

Point = tuple[float, float]


class Drawing:
    """One pattern as SVG: nodes in columns by how far they are from the start."""

    def __init__(self, pattern: Pattern) -> None:
        self.definition: Definition = define(pattern)
        self.graph = self.definition.graph
        self.types: dict[str, NodeType] = {
            key: REGISTRY.get(node.type, node.v) for key, node in self.graph.nodes.items()
        }
        self.handlers = {node.compensation for node in self.graph.nodes.values() if node.compensation}
        self.column = self._rank()
        self.place = self._place()
        self.back = {
            key
            for key, edge in self.graph.edges.items()
            if self.column[edge.target] <= self.column[edge.source]
        }

    # --- layout ---

    def _rank(self) -> dict[str, int]:
        """Longest way from the start, edges back left out."""
        following: dict[str, list[str]] = {key: [] for key in self.graph.nodes}
        for edge in self.graph.edges.values():
            following[edge.source].append(edge.target)
        column: dict[str, int] = {}
        forward: list[tuple[str, str]] = []
        under_way: set[str] = set()
        done: set[str] = set()
        order: list[str] = []

        def visit(node: str) -> None:
            under_way.add(node)
            for target in following[node]:
                if target in under_way:
                    continue
                forward.append((node, target))
                if target not in done:
                    visit(target)
            under_way.discard(node)
            done.add(node)
            order.append(node)

        for node in self.graph.nodes:
            if node not in done and node not in self.handlers:
                visit(node)
        for node in reversed(order):
            column.setdefault(node, 0)
            for source, target in forward:
                if source == node:
                    column[target] = max(column.get(target, 0), column[node] + 1)
        for key, undone in self.graph.nodes.items():
            if undone.compensation:
                column[undone.compensation] = column[key]
        return column

    def _place(self) -> dict[str, Point]:
        rows: dict[int, list[str]] = {}
        for key in self.graph.nodes:
            rows.setdefault(self.column[key], []).append(key)
        tallest = max(len(keys) for keys in rows.values())
        place: dict[str, Point] = {}
        for column, keys in sorted(rows.items()):
            shift = (tallest - len(keys)) / 2
            for row, key in enumerate(sorted(keys, key=lambda key: self._height(key, place))):
                x = MARGIN + column * (WIDTH + ACROSS)
                place[key] = (x, MARGIN + (row + shift) * (HEIGHT + DOWN))
        return place

    def _height(self, key: str, place: dict[str, Point]) -> float:
        """Where it would like to stand: beside what leads to it, lower when that is a boundary event."""
        wanted = [
            place[edge.source][1] + (DOWN if edge.port in self.graph.nodes[edge.source].boundary else 0)
            for edge in self.graph.edges.values()
            if edge.target == key and edge.source in place
        ]
        return sum(wanted) / len(wanted) if wanted else 1e6

    # --- drawing ---

    def render(self) -> str:
        width = max(x for x, _ in self.place.values()) + WIDTH + MARGIN
        low = max(y for _, y in self.place.values()) + HEIGHT + MARGIN
        height = low + (18 * len(self.back) + 14 if self.back else 10)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
            f'width="{width:g}" height="{height:g}" font-family="system-ui, \'Noto Sans SC\', sans-serif">',
            f'<rect width="{width:g}" height="{height:g}" rx="10" fill="#f6f7f9"/>',
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            f'orient="auto"><path d="M0 0L8 4L0 8z" fill="{LINE}"/></marker></defs>',
        ]
        for at, (key, edge) in enumerate(self.graph.edges.items()):
            parts += self._draw_edge(key, edge, low + 6 + 18 * (at % 2))
        parts += self._draw_undoing()
        for key in self.graph.nodes:
            parts += self._draw_node(key)
        return "\n".join([*parts, "</svg>", ""])

    def _draw_node(self, key: str) -> Iterator[str]:
        x, y = self.place[key]
        node_type, node = self.types[key], self.graph.nodes[key]
        fill, ink = TINTS[node_type.family]
        yield (
            f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="10" fill="#fff" '
            'stroke="#c9d1d9"/>'
        )
        yield f'<rect x="{x + 8:g}" y="{y + 9:g}" width="28" height="28" rx="6" fill="{fill}"/>'
        task = node_type.type == "form_task"
        mark = key.upper() if task else node_type.label.zh[:1]
        yield _text((x + 22, y + 28), mark, ink, 14, "middle")
        own = (node_type.label.zh, node_type.label.en)
        if task:
            own = (f"步骤 {key.upper()}", f"Step {key.upper()}")
        yield _text((x + 44, y + 21), own[0], INK, 12.5)
        yield _text((x + 44, y + 35), own[1], MUTED, 10)
        for port, event in node.boundary.items():
            px, py = self._port(key, port)
            dash = "" if event.interrupting else ' stroke-dasharray="3 2"'
            ring = f'stroke="{ALERT}" stroke-width="1.6"{dash}'
            yield f'<circle cx="{px:g}" cy="{py:g}" r="7" fill="#fff" {ring}/>'
            yield f'<circle cx="{px:g}" cy="{py:g}" r="4" fill="none" stroke="{ALERT}"{dash}/>'
            yield _text((px - 11, py + 14), name_boundary(event).en, ALERT, 10, "end")

    def _port(self, key: str, port: str) -> Point:
        x, y = self.place[key]
        names = list(self.graph.nodes[key].boundary)
        if port in names:
            return x + WIDTH - 26 - 26 * names.index(port), y + HEIGHT
        return x + WIDTH, y + HEIGHT / 2

    def _draw_edge(self, key: str, edge: Edge, low: float) -> Iterator[str]:
        x1, y1 = self._port(edge.source, edge.port)
        x2, y2 = self.place[edge.target]
        y2 += HEIGHT / 2
        beneath = edge.port in self.graph.nodes[edge.source].boundary
        if key in self.back:
            x2 += 14
            y2 += HEIGHT / 2
            path = f"M{x1:g} {y1:g}c22 0 22 {low - y1:g} 0 {low - y1:g}H{x2 + 12:g}q-12 0 -12 -12V{y2 + 2:g}"
            middle = ((x1 + x2) / 2, low - 4)
        elif beneath:
            path = f"M{x1:g} {y1 + 7:g}C{x1:g} {y2:g} {x1 + 20:g} {y2:g} {x2 - 2:g} {y2:g}"
            middle = (x2 - 8, y2 - 6)
        else:
            bend = max(24, (x2 - x1) / 2)
            path = f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2 - 2:g} {y2:g}"
            middle = (x2 - 10, y2 - 6)
        yield f'<path d="{path}" fill="none" stroke="{LINE}" stroke-width="1.5" marker-end="url(#tip)"/>'
        words = self._name_edge(edge)
        if words and not beneath:
            anchor = "middle" if key in self.back else "end"
            yield _text(middle, words, MUTED, 10, anchor)

    def _name_edge(self, edge: Edge) -> str:
        if edge.when:
            return edge.when.removeprefix("data.")
        node = self.graph.nodes[edge.source]
        ports = list_ports(self.types[edge.source], REGISTRY.decode_config(node), node)
        own = [port for port in ports if port.name not in node.boundary]
        return edge.port if len(own) > 1 else ""

    def _draw_undoing(self) -> Iterator[str]:
        for key, node in self.graph.nodes.items():
            if node.compensation:
                x1, y1 = self.place[key]
                x2, y2 = self.place[node.compensation]
                top, end = (y1 + HEIGHT, y2) if y2 > y1 else (y1, y2 + HEIGHT)
                yield (
                    f'<path d="M{x1 + WIDTH / 2:g} {top:g}L{x2 + WIDTH / 2:g} {end:g}" fill="none" '
                    f'stroke="{ALERT}" stroke-width="1.5" stroke-dasharray="5 4" marker-end="url(#tip)"/>'
                )


def _text(at: Point, words: str, fill: str, size: float, anchor: str = "start") -> str:
    x, y = at
    return (
        f'<text x="{x:g}" y="{y:g}" fill="{fill}" font-size="{size:g}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def write_row(name: str, pattern: Pattern) -> str:
    used = dict.fromkeys(node.type for node in define(pattern).graph.nodes.values())
    labels = [REGISTRY.get(key, 1).label for key in used if key not in {"start", "end", "form_task"}]
    nodes = "<br>".join(f"{label.zh} · {label.en}" for label in labels) or "—"
    if any(node.boundary for node in define(pattern).graph.nodes.values()):
        nodes = "边界事件 · Boundary event" + ("" if nodes == "—" else f"<br>{nodes}")
    numbers = [*map(str, pattern.wcp), *(f"({one})" for one in pattern.instead_of)]
    number = ", ".join(numbers) or "—"
    verdict = "" if pattern.soundness == "sound" else f"<br>*{', '.join(pattern.findings)}*"
    return (
        f"| ![{pattern.name.en}](images/patterns/{name}.svg) | {number} "
        f"| **{pattern.name.zh}**<br>{pattern.name.en} "
        f"| {pattern.meaning.zh}<br>{pattern.meaning.en}{verdict} | {nodes} |\n"
    )


def make_all() -> dict[Path, str]:
    """Every file with what it should hold."""
    patterns = load_patterns()
    files = {FOLDER / f"{name}.svg": Drawing(pattern).render() for name, pattern in patterns.items()}
    files[DOCS / "patterns.md"] = HEAD + "".join(write_row(*item) for item in patterns.items())
    return files


def list_stale() -> list[str]:
    """Files that differ from the cases, and drawings without one."""
    files = make_all()
    stale = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    stale += [path for path in FOLDER.glob("*.svg") if path not in files]
    return sorted(path.relative_to(ROOT).as_posix() for path in stale)


def main() -> int:
    if "--check" in sys.argv[1:]:
        stale = list_stale()
        print("\n".join(stale))
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    files = make_all()
    for path in FOLDER.glob("*.svg"):
        if path not in files:
            path.unlink()
    for path, text in files.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
