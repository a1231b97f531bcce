/** A graph to look at: templates before cloning, releases, a ticket with its tokens. No server, no edits. */
import { Background, BackgroundVariant, Controls, ReactFlow, ReactFlowProvider, useNodesInitialized, useReactFlow, type ReactFlowInstance } from "@xyflow/react";
import { useEffect, useMemo, useRef } from "react";
import type { FieldInfo } from "../conditions/model";
import { localeOf } from "../shared/catalogue";
import { EDGE_DEFAULTS, FIT } from "./Canvas";
import { SelectContext, TextsContext, canvasTexts } from "./context";
import { FlowLink } from "./FlowLink";
import { buildEdges, buildNodes, type CardNode, type LinkEdge } from "./flow";
import { LightsContext, tokenLights } from "./lights";
import { indexTypes, type DerivedMap, type Graph, type NodeType } from "./model";
import { NodeCard } from "./NodeCard";
import { openingView } from "./openingView";
import { adoptStyles } from "./styles";

export interface ReadOnlyCanvasProps {
  graph: Graph;
  nodeTypes: NodeType[];
  locale: string;
  /** Nodes on which a token stands, and nodes that were passed. */
  tokens?: string[];
  visited?: string[];
  derived?: DerivedMap;
  fields?: FieldInfo[];
  /** Height in pixels; the width is that of the parent. */
  height?: number;
  /** Keeps the nodes with a token in sight and readable; the whole graph when there is none. */
  follow?: boolean;
  /** Hears of a click on a card. */
  onPick?: (id: string) => void;
}

/** To look at, cards should be readable at once; the fit control shows the whole. */
const READABLE = 0.62;
const NODE_KINDS = { card: NodeCard };
const EDGE_KINDS = { link: FlowLink };
const NONE: never[] = [];
const NO_DERIVED: DerivedMap = {};

export function ReadOnlyCanvas({
  graph, nodeTypes, locale: tag, tokens = NONE, visited = NONE, derived = NO_DERIVED, fields = NONE, height = 360, follow = false, onPick,
}: ReadOnlyCanvasProps) {
  adoptStyles();
  const locale = localeOf(tag);
  const texts = useMemo(() => ({ locale, t: canvasTexts(locale) }), [locale]);
  const lights = useMemo(() => tokenLights(tokens, visited), [tokens, visited]);
  const types = useMemo(() => indexTypes(nodeTypes), [nodeTypes]);
  const frame = useRef<HTMLDivElement>(null);
  const open = (flow: ReactFlowInstance<CardNode, LinkEdge>) => {
    const width = frame.current?.clientWidth ?? 0;
    if (width && !(follow && tokens.length)) void flow.setViewport(openingView(graph, types, width, height, READABLE));
  };
  const drawing = useMemo(() => {
    const input = { graph, types, derived, findings: NONE, fields, ...texts };
    return { nodes: buildNodes(input, []), edges: buildEdges(input, []) };
  }, [graph, types, derived, fields, texts]);
  return (
    <TextsContext value={texts}>
      <LightsContext value={lights}>
        <SelectContext value={() => undefined}>
          <ReactFlowProvider>
            <div ref={frame} className="tf-flow w-full" style={{ height }}>
              <ReactFlow
                {...drawing}
                nodeTypes={NODE_KINDS}
                edgeTypes={EDGE_KINDS}
                defaultEdgeOptions={EDGE_DEFAULTS}
                nodesDraggable={false}
                nodesConnectable={false}
                elementsSelectable={false}
                nodesFocusable={false}
                edgesFocusable={false}
                preventScrolling={false}
                zoomOnScroll={false}
                minZoom={0.05}
                onInit={open}
                onNodeClick={(_event: React.MouseEvent, node: CardNode) => onPick?.(node.id)}
                aria-label={texts.t("canvas.preview")}
              >
                <Background variant={BackgroundVariant.Dots} gap={24} size={2} color="color-mix(in oklch, var(--color-base-content) 16%, transparent)" />
                {follow && <FollowTokens tokens={tokens} />}
                <Controls showInteractive={false} className="rounded-field border border-base-300 bg-base-100" />
              </ReactFlow>
            </div>
          </ReactFlowProvider>
        </SelectContext>
      </LightsContext>
    </TextsContext>
  );
}

const CLOSE = { padding: 0.6, maxZoom: 0.85, minZoom: 0.1, duration: 350 };

function FollowTokens({ tokens }: { tokens: readonly string[] }) {
  const { fitView } = useReactFlow();
  const isReady = useNodesInitialized();
  const wanted = tokens.join("\n");
  useEffect(() => {
    if (!isReady) return;
    void fitView(wanted ? { ...CLOSE, nodes: wanted.split("\n").map((id) => ({ id })) } : { ...FIT, duration: CLOSE.duration });
  }, [fitView, isReady, wanted]);
  return null;
}
