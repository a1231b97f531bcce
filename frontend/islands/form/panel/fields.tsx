/** Editors of config values whose choices or shape come from the designer around the panel. */

import { X } from "lucide-react";
import { useState } from "react";
import { localized, type Localized } from "../../shared/catalogue";
import type { DataField, FormContext, Option } from "../context";
import { readDuration, writeDuration, type Unit } from "./duration";

export interface EditorProps {
  id: string;
  value: unknown;
  onChange: (value: unknown) => void;
  readonly: boolean;
  schema: Record<string, unknown>;
  context: FormContext;
}

export const INPUT = "input h-9 w-full text-sm";
export const SELECT = "select h-9 w-full text-sm";

/** One text in both languages; `lines` for texts of several lines. */
export function LocalizedEditor({ id, value, onChange, readonly, context, lines = 1 }: EditorProps & { lines?: number }) {
  const text = (value ?? {}) as Localized;
  const set = (language: "zh" | "en", next: string) => onChange({ zh: text.zh ?? "", en: text.en ?? "", [language]: next });
  const order = context.locale === "zh" ? (["zh", "en"] as const) : (["en", "zh"] as const);
  return (
    <div className="grid gap-1">
      {order.map((language, index) => {
        const control = {
          id: index === 0 ? id : `${id}-${language}`,
          "aria-label": context.t(`language.${language}`),
          lang: language === "zh" ? "zh-CN" : "en",
          readOnly: readonly,
          value: text[language] ?? "",
          onChange: (event: { target: { value: string } }) => set(language, event.target.value),
        };
        return (
          <label key={language} className={lines > 1 ? "textarea flex w-full gap-2 text-sm" : `${INPUT} gap-2`}>
            <span className="w-5 text-xs text-muted">{language === "zh" ? "中" : "En"}</span>
            {lines > 1 ? <textarea {...control} rows={lines} className="grow resize-y bg-transparent outline-none" /> : <input {...control} className="grow" />}
          </label>
        );
      })}
    </div>
  );
}

/** One of the things that the workspace or the workflow holds; an unknown value stays and is shown as it is. */
export function ReferenceEditor({ id, value, onChange, readonly, context, choices, kind }: EditorProps & { choices: readonly Option[]; kind: string }) {
  const known = choices.some((option) => option.value === value);
  return (
    <>
      <select id={id} className={SELECT} disabled={readonly} value={(value as string | undefined) ?? ""} onChange={(event) => onChange(event.target.value || undefined)}>
        <option value="">{choices.length > 0 ? context.t("choose") : context.t(`choose.none.${kind}`)}</option>
        {choices.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
        {typeof value === "string" && value !== "" && !known && <option value={value}>{context.t("choose.unknown", { value })}</option>}
      </select>
      {kind === "form-ref" && <FormShortcut value={known ? String(value) : undefined} readonly={readonly} context={context} />}
    </>
  );
}

/** From the step straight to the form it uses, or to a new one. */
function FormShortcut({ value, readonly, context }: { value: string | undefined; readonly: boolean; context: FormContext }) {
  const { formAddress, addForm } = context.panel ?? {};
  if (value && formAddress) return <a className="tf-link mt-1 inline-block text-xs" href={formAddress(value)}>{context.t(readonly ? "form.open" : "form.edit")}</a>;
  if (readonly || !addForm) return null;
  return <button type="button" className="tf-link mt-1 text-xs" onClick={addForm}>{context.t("form.add")}</button>;
}

export function ReferenceListEditor({ id, value, onChange, readonly, context, choices }: EditorProps & { choices: readonly Option[] }) {
  const chosen = Array.isArray(value) ? (value as string[]) : [];
  const free = choices.filter((option) => !chosen.includes(option.value));
  const label = (each: string) => choices.find((option) => option.value === each)?.label ?? each;
  return (
    <div className="grid gap-2">
      {chosen.length > 0 && (
        <ul className="flex flex-wrap gap-1">
          {chosen.map((each) => (
            <li key={each} className="badge badge-soft gap-1 pe-1">
              {label(each)}
              {!readonly && (
                <button type="button" aria-label={`${context.t("list.remove")} ${label(each)}`} onClick={() => onChange(chosen.filter((other) => other !== each))}>
                  <X className="size-3.5" aria-hidden />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {!readonly && (
        <select id={id} className={SELECT} value="" onChange={(event) => event.target.value && onChange([...chosen, event.target.value])}>
          <option value="">{context.t("list.add")}</option>
          {free.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
        </select>
      )}
    </div>
  );
}

const UNITS: readonly Unit[] = ["minutes", "hours", "days"];

export function DurationEditor(props: EditorProps) {
  const { id, value, onChange, readonly, schema, context } = props;
  const span = readDuration(value);
  const [unit, setUnit] = useState<Unit>(span?.unit ?? "hours");
  const shownUnit = span && span.amount > 0 ? span.unit : unit;
  if (value !== undefined && value !== null && value !== "" && !span) return <PlainEditor {...props} />;
  const set = (amount: string, next: Unit) => {
    setUnit(next);
    onChange(/^\d+$/.test(amount) ? writeDuration({ amount: Number(amount), unit: next }, schema.type === "integer") : undefined);
  };
  return (
    <div className="grid grid-cols-2 gap-2">
      <input id={id} className={`${INPUT} tf-tabular`} inputMode="numeric" readOnly={readonly} value={span?.amount ?? ""} onChange={(event) => set(event.target.value, shownUnit)} />
      <select className={SELECT} aria-label={context.t("duration.unit")} disabled={readonly} value={shownUnit} onChange={(event) => set(String(span?.amount ?? ""), event.target.value as Unit)}>
        {UNITS.map((each) => <option key={each} value={each}>{context.t(`duration.${each}`)}</option>)}
      </select>
    </div>
  );
}

/** Text as it stands: for expressions without a builder, and for values that the proper editor cannot tell. */
export function PlainEditor({ id, value, onChange, readonly }: EditorProps) {
  return (
    <textarea
      id={id}
      className="textarea min-h-9 w-full font-mono text-xs"
      rows={2}
      spellCheck={false}
      readOnly={readonly}
      value={typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value)}
      onChange={(event) => onChange(event.target.value || undefined)}
    />
  );
}

const ACCESS = ["hidden", "readonly", "editable", "required"] as const;

/** Fields of the form against what this step may do with them; nothing chosen means as the form says. */
export function FieldAccessEditor({ id, value, onChange, readonly, context }: EditorProps) {
  const access = (value ?? {}) as Record<string, string>;
  const fields = accessFields(context);
  const set = (field: string, next: string) => {
    const { [field]: _old, ...rest } = access;
    onChange(next ? { ...rest, [field]: next } : rest);
  };
  if (fields.length === 0) return <p className="text-xs text-muted">{context.t("access.empty")}</p>;
  return (
    <ul id={id} className="grid divide-y divide-base-300">
      {fields.map(({ key, label }) => (
        <li key={key} className="flex items-center gap-2 py-1 text-sm">
          <span className="min-w-0 flex-1 truncate" title={key}>{label}</span>
          <select className={`select select-ghost h-8 w-32 text-sm ${access[key] ? "font-medium text-primary" : "text-muted"}`} aria-label={label} disabled={readonly} value={access[key] ?? ""} onChange={(event) => set(key, event.target.value)}>
            <option value="">{context.t("access.default")}</option>
            {ACCESS.map((each) => <option key={each} value={each}>{context.t(`access.${each}`)}</option>)}
          </select>
        </li>
      ))}
    </ul>
  );
}

function accessFields({ panel, value, locale }: FormContext): { key: string; label: string }[] {
  const given: DataField[] = panel?.formFields?.(value ?? {}) ?? (panel?.fields ?? []).filter((field) => field.path.startsWith("data."));
  return given.map((field) => {
    const key = field.path.replace(/^data\./, "");
    return { key, label: localized(field.label, locale) || key };
  });
}
