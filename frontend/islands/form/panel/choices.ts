/** What a setting that points at something may point at, by the widget its schema asks for. */
import { localized, type Locale } from "../../shared/catalogue";
import type { Option, PanelContext } from "../context";

export function choicesOf(widget: string, panel: PanelContext | undefined, locale: Locale): readonly Option[] {
  switch (widget) {
    case "form-ref":
      return panel?.forms ?? [];
    case "role-ref":
      return panel?.roles ?? [];
    case "team-ref":
      return panel?.teams ?? [];
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
    case "human-ref":
      return panel?.humans ?? [];
    case "doer-ref":
      return panel?.doers ?? [];
    case "field-ref":
      return (panel?.fields ?? []).map((field) => ({ value: field.path, label: localized(field.label, locale) || field.path }));
    default:
      return [];
  }
}
