/** The order in which people read a graph: as the work flows. */
import { hasInput, typeOf, type Graph, type NodeTypes } from "./model";

/** Nodes from the starts on, each after those that lead to it; what no start reaches comes last. Edges back in a loop count for nothing. */
export function inFlowOrder(graph: Graph, types: NodeTypes): string[] {
  const ids = Object.keys(graph.nodes);
  const following = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const edge of Object.values(graph.edges)) following.get(edge.source)?.unshift(edge.target);
  const seen = new Set<string>();
  const finished: string[] = [];
  const visit = (id: string): void => {
    const ways = following.get(id);
    if (!ways || seen.has(id)) return;
    seen.add(id);
    ways.forEach(visit);
    finished.push(id);
  };
  const starts = ids.filter((id) => {
    const node = graph.nodes[id];
    return node !== undefined && !hasInput(typeOf(types, node));
  });
  starts.reverse().forEach(visit);
  return [...finished.reverse(), ...ids.filter((id) => !seen.has(id))];
}
