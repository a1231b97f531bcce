/** The drawing area: React Flow bound to the store. Dragging stays here; finished edits go out as patches. */
import {
  Background,
  BackgroundVariant,
  MarkerType,
  MiniMap,
  ReactFlow,
  applyEdgeChanges,
  applyNodeChanges,
  useReactFlow,
  type Connection,
  type EdgeChange,
  type NodeChange,
  type Viewport,
} from "@xyflow/react";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type DragEvent } from "react";
import { CanvasControls } from "./CanvasControls";
import { useDesign, useDesigner, useTexts } from "./context";
import * as edits from "./edits";
import { FlowLink } from "./FlowLink";
import { buildEdges, buildNodes, type CardNode, type FlowInput, type LinkEdge } from "./flow";
import { CARD_WIDTH, GRID, HEADER_HEIGHT, type Point } from "./geometry";
import { openingView } from "./openingView";
import { NodeCard } from "./NodeCard";
import { DRAG_TYPE } from "./anchors";
import { useAriaTexts } from "./aria";
import { FAMILIES } from "./model";

const NODE_KINDS = { card: NodeCard };
const EDGE_KINDS = { link: FlowLink };
export const EDGE_DEFAULTS = { markerEnd: { type: MarkerType.ArrowClosed, width: 24, height: 24, markerUnits: "userSpaceOnUse" } };
const SNAP: [number, number] = [GRID, GRID];
/** Above this many nodes only what is in sight is drawn. */
const MANY_NODES = 80;
/** A mini map draws every node; above this many it would cost more than it helps. */
const MAP_MOST = 2000;
const MAP_SIZE = { width: 160, height: 96 };
const MULTI_KEYS = ["Meta", "Control"];
export const FIT = { padding: 0.06, maxZoom: 1, minZoom: 0.1 };

function useFlowInput(): FlowInput {
  const { locale, t } = useTexts();
  const graph = useDesign((state) => state.document.graph);
  const types = useDesign((state) => state.types);
  const { derived, findings } = useDesign((state) => state.analysis);
  const fields = useDesign((state) => state.fields);
  return useMemo(() => ({ graph, types, derived, findings, fields, locale, t }), [graph, types, derived, findings, fields, locale, t]);
}

/** Marks what the store says is selected; objects whose mark is right stay the same. */
function marked<T extends { id: string; selected?: boolean }>(items: T[], chosen: readonly string[]): T[] {
  const set = new Set(chosen);
  return items.map((item) => (Boolean(item.selected) === set.has(item.id) ? item : { ...item, selected: set.has(item.id) }));
}

const chosenIds = (items: { id: string; selected?: boolean }[]): string[] =>
  items.filter((item) => item.selected).map((item) => item.id);

/** Measures its place first: the first picture is then already the right part of the flow. */
export function Canvas({ readOnly }: { readOnly: boolean }) {
  const { store } = useDesigner();
  const place = useRef<HTMLDivElement>(null);
  const [viewport, setViewport] = useState<Viewport | null>(null);
  useLayoutEffect(() => {
    const box = place.current;
    if (box) setViewport(openingView(store.get().document.graph, store.get().types, box.clientWidth, box.clientHeight));
  }, [store]);
  return (
    <div ref={place} className="h-full w-full">
      {viewport && <Sheet readOnly={readOnly} viewport={viewport} />}
    </div>
  );
}

function Sheet({ readOnly, viewport }: { readOnly: boolean; viewport: Viewport }) {
  const { store } = useDesigner();
  const { t } = useTexts();
  const input = useFlowInput();
  const selection = useDesign((state) => state.selection);
  const flow = useReactFlow<CardNode, LinkEdge>();
  const [nodes, setNodes] = useState<CardNode[]>(() => buildNodes(input, []));
  const [edges, setEdges] = useState<LinkEdge[]>(() => buildEdges(input, []));
  const latest = useRef({ nodes, edges });

  const showNodes = useCallback((next: CardNode[]) => {
    latest.current.nodes = next;
    setNodes(next);
  }, []);
  const showEdges = useCallback((next: LinkEdge[]) => {
    latest.current.edges = next;
    setEdges(next);
  }, []);

  useEffect(() => showNodes(marked(buildNodes(input, latest.current.nodes), selection.nodes)), [input, selection.nodes, showNodes]);
  useEffect(() => showEdges(marked(buildEdges(input, latest.current.edges), selection.edges)), [input, selection.edges, showEdges]);

  const onNodesChange = useCallback(
    (changes: NodeChange<CardNode>[]) => {
      const dragged = new Set(latest.current.nodes.filter((node) => node.dragging).map((node) => node.id));
      showNodes(applyNodeChanges(changes, latest.current.nodes));
      if (changes.some((change) => change.type === "select")) {
        store.select(chosenIds(latest.current.nodes), store.get().selection.edges);
      }
      const moved = finishedMoves(changes);
      if (moved.size === 0) return;
      const isNudge = [...moved.keys()].every((id) => !dragged.has(id));
      store.edit(edits.moveNodes(store.get().document.graph, moved), isNudge ? "nudge" : null);
    },
    [showNodes, store],
  );
  const onEdgesChange = useCallback(
    (changes: EdgeChange<LinkEdge>[]) => {
      showEdges(applyEdgeChanges(changes, latest.current.edges));
      if (changes.some((change) => change.type === "select")) {
        store.select(store.get().selection.nodes, chosenIds(latest.current.edges));
      }
    },
    [showEdges, store],
  );
  const graphOf = useCallback(() => store.get().document.graph, [store]);
  const onConnect = useCallback((link: Connection) => store.edit(edits.connect(graphOf(), endsOf(link))), [store, graphOf]);
  const onReconnect = useCallback(
    (old: LinkEdge, link: Connection) => store.edit(edits.reconnect(graphOf(), old.id, endsOf(link))),
    [store, graphOf],
  );
  const isValid = useCallback(
    (link: Connection | LinkEdge) => edits.mayConnect(graphOf(), endsOf(link)),
    [graphOf],
  );
  const onDrop = (event: DragEvent): void => {
    const key = event.dataTransfer.getData(DRAG_TYPE);
    const type = store.get().types.get(key);
    if (!type || readOnly) return;
    event.preventDefault();
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const place = { x: at.x - CARD_WIDTH / 2, y: at.y - HEADER_HEIGHT / 2 };
    const edge = edgeUnder(event);
    const added = edge ? edits.addNodeOnEdge(graphOf(), type, place, edge) : edits.addNode(graphOf(), type, place);
    store.edit(added.patch);
    store.select([added.id], []);
  };
  const onDragOver = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes(DRAG_TYPE)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  };
  const ariaTexts = useAriaTexts();

  return (
    <div className="tf-flow h-full w-full" onDrop={onDrop} onDragOver={onDragOver}>
      <ReactFlow<CardNode, LinkEdge>
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_KINDS}
        edgeTypes={EDGE_KINDS}
        defaultEdgeOptions={EDGE_DEFAULTS}
        onNodesChange={onNodesChange}
        onEdgesChange={onEdgesChange}
        onConnect={onConnect}
        onReconnect={onReconnect}
        isValidConnection={isValid}
        nodesDraggable={!readOnly}
        nodesConnectable={!readOnly}
        edgesReconnectable={!readOnly}
        deleteKeyCode={null}
        multiSelectionKeyCode={MULTI_KEYS}
        connectionRadius={28}
        snapToGrid
        snapGrid={SNAP}
        minZoom={0.05}
        maxZoom={2}
        defaultViewport={viewport}
        panOnScroll
        zoomOnDoubleClick={false}
        elevateEdgesOnSelect
        onlyRenderVisibleElements={nodes.length > MANY_NODES}
        ariaLabelConfig={ariaTexts}
        aria-label={t("canvas.label")}
      >
        <Background variant={BackgroundVariant.Dots} gap={24} size={2} color="color-mix(in oklch, var(--color-base-content) 16%, transparent)" />
        {nodes.length > 8 && nodes.length <= MAP_MOST && <MiniMap pannable zoomable style={MAP_SIZE} nodeColor={minimapColor} nodeBorderRadius={12} className="max-md:hidden!" ariaLabel={t("canvas.minimap")} />}
        <CanvasControls readOnly={readOnly} />
      </ReactFlow>
    </div>
  );
}

function minimapColor(node: CardNode): string {
  const family = node.data.type?.family;
  return family && FAMILIES.includes(family) ? `var(--family-${family}-ink)` : "var(--color-muted)";
}

/** Positions that are final: the end of a drag, or a step by an arrow key. */
function finishedMoves(changes: NodeChange<CardNode>[]): Map<string, Point> {
  const moves = new Map<string, Point>();
  for (const change of changes) {
    if (change.type === "position" && change.dragging === false && change.position) moves.set(change.id, change.position);
  }
  return moves;
}

function endsOf(link: { source: string; sourceHandle?: string | null; target: string }): edits.Exit & { target: string } {
  return { source: link.source, port: link.sourceHandle ?? "", target: link.target };
}

function edgeUnder(event: DragEvent): string | null {
  for (const element of document.elementsFromPoint(event.clientX, event.clientY)) {
    const id = element.closest(".react-flow__edge")?.getAttribute("data-id");
    if (id) return id;
  }
  return null;
}
