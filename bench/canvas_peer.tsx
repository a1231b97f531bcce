/** The peer of the canvas benchmark: React Flow as its guide shows it, with its own plain nodes. */
import { ReactFlow, applyNodeChanges, type Edge, type Node, type NodeChange } from "@xyflow/react";
import css from "@xyflow/react/dist/style.css?inline";
import { useCallback, useState } from "react";
import { createRoot } from "react-dom/client";

function Peer({ first, edges }: { first: Node[]; edges: Edge[] }) {
  const [nodes, setNodes] = useState(first);
  const onNodesChange = useCallback((changes: NodeChange[]) => setNodes((known) => applyNodeChanges(changes, known)), []);
  return (
    <div style={{ width: "100vw", height: "100vh" }}>
      <ReactFlow nodes={nodes} edges={edges} onNodesChange={onNodesChange} fitView minZoom={0.02} />
    </div>
  );
}

export function mount(element: HTMLElement, nodes: Node[], edges: Edge[]): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets.push(sheet);
  createRoot(element).render(<Peer first={nodes} edges={edges} />);
}
