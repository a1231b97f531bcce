/** An edge with its condition as a label. */
import { BaseEdge, EdgeLabelRenderer, getBezierPath, type EdgeProps } from "@xyflow/react";
import { TriangleAlert } from "lucide-react";
import { memo } from "react";
import { useSelect } from "./context";
import { UNDO_PREFIX, type LinkEdge } from "./flow";
import { useEdgeLight } from "./lights";

/** Above edges that React Flow raises while they or their nodes are selected (1000). */
const LABEL_LAYER = 1001;
const DASH: Record<string, string | undefined> = { timeout: "6 4", error: "2 4" };

export const FlowLink = memo(function FlowLink(props: EdgeProps<LinkEdge>) {
  const { id, source, target, data, selected, markerEnd } = props;
  const [path, labelX, labelY] = getBezierPath(props);
  const light = useEdgeLight(source, target);
  const select = useSelect();
  const isUndoing = id.startsWith(UNDO_PREFIX);
  const isStrong = !isUndoing && (selected || light !== null);
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        markerEnd={markerEnd}
        interactionWidth={18}
        style={{
          stroke: isStrong ? "var(--color-primary)" : isUndoing ? "var(--color-warning)" : undefined,
          strokeWidth: isStrong ? 2.5 : 1.5,
          strokeDasharray: isUndoing ? "5 5" : DASH[data?.kind ?? ""],
        }}
      />
      {(data?.label || data?.hasFinding) && (
        <EdgeLabelRenderer>
          <button
            type="button"
            tabIndex={-1}
            title={data.title}
            className={`nodrag nopan pointer-events-auto absolute flex max-w-40 items-center gap-1 rounded-field border bg-base-100 px-1.5 py-0.5 text-xs ${
              isStrong ? "border-primary text-primary" : "border-base-300 text-base-content/80"
            } ${data.isDefault ? "italic" : ""}`}
            style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)`, zIndex: LABEL_LAYER }}
            onClick={() => select(isUndoing ? [source] : [], isUndoing ? [] : [id])}
          >
            {data.hasFinding && <TriangleAlert className="size-3 shrink-0 text-error" aria-hidden />}
            <span className="truncate">{data.label}</span>
          </button>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
