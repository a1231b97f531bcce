import { useMemo } from "react";
import type { Locale } from "../shared/catalogue";
import { applyPatch, diff, type Json } from "../shared/mergePatch";
import type { FormContext, PanelContext } from "./context";
import { withDefaults } from "./defaults";
import { PANEL_FIELDS } from "./panel";
import { isBlank, type FormData, type JsonSchema, type UiSchema } from "./schema";
import { SchemaForm } from "./SchemaForm";
import { formTexts } from "./texts";
import { findErrors, pathOf } from "./validator";

export interface SchemaPanelProps {
  schema: JsonSchema;
  uiSchema?: UiSchema;
  value: FormData;
  /** Called with the whole new value at each change: what was given plus the change, without the defaults that are only shown. */
  onChange: (value: FormData) => void;
  locale: Locale;
  context: PanelContext;
  readonly?: boolean;
  idPrefix?: string;
}

/** The settings of a node, drawn from its config schema: live, without a submit button. */
export function SchemaPanel({ schema, uiSchema, value, onChange, locale, context, readonly, idPrefix = "config" }: SchemaPanelProps) {
  const t = useMemo(() => formTexts(locale), [locale]);
  const shown = useMemo(() => withDefaults(schema, value) as FormData, [schema, value]);
  const formContext = useMemo((): FormContext => ({ locale, t, variant: "panel", panel: context, value: shown }), [locale, t, context, shown]);
  const errors = useMemo(
    () => findErrors(schema, value, t).filter((fault) => !isBlank(valueAt(value, fault.pointer))),
    [schema, value, t],
  );
  return (
    <SchemaForm
      schema={schema}
      ui={uiSchema}
      value={shown}
      onChange={(next) => {
        const change = diff(shown as Json, JSON.parse(JSON.stringify(next)) as Json);
        if (change !== undefined) onChange((applyPatch(value as Json, change) ?? {}) as FormData);
      }}
      errors={errors}
      readonly={readonly}
      context={formContext}
      fields={PANEL_FIELDS}
      idPrefix={idPrefix}
    />
  );
}

function valueAt(value: unknown, pointer: string): unknown {
  return pathOf(pointer).reduce<unknown>((here, part) => (here as Record<string, unknown> | undefined)?.[part], value);
}
