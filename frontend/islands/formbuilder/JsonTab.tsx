import { useEffect, useState } from "react";
import type { Translate } from "../shared/catalogue";
import type { FormDefinition } from "../form/schema";
import { applyPatch, diff, sameJson, type Json } from "../shared/mergePatch";

/** The form as text. Keywords that the builder does not know stay; what cannot be saved is said before it is lost. */
export function JsonTab({ form, onApply, editable, t }: { form: FormDefinition; onApply: (form: FormDefinition) => void; editable: boolean; t: Translate }) {
  const current = JSON.stringify(form, null, 2);
  const [text, setText] = useState(current);
  const [base, setBase] = useState(current);
  useEffect(() => {
    if (current === base) return;
    setBase(current);
    if (text === base) setText(current);
  }, [current, base, text]);
  const read = readForm(text, form, t);
  const touched = text !== current;
  return (
    <main className="flex min-h-96 flex-col gap-3 p-4 lg:p-6">
      <textarea
        aria-label={t("json.label")}
        className={`textarea w-full flex-1 resize-none font-mono text-xs leading-5 ${read.error ? "textarea-error" : ""}`}
        spellCheck={false}
        readOnly={!editable}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="flex flex-wrap items-center gap-3">
        <button type="button" className="btn btn-primary btn-sm" disabled={!editable || !touched || read.form === undefined} onClick={() => read.form && onApply(read.form)}>{t("json.apply")}</button>
        <button type="button" className="btn btn-ghost btn-sm" disabled={!touched} onClick={() => setText(current)}>{t("json.reset")}</button>
        <p role="status" className={`text-sm ${read.error ? "text-error" : "text-muted"}`}>{read.error ?? t(touched ? "json.valid" : "json.hint")}</p>
      </div>
    </main>
  );
}

function readForm(text: string, before: FormDefinition, t: Translate): { form?: FormDefinition; error?: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { error: t("json.broken", { reason: error instanceof Error ? error.message : "" }) };
  }
  const form = json as FormDefinition;
  if (typeof json !== "object" || json === null || typeof form.schema !== "object" || form.schema === null || form.schema.type !== "object") {
    return { error: t("json.shape") };
  }
  const [from, to] = [before as unknown as Json, json as Json];
  const change = diff(from, to);
  if (change !== undefined && !sameJson(applyPatch(from, change), to)) return { error: t("json.null") };
  return { form };
}
