import type { FieldProps } from "@rjsf/utils";
import { useState } from "react";
import { contextOf } from "../context";

/** A value of any shape, edited as JSON text; unreadable text stays in the box and changes nothing. */
export function JsonField(props: FieldProps) {
  const { fieldPathId, formData, onChange, readonly, registry } = props;
  const { t } = contextOf(registry);
  const [text, setText] = useState(() => (formData === undefined ? "" : JSON.stringify(formData, null, 2)));
  const [broken, setBroken] = useState(false);
  const accept = (next: string) => {
    setText(next);
    try {
      onChange(next.trim() === "" ? undefined : (JSON.parse(next) as unknown), fieldPathId.path);
      setBroken(false);
    } catch {
      setBroken(true);
    }
  };
  return (
    <>
      <textarea
        id={fieldPathId.$id}
        className={`textarea w-full font-mono text-xs ${broken ? "textarea-error" : ""}`}
        rows={3}
        spellCheck={false}
        readOnly={readonly}
        aria-invalid={broken || undefined}
        value={text}
        onChange={(event) => accept(event.target.value)}
      />
      {broken && <p className="mt-1 text-xs text-error">{t("error.json")}</p>}
    </>
  );
}
