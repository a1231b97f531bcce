/** The whole document as JSON, for what the fields do not offer; taken over by a press. */
import { useEffect, useState } from "react";
import type { TariffDocument } from "./model";
import { useRoom } from "./texts";

export function JsonCard({ document, onTake }: { document: TariffDocument; onTake: (document: TariffDocument) => void }) {
  const { names, editable } = useRoom();
  const { t } = names;
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState("");
  const [fault, setFault] = useState("");
  useEffect(() => setText(isOpen ? JSON.stringify(document, null, 2) : ""), [document, isOpen]);
  const take = () => {
    try {
      const found = JSON.parse(text) as Partial<TariffDocument> | null;
      if (!Array.isArray(found?.rows) || found.rows.length === 0) return setFault(t("json.shape"));
      setFault("");
      onTake(found as TariffDocument);
    } catch (error) {
      setFault(t("json.fault", { reason: (error as Error).message }));
    }
  };
  return (
    <details className="text-sm" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="cursor-pointer text-muted">{t("json")}</summary>
      <div className="tf-card mt-2 flex flex-col items-start gap-3">
        <textarea className="textarea w-full font-mono text-xs" rows={18} spellCheck={false} aria-label={t("json")} readOnly={!editable} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        {fault && <p className="text-error" role="alert">{fault}</p>}
        {editable && <button type="button" className="btn btn-sm" onClick={take}>{t("json.take")}</button>}
      </div>
    </details>
  );
}
