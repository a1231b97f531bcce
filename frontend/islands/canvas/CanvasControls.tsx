/** Zoom, fit and automatic layout, over the lower left corner. */
import { Panel, useReactFlow } from "@xyflow/react";
import { Maximize, Minus, Plus, WandSparkles, type LucideIcon } from "lucide-react";
import { FIT } from "./Canvas";
import { useTexts } from "./context";
import { useActions } from "./actions";

export function CanvasControls({ readOnly }: { readOnly: boolean }) {
  const { t } = useTexts();
  const flow = useReactFlow();
  const { arrangeAll } = useActions();
  const button = (Icon: LucideIcon, label: string, onClick: () => void) => (
    <button type="button" className="btn btn-ghost btn-square btn-sm" aria-label={label} title={label} onClick={onClick}>
      <Icon className="size-4" aria-hidden />
    </button>
  );
  return (
    <Panel position="bottom-left" className="flex flex-col rounded-field border border-base-300 bg-base-100">
      {button(Plus, t("canvas.zoom_in"), () => void flow.zoomIn({ duration: 150 }))}
      {button(Minus, t("canvas.zoom_out"), () => void flow.zoomOut({ duration: 150 }))}
      {button(Maximize, t("canvas.fit"), () => void flow.fitView({ ...FIT, duration: 250 }))}
      {!readOnly && button(WandSparkles, t("canvas.arrange"), () => void arrangeAll())}
    </Panel>
  );
}
