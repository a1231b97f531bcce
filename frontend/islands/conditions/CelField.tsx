/**
 * Expressions inside a generated form. Most give a value (a title, an amount), so they are typed; a setting whose
 * schema says `"x-cel": "condition"` gets the chips.
 */
import { useMemo } from "react";
import type { PanelWidgetProps } from "../form/context";
import { ConditionEditor } from "./ConditionEditor";
import { ExpressionInput } from "./ExpressionInput";
import type { FieldInfo } from "./model";
import { conditionTexts } from "./texts";

const unchecked = (): Promise<never> => Promise.reject(new Error("nobody checks expressions here"));

export default function CelField({ id, value, onChange, readonly, schema, locale, context }: PanelWidgetProps) {
  const t = useMemo(() => conditionTexts(locale), [locale]);
  const shared = {
    id,
    value: typeof value === "string" ? value : "",
    onChange: (text: string) => onChange(text || undefined),
    fields: (context.fields ?? []) as FieldInfo[],
    locale,
    check: context.checkExpression ?? unchecked,
    readOnly: readonly,
  };
  if (schema["x-cel"] === "condition") return <ConditionEditor {...shared} />;
  return <ExpressionInput {...shared} t={t} placeholder="" lines={1} />;
}
