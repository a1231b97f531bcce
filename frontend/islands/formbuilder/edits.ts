/** Edits of a form as pure functions; every keyword that an edit does not name stays as it came. */

import { orderedFields, uiOf, type Condition, type FieldKind, type FormDefinition, type JsonSchema, type UiSchema } from "../form/schema";
import { KINDS } from "./kinds";

/** A field of the form, or of a repeated group in it. */
export interface Place {
  group?: string;
  name: string;
}

/** The form itself, or the item of a repeated group taken as a form. */
export function holderOf(form: FormDefinition, group: string | undefined): FormDefinition {
  if (group === undefined) return form;
  return { schema: form.schema.properties?.[group]?.items ?? {}, ui: uiOf(uiOf(form.ui, group), "items") };
}

function withHolder(form: FormDefinition, group: string | undefined, holder: FormDefinition): FormDefinition {
  if (group === undefined) return holder;
  const outer = form.schema.properties?.[group] ?? {};
  return {
    ...form,
    schema: { ...form.schema, properties: { ...form.schema.properties, [group]: { ...outer, items: holder.schema } } },
    ui: { ...form.ui, [group]: { ...uiOf(form.ui, group), items: holder.ui } },
  };
}

export function fieldAt(form: FormDefinition, { group, name }: Place): { schema: JsonSchema; ui: UiSchema; required: boolean } | undefined {
  const holder = holderOf(form, group);
  const schema = holder.schema.properties?.[name];
  return schema && { schema, ui: uiOf(holder.ui, name), required: (holder.schema.required ?? []).includes(name) };
}

export function setField(form: FormDefinition, place: Place, schema: JsonSchema, ui: UiSchema, required: boolean): FormDefinition {
  const holder = holderOf(form, place.group);
  const others = (holder.schema.required ?? []).filter((name) => name !== place.name);
  const kept = (holder.schema.required ?? []).includes(place.name) === required ? (holder.schema.required ?? []) : required ? [...others, place.name] : others;
  const { [place.name]: _ui, ...otherUi } = holder.ui ?? {};
  return withHolder(form, place.group, {
    ...holder,
    schema: { ...holder.schema, properties: { ...holder.schema.properties, [place.name]: schema }, required: kept },
    ui: Object.keys(ui).length > 0 ? { ...otherUi, [place.name]: ui } : otherUi,
  });
}

/** A new field of that kind at that position (at the end without one). */
export function addField(form: FormDefinition, kind: FieldKind, title: { zh: string; en: string }, group?: string, index?: number): { form: FormDefinition; name: string } {
  const holder = holderOf(form, group);
  const name = freeName(KINDS[kind].prefix, Object.keys(holder.schema.properties ?? {}));
  const schema: JsonSchema = { ...structuredClone(KINDS[kind].schema), title: title.zh, "x-title": title };
  const placed = setField(form, { group, name }, schema, { ...KINDS[kind].ui }, false);
  const order = orderedFields(holder);
  order.splice(index ?? order.length, 0, name);
  return { form: reorder(placed, order, group), name };
}

export function freeName(prefix: string, taken: readonly string[]): string {
  let number = 1;
  while (taken.includes(`${prefix}_${number}`)) number += 1;
  return `${prefix}_${number}`;
}

export function duplicateField(form: FormDefinition, place: Place): { form: FormDefinition; name: string } {
  const field = fieldAt(form, place);
  const holder = holderOf(form, place.group);
  const name = freeName(place.name.replace(/_\d+$/, ""), Object.keys(holder.schema.properties ?? {}));
  if (!field) return { form, name: place.name };
  const copied = setField(form, { ...place, name }, structuredClone(field.schema), structuredClone(field.ui), field.required);
  const order = orderedFields(holder);
  order.splice(order.indexOf(place.name) + 1, 0, name);
  return { form: reorder(copied, order, place.group), name };
}

export function removeField(form: FormDefinition, { group, name }: Place): FormDefinition {
  const holder = holderOf(form, group);
  const { [name]: _schema, ...properties } = holder.schema.properties ?? {};
  const { [name]: _ui, ...ui } = holder.ui ?? {};
  return withHolder(form, group, {
    ...holder,
    schema: { ...holder.schema, properties, required: (holder.schema.required ?? []).filter((each) => each !== name) },
    ui: { ...ui, "ui:order": orderedFields(holder).filter((each) => each !== name) },
  });
}

export function reorder(form: FormDefinition, order: string[], group?: string): FormDefinition {
  const holder = holderOf(form, group);
  return withHolder(form, group, { ...holder, ui: { ...holder.ui, "ui:order": order } });
}

const KEY = /^[a-z][a-z0-9_]{0,49}$/;

export function canRename(form: FormDefinition, { group, name }: Place, next: string): boolean {
  return KEY.test(next) && (next === name || !(next in (holderOf(form, group).schema.properties ?? {})));
}

/** Everywhere in the form: schema, order, required, and the rules that look at it. */
export function renameField(form: FormDefinition, { group, name }: Place, next: string): FormDefinition {
  const holder = holderOf(form, group);
  const swap = (each: string) => (each === name ? next : each);
  const properties = Object.fromEntries(Object.entries(holder.schema.properties ?? {}).map(([key, schema]) => [swap(key), schema]));
  const ui = Object.fromEntries(
    Object.entries(holder.ui ?? {}).map(([key, part]) => [key.startsWith("ui:") ? key : swap(key), key.startsWith("ui:") ? part : withRule(part as UiSchema, name, next)]),
  );
  return withHolder(form, group, {
    ...holder,
    schema: { ...holder.schema, properties, required: (holder.schema.required ?? []).map(swap) },
    ui: { ...ui, "ui:order": orderedFields(holder).map(swap) },
  });
}

function withRule(ui: UiSchema, name: string, next: string): UiSchema {
  const rule = ui["ui:showIf"] as Condition | undefined;
  return rule?.field === name ? { ...ui, "ui:showIf": { ...rule, field: next } } : ui;
}
