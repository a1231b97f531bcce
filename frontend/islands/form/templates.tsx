/** The renderer's templates in the page's classes: labels, errors, groups, repeated groups. */

import {
  ADDITIONAL_PROPERTY_FLAG, type ArrayFieldItemTemplateProps, type ArrayFieldTemplateProps, type FieldTemplateProps,
  type MultiSchemaFieldTemplateProps, type ObjectFieldTemplateProps, type Registry, type TemplatesType, type WrapIfAdditionalTemplateProps,
} from "@rjsf/utils";
import { ArrowDown, ArrowUp, CircleAlert, Plus, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { contextOf } from "./context";

/** `data-pointer` finds a field by its JSON pointer, to move the focus to a fault. */
function pointerOf(path: readonly (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function FieldTemplate(props: FieldTemplateProps) {
  const { id, label, children, rawErrors, rawHelp, hidden, required, readonly, displayLabel, fieldPathId, classNames, registry, schema, uiSchema } = props;
  if (hidden) return <div hidden>{children}</div>;
  const container = schema.type === "object" || (schema.type === "array" && uiSchema?.["ui:widget"] === undefined);
  const own = uiSchema?.["ui:field"] !== undefined;
  const labelled = (displayLabel || own || schema.type === "boolean") && !(container && !own);
  const wide = classNames?.includes("col-span-full") ? "col-span-full" : "";
  const { FieldFrame } = contextOf(registry);
  const field = (
    <Additional {...(props as unknown as WrapIfAdditionalTemplateProps)}>
      <div className={`min-w-0 ${wide}`} data-pointer={pointerOf(fieldPathId.path)} data-invalid={rawErrors?.length ? "" : undefined}>
        {labelled && label && !(ADDITIONAL_PROPERTY_FLAG in schema) && uiSchema?.["ui:widget"] !== "toggle" && (
          <FieldLabel id={id} label={label} marked={Boolean(required) && !readonly} requiredText={contextOf(registry).t("required")} size={labelSize(registry)} />
        )}
        {children}
        {rawErrors?.map((message) => <FieldMessage key={message} id={`${id}__error`} message={message} />)}
        {rawHelp && !container && <p id={`${id}__help`} className="mt-1 text-xs text-muted">{rawHelp}</p>}
      </div>
    </Additional>
  );
  if (!FieldFrame || fieldPathId.path.length !== 1) return field;
  return <FieldFrame name={String(fieldPathId.path[0])} wide={wide !== ""}>{field}</FieldFrame>;
}

function labelSize(registry: Registry): string {
  return contextOf(registry).variant === "panel" ? "text-xs" : "text-sm";
}

function FieldLabel({ id, label, marked, requiredText, size }: { id: string; label: string; marked: boolean; requiredText: string; size: string }) {
  return (
    <label htmlFor={id} id={`${id}__label`} className={`mb-1 block text-muted ${size}`}>
      {label}
      {marked && <span className="ms-0.5 text-error" title={requiredText} aria-hidden>*</span>}
    </label>
  );
}

function FieldMessage({ id, message }: { id: string; message: string }) {
  return (
    <p id={id} className="mt-1 flex items-start gap-1 text-sm text-error">
      <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
      {message}
    </p>
  );
}

function ObjectFieldTemplate({ properties, title, fieldPathId, registry, uiSchema, schema, onAddProperty, readonly, formData }: ObjectFieldTemplateProps) {
  const { variant, t } = contextOf(registry);
  const root = fieldPathId.path.length === 0;
  const listed = typeof fieldPathId.path.at(-1) === "number";
  const grid = variant === "panel" ? "grid gap-4" : "grid grid-cols-1 gap-x-4 gap-y-5 @md:grid-cols-2";
  const body = (
    <div className={grid}>
      {properties.filter(({ name }) => isMeant(schema.properties?.[name], formData)).map((property) => property.content)}
      {schema.additionalProperties && !readonly ? <AddButton label={t("list.add")} onClick={onAddProperty} /> : null}
    </div>
  );
  if (root || listed) return body;
  return (
    <fieldset className={`rounded-box border border-base-300 ${variant === "panel" ? "p-3 pt-2" : "p-4"}`}>
      <legend className={`px-1 text-muted ${labelSize(registry)}`}>{title}</legend>
      {uiSchema?.["ui:help"] && <p className="mb-3 text-xs text-muted">{String(uiSchema["ui:help"])}</p>}
      {body}
    </fieldset>
  );
}

/** `x-when` names the values of neighbours beside which a setting has a meaning; `{"x-filled"}`: any value, or none. */
function isMeant(property: unknown, data: unknown): boolean {
  const when = (property as { "x-when"?: Record<string, unknown[]> } | undefined)?.["x-when"];
  const given = (data ?? {}) as Record<string, unknown>;
  return !when || Object.entries(when).every(([name, values]) => values.some((value) => fits(value, given[name])));
}

function fits(wanted: unknown, value: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null || !("x-filled" in wanted)) return wanted === value;
  return wanted["x-filled"] === (value !== undefined && value !== null && value !== "");
}

function ArrayFieldTemplate({ items, title, canAdd, onAddClick, registry, readonly, required, uiSchema, fieldPathId }: ArrayFieldTemplateProps) {
  const { t } = contextOf(registry);
  return (
    <div role="group" aria-labelledby={`${fieldPathId.$id}__label`}>
      <p id={`${fieldPathId.$id}__label`} className={`mb-1 text-muted ${labelSize(registry)}`}>
        {title}
        {required && !readonly && <span className="ms-0.5 text-error" aria-hidden>*</span>}
      </p>
      {uiSchema?.["ui:help"] && <p className="mb-2 text-xs text-muted">{String(uiSchema["ui:help"])}</p>}
      <div className="grid gap-3">
        {items}
        {canAdd && !readonly && <AddButton label={t("list.add")} onClick={onAddClick} />}
      </div>
    </div>
  );
}

function AddButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button type="button" className="btn btn-outline btn-sm w-fit border-base-300 font-normal" onClick={() => onClick()}>
      <Plus className="size-4" aria-hidden />
      {label}
    </button>
  );
}

function ArrayFieldItemTemplate({ children, buttonsProps, index, registry, hasToolbar }: ArrayFieldItemTemplateProps) {
  const { t } = contextOf(registry);
  const { hasMoveUp, hasMoveDown, hasRemove, onMoveUpItem, onMoveDownItem, onRemoveItem, readonly } = buttonsProps;
  return (
    <div className={`rounded-box border border-base-300 ${contextOf(registry).variant === "panel" ? "p-3" : "p-4"}`}>
      <div className="mb-2 flex items-center gap-1">
        <span className="flex-1 text-xs text-muted tf-tabular">{t("list.item", { number: index + 1 })}</span>
        {hasToolbar && !readonly && (
          <>
            <ItemButton label={t("list.up")} disabled={!hasMoveUp} onClick={onMoveUpItem} icon={<ArrowUp className="size-4" aria-hidden />} />
            <ItemButton label={t("list.down")} disabled={!hasMoveDown} onClick={onMoveDownItem} icon={<ArrowDown className="size-4" aria-hidden />} />
            <ItemButton label={t("list.remove")} disabled={!hasRemove} onClick={onRemoveItem} icon={<Trash2 className="size-4" aria-hidden />} />
          </>
        )}
      </div>
      {children}
    </div>
  );
}

function ItemButton({ label, disabled, onClick, icon }: { label: string; disabled: boolean; onClick: () => void; icon: ReactNode }) {
  return (
    <button type="button" className="btn btn-ghost btn-square btn-sm text-muted" aria-label={label} title={label} disabled={disabled} onClick={() => onClick()}>
      {icon}
    </button>
  );
}

/** A property that the schema does not name: its key can be changed and it can be taken out. */
function Additional({ children, schema, label, id, onKeyRenameBlur, onRemoveProperty, readonly, registry }: WrapIfAdditionalTemplateProps) {
  if (!(ADDITIONAL_PROPERTY_FLAG in schema)) return <>{children}</>;
  const { t } = contextOf(registry);
  return (
    <div className="grid grid-cols-[1fr_2fr_auto] items-end gap-2">
      <input className="input input-sm h-9 w-full" id={`${id}-key`} aria-label={t("list.key")} defaultValue={label} readOnly={readonly} onBlur={onKeyRenameBlur} />
      {children}
      <ItemButton label={t("list.remove")} disabled={Boolean(readonly)} onClick={onRemoveProperty} icon={<Trash2 className="size-4" aria-hidden />} />
    </div>
  );
}

function MultiSchemaFieldTemplate({ selector, optionSchemaField }: MultiSchemaFieldTemplateProps) {
  return (
    <div className="grid gap-3">
      {selector}
      {optionSchemaField}
    </div>
  );
}

function Unsupported() {
  return null;
}

export const TEMPLATES: Partial<Omit<TemplatesType, "ButtonTemplates">> = {
  FieldTemplate, ObjectFieldTemplate, ArrayFieldTemplate, ArrayFieldItemTemplate, MultiSchemaFieldTemplate, UnsupportedFieldTemplate: Unsupported,
};
