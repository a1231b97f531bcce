/** Conditions and expressions inside a node's config. */
import { ConditionEditor } from "../conditions/ConditionEditor";
import type { FieldInfo } from "../conditions/model";
import type { PanelWidgetProps } from "../form/context";
import { useDesigner } from "./context";

export function CelWidget({ id, value, onChange, readonly, locale, context }: PanelWidgetProps) {
  const { api } = useDesigner();
  return (
    <ConditionEditor
      id={id}
      value={typeof value === "string" ? value : ""}
      onChange={(text) => onChange(text || undefined)}
      fields={(context.fields ?? []) as FieldInfo[]}
      locale={locale}
      check={api.checkExpression}
      readOnly={readonly}
    />
  );
}
