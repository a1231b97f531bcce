import { useMemo } from "react";
import type { Locale } from "../shared/catalogue";
import type { FormContext, PanelContext } from "./context";
import { PANEL_FIELDS } from "./panel";
import { isBlank, type FormData, type JsonSchema, type UiSchema } from "./schema";
import { SchemaForm } from "./SchemaForm";
import { formTexts } from "./texts";
import { findErrors, pathOf } from "./validator";

export interface SchemaPanelProps {
  schema: JsonSchema;
  uiSchema?: UiSchema;
  value: FormData;
  /** Called with the whole new value at each change; a cleared setting is absent from it. */
  onChange: (value: FormData) => void;
  locale: Locale;
  context: PanelContext;
  readonly?: boolean;
  idPrefix?: string;
}

/** The settings of a node, drawn from its config schema: live, without a submit button. */
export function SchemaPanel({ schema, uiSchema, value, onChange, locale, context, readonly, idPrefix = "config" }: SchemaPanelProps) {
  const t = useMemo(() => formTexts(locale), [locale]);
  const formContext = useMemo((): FormContext => ({ locale, t, variant: "panel", panel: context, value }), [locale, t, context, value]);
  const errors = useMemo(
    () => findErrors(schema, value, t).filter((fault) => !isBlank(valueAt(value, fault.pointer))),
    [schema, value, t],
  );
  return (
    <SchemaForm
      schema={schema}
      ui={uiSchema}
      value={value}
      onChange={(next) => {
        const clean = JSON.parse(JSON.stringify(next)) as FormData;
        if (JSON.stringify(clean) !== JSON.stringify(value)) onChange(clean);
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
