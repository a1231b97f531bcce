import type { FieldProps, RegistryFieldsType } from "@rjsf/utils";
import { localized } from "../../shared/catalogue";
import { contextOf, type FormContext, type Option } from "../context";
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
  if (widget === "field-name") return <FieldNameEditor {...editor} choices={choicesOf("field-ref", editor.context).filter(({ value }) => value.startsWith("data."))} />;
  if (widget === "duration") return <DurationEditor {...editor} />;
  if (widget === "field-access") return <FieldAccessEditor {...editor} />;
  if (widget.endsWith("-ref-list")) return <ReferenceListEditor {...editor} choices={choicesOf(widget.replace("-list", ""), editor.context)} />;
  if (widget.endsWith("-ref")) return <ReferenceEditor {...editor} kind={widget} choices={choicesOf(widget, editor.context)} />;
  return <PlainEditor {...editor} />;
}

function choicesOf(widget: string, { panel, locale }: FormContext): readonly Option[] {
  switch (widget) {
    case "form-ref":
      return panel?.forms ?? [];
    case "role-ref":
      return panel?.roles ?? [];
    case "member-ref":
      return panel?.members ?? [];
    case "region-ref":
      return panel?.regions ?? [];
    case "tariff-ref":
      return panel?.tariffs ?? [];
    case "workflow-ref":
      return panel?.workflows ?? [];
    case "node-ref":
      return panel?.nodes ?? [];
    case "field-ref":
      return (panel?.fields ?? []).map((field) => ({ value: field.path, label: localized(field.label, locale) || field.path }));
    default:
      return [];
  }
}

export const PANEL_FIELDS: RegistryFieldsType = { panel: PanelField, json: JsonField, NumberField: ExactNumberField };
