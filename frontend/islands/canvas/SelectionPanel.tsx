/** Several things chosen: what can be done with all of them. */
import { CopyPlus, Trash2, WandSparkles } from "lucide-react";
import { useActions } from "./actions";
import { useTexts } from "./context";

export function SelectionPanel({ nodes, edges, readOnly }: { nodes: string[]; edges: string[]; readOnly: boolean }) {
  const { t } = useTexts();
  const { arrangeAll, duplicate, remove } = useActions();
  return (
    <div className="flex flex-col gap-4">
      <h2 className="text-base font-medium">{t("selection.title", { nodes: nodes.length, edges: edges.length })}</h2>
      {!readOnly && (
        <div className="flex flex-col gap-2">
          <button type="button" className="btn btn-sm justify-start" disabled={nodes.length < 2} onClick={() => void arrangeAll()}>
            <WandSparkles className="size-4" aria-hidden />
            {t("selection.arrange")}
          </button>
          <button type="button" className="btn btn-sm justify-start" disabled={nodes.length === 0} onClick={duplicate}>
            <CopyPlus className="size-4" aria-hidden />
            {t("node.duplicate")}
          </button>
          <button type="button" className="btn btn-ghost btn-sm justify-start text-error" onClick={remove}>
            <Trash2 className="size-4" aria-hidden />
            {t("selection.remove")}
          </button>
        </div>
      )}
    </div>
  );
}
