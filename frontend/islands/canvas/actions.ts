/** Commands that palette, keyboard, menus and panels share. */
import { useReactFlow } from "@xyflow/react";
import { useMemo } from "react";
import { useDesigner } from "./context";
import * as edits from "./edits";
import { CARD_WIDTH, GAP, HEADER_HEIGHT, placeAfter, snap, type Point } from "./geometry";
import { portsOf, typeOf, type NodeType } from "./model";
import type { DesignStore } from "./store";

export interface Actions {
  /** Adds a node after the selected one and connects it, else in the middle of what is in sight. */
  add(type: NodeType): void;
  remove(): void;
  duplicate(): void;
  copy(): string | null;
  paste(text: string): boolean;
  selectAll(): void;
  arrangeAll(): Promise<void>;
  /** Brings all of these nodes into view. */
  frame(ids: string[]): void;
  /** Selects a node or an edge and brings it into view. */
  reveal(target: { node?: string | null; edge?: string | null }): void;
}

const OFFSET: Point = { x: 32, y: 32 };
const MOTION = 300;

/** The exit of the selected node that has no edge yet; undefined when nothing or several are selected. */
function freeExit(store: DesignStore): edits.Exit | undefined {
  const { document, selection, types, analysis } = store.get();
  const [source, ...more] = selection.nodes;
  const node = source === undefined ? undefined : document.graph.nodes[source];
  if (source === undefined || !node || more.length > 0) return undefined;
  const ports = portsOf(types, analysis.derived, source, node);
  const free = ports.find((port) => edits.siblings(document.graph, { source, port: port.name }).length === 0);
  // Only a branching node may have several edges on one exit.
  const isBranching = typeOf(types, node)?.family === "flow";
  const port = free ?? (isBranching && ports.length === 1 ? ports[0] : undefined);
  return port ? { source, port: port.name } : undefined;
}

/** The only edge that leaves the selected node: a node added after it goes into that edge. */
function onlyEdge(store: DesignStore): string | undefined {
  const { document, selection } = store.get();
  const [source, ...more] = selection.nodes;
  const leaving = Object.entries(document.graph.edges).filter(([, edge]) => edge.source === source);
  return more.length === 0 && leaving.length === 1 ? leaving[0]?.[0] : undefined;
}

export function useActions(): Actions {
  const { store } = useDesigner();
  const flow = useReactFlow();
  return useMemo(() => {
    const graph = () => store.get().document.graph;
    const middle = (): Point => {
      const box = document.querySelector(".tf-flow")?.getBoundingClientRect();
      return flow.screenToFlowPosition({ x: (box?.left ?? 0) + (box?.width ?? 800) / 2, y: (box?.top ?? 0) + (box?.height ?? 600) / 2 });
    };
    const apply = ({ ids, patch }: { ids: string[]; patch: Parameters<DesignStore["edit"]>[0] }): void => {
      store.edit(patch);
      store.select(ids, []);
    };
    const centre = (points: Point[]): void => {
      const x = points.reduce((sum, point) => sum + point.x, 0) / points.length + CARD_WIDTH / 2;
      const y = points.reduce((sum, point) => sum + point.y, 0) / points.length + HEADER_HEIGHT / 2;
      void flow.setCenter(x, y, { zoom: Math.max(flow.getZoom(), 0.8), duration: MOTION });
    };
    return {
      add(type) {
        const exit = freeExit(store);
        const [source] = store.get().selection.nodes;
        const from = source === undefined ? undefined : graph().nodes[source]?.position;
        const taken = Object.values(graph().nodes).map((node) => node.position ?? { x: 0, y: 0 });
        const at = middle();
        const between = exit ? undefined : onlyEdge(store);
        const beside = from && snap({ x: from.x + CARD_WIDTH + GAP.x, y: from.y });
        const place = between && beside ? beside : from ? placeAfter(from, taken) : placeAfter({ x: at.x - CARD_WIDTH * 2, y: at.y - HEADER_HEIGHT / 2 }, taken);
        const { id, patch } = between
          ? edits.addNodeOnEdge(graph(), type, place, between)
          : edits.addNode(graph(), type, place, exit);
        apply({ ids: [id], patch });
        centre([place]);
      },
      remove() {
        const { selection } = store.get();
        store.edit(edits.remove(graph(), selection.nodes, selection.edges));
        store.select([], []);
      },
      duplicate() {
        const fragment = edits.copy(graph(), store.get().selection.nodes);
        if (fragment) apply(edits.paste(graph(), fragment, { offset: OFFSET }));
      },
      copy() {
        const fragment = edits.copy(graph(), store.get().selection.nodes);
        return fragment && JSON.stringify(fragment);
      },
      paste(text) {
        const fragment = edits.readFragment(text);
        if (fragment) apply(edits.paste(graph(), fragment, { at: middle() }));
        return fragment !== null;
      },
      selectAll: () => store.select(Object.keys(graph().nodes), []),
      async arrangeAll() {
        const { arrange } = await import("./layout");
        const { types, analysis, selection } = store.get();
        store.edit(edits.moveNodes(graph(), arrange(graph(), types, analysis.derived, selection.nodes)));
        requestAnimationFrame(() => void flow.fitView({ padding: 0.06, maxZoom: 1, duration: MOTION }));
      },
      frame: (ids) => void flow.fitView({ nodes: ids.map((id) => ({ id })), padding: 0.2, maxZoom: 1, duration: MOTION }),
      reveal({ node, edge }) {
        const link = edge ? graph().edges[edge] : undefined;
        const ids = node ? [node] : link ? [link.source, link.target] : [];
        const places = ids.flatMap((id) => graph().nodes[id]?.position ?? []);
        if (places.length === 0) return;
        store.select(node ? [node] : [], link && edge && !node ? [edge] : []);
        centre(places);
      },
    };
  }, [store, flow]);
}
