/** Automatic layout: left to right, in layers. */
import { Graph as Dagre, layout } from "@dagrejs/dagre";
import { CARD_WIDTH, cardHeight, type Point } from "./geometry";
import { ownPorts, portsOf, type DerivedMap, type Graph, type NodeTypes } from "./model";

/** New places for every node, or for the chosen ones around where they are now. */
export function arrange(graph: Graph, types: NodeTypes, derived: DerivedMap, chosen: readonly string[]): Map<string, Point> {
  const ids = chosen.length > 1 ? chosen : Object.keys(graph.nodes);
  const sheet = new Dagre({ multigraph: true });
  sheet.setGraph({ rankdir: "LR", nodesep: 40, ranksep: 72, ranker: "network-simplex" });
  sheet.setDefaultEdgeLabel(() => ({}));
  for (const id of ids) {
    const node = graph.nodes[id];
    if (node) sheet.setNode(id, { width: CARD_WIDTH, height: cardHeight(ownPorts(portsOf(types, derived, id, node), node)) });
  }
  for (const [id, edge] of Object.entries(graph.edges)) {
    if (sheet.hasNode(edge.source) && sheet.hasNode(edge.target)) sheet.setEdge(edge.source, edge.target, {}, id);
  }
  for (const id of ids) {
    const undoing = graph.nodes[id]?.compensation;
    if (undoing && sheet.hasNode(undoing)) sheet.setEdge(id, undoing, { minlen: 1, weight: 0 }, `~${id}`);
  }
  layout(sheet);
  const corner = (points: Point[]): Point => ({
    x: Math.min(...points.map((p) => p.x)),
    y: Math.min(...points.map((p) => p.y)),
  });
  const places = new Map<string, Point>();
  for (const id of sheet.nodes()) {
    const { x, y, width, height } = sheet.node(id) as Point & { width: number; height: number };
    places.set(id, { x: x - width / 2, y: y - height / 2 });
  }
  const to = corner(ids.map((id) => graph.nodes[id]?.position ?? { x: 0, y: 0 }));
  const from = corner([...places.values()]);
  for (const [id, place] of places) places.set(id, { x: place.x - from.x + to.x, y: place.y - from.y + to.y });
  return places;
}
