/** Texts with placeholders such as `{data.shop}`: the fields are offered, nobody has to know their paths. */
import { useRef, type ReactNode } from "react";
import { localized } from "../../shared/catalogue";
import type { FormContext } from "../context";
import { INPUT, LocalizedEditor, type EditorProps } from "./fields";

const OF_EVERY_TICKET = ["ticket.number", "ticket.title", "customer.name"];

export function LocalizedTemplateEditor(props: EditorProps & { lines?: number }) {
  return (
    <Insertable readonly={props.readonly} context={props.context}>
      <LocalizedEditor {...props} />
    </Insertable>
  );
}

export function TemplateEditor({ id, value, onChange, readonly, context }: EditorProps) {
  return (
    <Insertable readonly={readonly} context={context}>
      <input id={id} className={INPUT} readOnly={readonly} value={typeof value === "string" ? value : ""} onChange={(event) => onChange(event.target.value || undefined)} />
    </Insertable>
  );
}

type TextControl = HTMLInputElement | HTMLTextAreaElement;

/** Puts the chosen placeholder where the cursor was last, as if it had been typed. */
function Insertable({ readonly, context, children }: { readonly: boolean; context: FormContext; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const last = useRef<TextControl | null>(null);
  const insert = (path: string): void => {
    const control = last.current ?? box.current?.querySelector<TextControl>("input, textarea");
    if (!control) return;
    const at = control.selectionStart ?? control.value.length;
    const text = `${control.value.slice(0, at)}{${path}}${control.value.slice(control.selectionEnd ?? at)}`;
    const prototype = control instanceof HTMLTextAreaElement ? HTMLTextAreaElement.prototype : HTMLInputElement.prototype;
    // React watches the property of the element; the prototype's setter tells it of the change.
    Object.getOwnPropertyDescriptor(prototype, "value")?.set?.call(control, text);
    control.dispatchEvent(new Event("input", { bubbles: true }));
    control.focus();
    control.setSelectionRange(at + path.length + 2, at + path.length + 2);
  };
  const fields = context.panel?.fields ?? [];
  const known = new Set(fields.map((field) => field.path));
  const choices = [
    ...OF_EVERY_TICKET.filter((path) => !known.has(path)).map((path) => ({ path, label: context.t(`placeholder.${path}`) })),
    ...fields.map((field) => ({ path: field.path, label: localized(field.label, context.locale) || field.path })),
  ];
  return (
    <div ref={box}>
      <div onFocus={(event) => isText(event.target) && (last.current = event.target)}>{children}</div>
      {!readonly && (
        <select className="select select-xs mt-1 w-full text-muted" aria-label={context.t("placeholder.insert")} value="" onChange={(event) => insert(event.target.value)}>
          <option value="" disabled>{context.t("placeholder.insert")}</option>
          {choices.map(({ path, label }) => <option key={path} value={path}>{label}</option>)}
        </select>
      )}
    </div>
  );
}

function isText(target: EventTarget): target is TextControl {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}
