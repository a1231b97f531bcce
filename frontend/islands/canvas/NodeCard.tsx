/** One node on the canvas: what it is, what it will do, its ways out, what is wrong with it. */
import { Handle, Position, type NodeProps } from "@xyflow/react";
import { CircleX, Clock, TriangleAlert } from "lucide-react";
import { memo } from "react";
import { localized } from "../shared/catalogue";
import { useTexts } from "./context";
import type { CardNode, Marks } from "./flow";
import { HEADER_HEIGHT, PORT_ROW, TARGET_HANDLE, portY } from "./geometry";
import { FamilyIcon } from "./icons";
import { useNodeLight } from "./lights";
import { hasInput, type Port } from "./model";

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
    </div>
  );
});

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
