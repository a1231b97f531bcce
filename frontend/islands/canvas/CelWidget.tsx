/**
 * Expressions inside a node's config. Most give a value (a title, an amount), so they are typed; a setting whose
 * schema says `"x-cel": "condition"` gets the chips.
 */
import { ConditionEditor } from "../conditions/ConditionEditor";
import { ExpressionInput } from "../conditions/ExpressionInput";
import type { FieldInfo } from "../conditions/model";
import type { PanelWidgetProps } from "../form/context";
import { useDesigner, useTexts } from "./context";

export function CelWidget({ id, value, onChange, readonly, schema, locale, context }: PanelWidgetProps) {
  const { api } = useDesigner();
  const { t } = useTexts();
  const shared = {
    id,
    value: typeof value === "string" ? value : "",
    onChange: (text: string) => onChange(text || undefined),
    fields: (context.fields ?? []) as FieldInfo[],
    locale,
    check: api.checkExpression,
    readOnly: readonly,
  };
  if (schema["x-cel"] === "condition") return <ConditionEditor {...shared} />;
  return <ExpressionInput {...shared} t={t} placeholder="" lines={1} />;
}
