import type { FieldProps, RegistryFieldsType } from "@rjsf/utils";
import { contextOf } from "../context";
import { choicesOf } from "./choices";
import { FieldNameEditor } from "./FieldName";
import { LocalizedTemplateEditor, TemplateEditor } from "./Template";
import { JsonField } from "../widgets/json";
import { ExactNumberField } from "../widgets/exact";
import {
  DurationEditor, FieldAccessEditor, LocalizedEditor, PlainEditor, ReferenceEditor, ReferenceListEditor, type EditorProps,
} from "./fields";

/** Picks the editor by the schema's `x-widget`; what the designer injects under that name comes first. */
function PanelField(props: FieldProps) {
  const { fieldPathId, formData, onChange, readonly, schema, registry, uiSchema } = props;
  const context = contextOf(registry);
  const widget = String((uiSchema?.["ui:options"] as Record<string, unknown> | undefined)?.panelWidget ?? "");
  const editor: EditorProps = {
    id: fieldPathId.$id,
    value: formData as unknown,
    onChange: (value) => onChange(value, fieldPathId.path),
    readonly: Boolean(readonly),
    schema: schema as Record<string, unknown>,
    context,
  };
  const Injected = context.panel?.widgets?.[widget];
  if (Injected) return <Injected {...editor} locale={context.locale} context={context.panel ?? {}} />;
  return <Editor widget={widget} editor={editor} />;
}

function Editor({ widget, editor }: { widget: string; editor: EditorProps }) {
  if (widget === "localized") return <LocalizedEditor {...editor} />;
  if (widget === "localized-text") return <LocalizedEditor {...editor} lines={3} />;
  if (widget === "localized-template") return <LocalizedTemplateEditor {...editor} />;
  if (widget === "localized-template-text") return <LocalizedTemplateEditor {...editor} lines={3} />;
  if (widget === "template") return <TemplateEditor {...editor} />;
  if (widget === "field-name") return <FieldNameEditor {...editor} choices={choicesOf("field-ref", editor.context.panel, editor.context.locale).filter(({ value }) => value.startsWith("data."))} />;
  if (widget === "duration") return <DurationEditor {...editor} />;
  if (widget === "field-access") return <FieldAccessEditor {...editor} />;
  if (widget.endsWith("-ref-list")) return <ReferenceListEditor {...editor} choices={choicesOf(widget.replace("-list", ""), editor.context.panel, editor.context.locale)} />;
  if (widget.endsWith("-ref")) return <ReferenceEditor {...editor} kind={widget} choices={choicesOf(widget, editor.context.panel, editor.context.locale)} />;
  return <PlainEditor {...editor} />;
}

export const PANEL_FIELDS: RegistryFieldsType = { panel: PanelField, json: JsonField, NumberField: ExactNumberField };
