/** One node on the canvas: what it is, what it will do, its ways out, what is wrong with it. */
import { Handle, Position, type NodeProps } from "@xyflow/react";
import { CircleX, Clock, TriangleAlert } from "lucide-react";
import { memo } from "react";
import { localized } from "../shared/catalogue";
import { useTexts } from "./context";
import type { CardNode, Marks } from "./flow";
import { HEADER_HEIGHT, PORT_ROW, TARGET_HANDLE, UNDOING_HANDLE, UNDONE_HANDLE, boundaryX, portY } from "./geometry";
import { BoundaryIcon, FamilyIcon } from "./icons";
import { useNodeLight } from "./lights";
import { hasInput, type GraphNode, type Port } from "./model";

const RING = {
  current: "border-primary ring-4 ring-primary/25",
  visited: "border-primary",
  selected: "border-primary ring-2 ring-primary/30",
  none: "border-base-content/20",
};

export const NodeCard = memo(function NodeCard({ id, data, selected, isConnectable }: NodeProps<CardNode>) {
  const light = useNodeLight(id);
  const ring = light === "current" ? RING.current : selected ? RING.selected : light === "visited" ? RING.visited : RING.none;
  return (
    <div className={`relative h-full w-full rounded-box border bg-base-100 text-base-content transition-shadow ${ring}`}>
      {hasInput(data.type) && <Handle id={TARGET_HANDLE} type="target" position={Position.Left} style={{ top: HEADER_HEIGHT / 2 }} isConnectable={isConnectable} />}
      <div className="flex items-center gap-2.5 px-2.5" style={{ height: HEADER_HEIGHT - 2 }}>
        <FamilyIcon icon={data.type?.icon} family={data.type?.family} />
        <div className="min-w-0 flex-1">
          <div className="truncate text-[13px] leading-5 font-medium">{data.name}</div>
          {data.summary && <div className="truncate text-xs leading-4 text-muted">{data.summary}</div>}
        </div>
      </div>
      {data.marks && <MarkBadge marks={data.marks} />}
      <Ports ports={data.ports} isConnectable={isConnectable} />
      {data.boundary.length > 0 && <BoundaryPorts ports={data.boundary} node={data.source} isConnectable={isConnectable} />}
      {data.source.compensation && <Handle id={UNDONE_HANDLE} type="source" position={Position.Bottom} isConnectable={false} className="tf-hidden-handle" style={{ left: 28 }} />}
      {data.isUndoing && <Handle id={UNDOING_HANDLE} type="target" position={Position.Top} isConnectable={false} className="tf-hidden-handle" style={{ left: 28 }} />}
    </div>
  );
});

/** Events at the lower edge: dashed where the step goes on beside what follows. */
function BoundaryPorts({ ports, node, isConnectable }: { ports: Port[]; node: GraphNode; isConnectable: boolean }) {
  const { locale } = useTexts();
  const last = boundaryX(ports.length - 1);
  return (
    <>
      {ports.map((port, at) => {
        const event = node.boundary?.[port.name];
        const label = localized(port.label, locale) || port.name;
        const border = event?.interrupting === false ? "border-dashed" : "";
        return (
          <div key={port.name} title={label}>
            <span
              className={`pointer-events-none absolute -bottom-2.5 grid size-5 -translate-x-1/2 place-items-center rounded-full border-[1.5px] border-warning bg-base-100 text-warning ${border}`}
              style={{ left: boundaryX(at) }}
            >
              <BoundaryIcon kind={event?.kind ?? "error"} />
            </span>
            <Handle id={port.name} type="source" position={Position.Bottom} className="port-boundary" style={{ left: boundaryX(at) }} isConnectable={isConnectable} aria-label={label} />
          </div>
        );
      })}
      <span className="pointer-events-none absolute top-full mt-1 max-w-full -translate-x-full truncate pr-1 text-[11px] leading-3 text-muted" style={{ left: last - 10, width: last - 16 }}>
        <span className="block truncate text-right">{ports.map((port) => localized(port.label, locale) || port.name).reverse().join(" · ")}</span>
      </span>
    </>
  );
}

function MarkBadge({ marks }: { marks: Marks }) {
  const isError = marks.errors > 0;
  const Icon = isError ? CircleX : TriangleAlert;
  return (
    <span
      title={marks.text}
      className={`absolute -top-2.5 right-3 flex h-5 items-center gap-0.5 rounded-full px-1.5 text-[11px] font-medium tabular-nums ${
        isError ? "bg-error text-error-content" : "bg-warning text-warning-content"
      }`}
    >
      <Icon className="size-3" aria-hidden />
      {isError ? marks.errors : marks.warnings}
      <span className="sr-only">{marks.text}</span>
    </span>
  );
}

function Ports({ ports, isConnectable }: { ports: Port[]; isConnectable: boolean }) {
  const { locale } = useTexts();
  if (ports.length === 1) return <PortHandle port={ports[0]!} y={portY(ports, 0)} isConnectable={isConnectable} label={localized(ports[0]!.label, locale)} />;
  return ports.length === 0 ? null : (
    <div className="border-t border-base-300 pt-0.5">
      {ports.map((port, at) => (
        <div key={port.name} className="flex items-center justify-end gap-1 pr-3.5 pl-3 text-xs text-muted" style={{ height: PORT_ROW }}>
          {port.kind === "timeout" && <Clock className="size-3 text-warning" aria-hidden />}
          {port.kind === "error" && <TriangleAlert className="size-3 text-error" aria-hidden />}
          <span className="truncate">{localized(port.label, locale)}</span>
          <PortHandle port={port} y={portY(ports, at)} isConnectable={isConnectable} label={localized(port.label, locale)} />
        </div>
      ))}
    </div>
  );
}

function PortHandle({ port, y, isConnectable, label }: { port: Port; y: number; isConnectable: boolean; label: string }) {
  return (
    <Handle
      id={port.name}
      type="source"
      position={Position.Right}
      style={{ top: y }}
      className={`port-${port.kind}`}
      isConnectable={isConnectable}
      aria-label={label}
    />
  );
}
