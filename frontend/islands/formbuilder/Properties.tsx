import { ArrowDown, ArrowUp, ChevronLeft, Trash2 } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { localized, type Locale, type Translate } from "../shared/catalogue";
import type { PanelContext } from "../form/context";
import { kindOf, orderedFields, type FieldKind, type FormDefinition } from "../form/schema";
import { SchemaPanel } from "../form/SchemaPanel";
import { ChoicesEditor } from "./ChoicesEditor";
import { canRename, fieldAt, holderOf, removeField, renameField, reorder, type Place } from "./edits";
import type { EditForm } from "./FormBuilder";
import { INNER_KINDS, KINDS } from "./kinds";
import { readSettings, ruleFields, settingsSchema, writeSettings } from "./properties";
import { RuleEditor } from "./RuleEditor";

interface PropertiesProps {
  form: FormDefinition;
  place: Place | undefined;
  onEdit: EditForm;
  onSelect: (place: Place | undefined) => void;
  onAddInner: (kind: FieldKind, group: string) => void;
  locale: Locale;
  t: Translate;
}

export function Properties(props: PropertiesProps) {
  return (
    <aside className="overflow-y-auto border-base-300 bg-base-100 p-4 max-lg:border-t lg:border-s" aria-label={props.t("properties.title")}>
      {props.place ? <FieldProperties {...props} key={`${props.place.group}/${props.place.name}`} place={props.place} /> : <FormProperties {...props} />}
    </aside>
  );
}

const FORM_SETTINGS = (t: Translate) => ({ type: "object", properties: { title: { type: "object", "x-widget": "localized", title: t("form.title") } } });
const NO_CONTEXT: PanelContext = {};

function FormProperties({ form, onEdit, locale, t }: PropertiesProps) {
  const schema = useMemo(() => FORM_SETTINGS(t), [t]);
  return (
    <>
      <h3 className="mb-4 text-sm font-semibold">{t("properties.form")}</h3>
      <SchemaPanel schema={schema} value={{ title: form.title }} onChange={(next) => onEdit({ ...form, title: next.title as FormDefinition["title"] }, "form-title")} locale={locale} context={NO_CONTEXT} idPrefix="form-settings" />
      <p className="mt-4 text-xs text-muted">{t("properties.hint")}</p>
    </>
  );
}

function FieldProperties({ form, place, onEdit, onSelect, onAddInner, locale, t }: PropertiesProps & { place: Place }) {
  const field = fieldAt(form, place);
  const schema = useMemo(() => settingsSchema(form, place, t), [form, place, t]);
  const settings = useMemo(() => readSettings(form, place), [form, place]);
  const context = useMemo(
    (): PanelContext => ({ widgets: { choices: ChoicesEditor, rule: (widget) => <RuleEditor {...widget} fields={ruleFields(form, place, locale)} t={t} /> } }),
    // The rule editor must not be made anew while one types in it; a new set of fields is what changes it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [Object.keys(form.schema.properties ?? {}).join(), place, locale, t],
  );
  if (!field) return null;
  const kind = kindOf(field.schema, field.ui);
  const Icon = kind && KINDS[kind].icon;
  return (
    <>
      {place.group !== undefined && (
        <button type="button" className="btn btn-ghost btn-sm mb-2 -ms-2 font-normal" onClick={() => onSelect({ name: place.group ?? "" })}>
          <ChevronLeft className="size-4" aria-hidden />
          {labelOf(form, { name: place.group }, locale)}
        </button>
      )}
      <h3 className="mb-4 flex items-center gap-2 text-sm font-semibold">
        {Icon && <span className="grid size-7 place-items-center rounded-field bg-family-human text-family-human-ink"><Icon className="size-4" aria-hidden /></span>}
        {kind ? t(`kind.${kind}`) : t("kind.other")}
      </h3>
      {!kind && <p className="mb-4 text-xs text-muted">{t("properties.other")}</p>}
      <SchemaPanel
        schema={schema}
        value={settings}
        onChange={(next) => onEdit(writeSettings(form, place, next), `${place.group ?? ""}/${place.name}`)}
        locale={locale}
        context={context}
        idPrefix="settings"
      />
      {kind === "group" && <InnerFields form={form} group={place.name} onEdit={onEdit} onSelect={onSelect} onAddInner={onAddInner} locale={locale} t={t} />}
      <KeyEditor form={form} place={place} onEdit={onEdit} onSelect={onSelect} t={t} />
    </>
  );
}

function labelOf(form: FormDefinition, place: Place, locale: Locale): string {
  const schema = fieldAt(form, place)?.schema;
  return localized(schema?.["x-title"], locale) || schema?.title || place.name;
}

type InnerProps = Omit<PropertiesProps, "place"> & { group: string };

/** The columns of a repeated group. */
function InnerFields({ form, group, onEdit, onSelect, onAddInner, locale, t }: InnerProps) {
  const order = orderedFields(holderOf(form, group));
  const move = (index: number, by: number) => {
    const next = [...order];
    const [name] = next.splice(index, 1);
    if (name) next.splice(index + by, 0, name);
    onEdit(reorder(form, next, group));
  };
  return (
    <section className="mt-5">
      <h4 className="mb-1 text-xs text-muted">{t("group.fields")}</h4>
      <ul className="grid gap-1">
        {order.map((name, index) => (
          <li key={name} className="flex items-center rounded-field border border-base-300">
            <button type="button" className="min-w-0 flex-1 truncate px-3 py-2 text-start text-sm hover:bg-base-200" onClick={() => onSelect({ group, name })}>{labelOf(form, { group, name }, locale)}</button>
            <button type="button" className="btn btn-ghost btn-square btn-xs" aria-label={t("list.up")} disabled={index === 0} onClick={() => move(index, -1)}><ArrowUp className="size-4" aria-hidden /></button>
            <button type="button" className="btn btn-ghost btn-square btn-xs" aria-label={t("list.down")} disabled={index === order.length - 1} onClick={() => move(index, 1)}><ArrowDown className="size-4" aria-hidden /></button>
            <button type="button" className="btn btn-ghost btn-square btn-xs" aria-label={t("list.remove")} onClick={() => onEdit(removeField(form, { group, name }))}><Trash2 className="size-4" aria-hidden /></button>
          </li>
        ))}
      </ul>
      <select className="select mt-2 h-9 w-full text-sm" aria-label={t("group.add")} value="" onChange={(event) => event.target.value && onAddInner(event.target.value as FieldKind, group)}>
        <option value="">{t("group.add")}</option>
        {INNER_KINDS.map((kind) => <option key={kind} value={kind}>{t(`kind.${kind}`)}</option>)}
      </select>
    </section>
  );
}

/** The name under which answers are stored and conditions read them. */
function KeyEditor({ form, place, onEdit, onSelect, t }: { form: FormDefinition; place: Place; onEdit: EditForm; onSelect: (place: Place) => void; t: Translate }) {
  const [text, setText] = useState(place.name);
  useEffect(() => setText(place.name), [place.name]);
  const fits = canRename(form, place, text);
  const commit = () => {
    if (!fits || text === place.name) return;
    onEdit(renameField(form, place, text));
    onSelect({ ...place, name: text });
  };
  return (
    <div className="mt-5 border-t border-base-300 pt-4">
      <label className="mb-1 block text-xs text-muted" htmlFor="field-key">{t("field.key")}</label>
      <input id="field-key" className={`input h-9 w-full font-mono text-sm ${fits ? "" : "input-error"}`} value={text} spellCheck={false} onChange={(event) => setText(event.target.value)} onBlur={commit} onKeyDown={(event) => event.key === "Enter" && commit()} />
      <p className={`mt-1 text-xs ${fits ? "text-muted" : "text-error"}`}>{t(fits ? "field.key.help" : "field.key.wrong")}</p>
    </div>
  );
}
