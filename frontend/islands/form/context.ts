/** What every widget needs of the form it stands in; travels as the renderer's `formContext`. */

import type { Registry } from "@rjsf/utils";
import type { ComponentType, ReactNode } from "react";
import type { Localized, Locale, Translate } from "../shared/catalogue";
import type { Http } from "../shared/http";

export interface Option {
  value: string;
  label: string;
}

/** A field as the panel's field widgets see it; `path` such as `data.amount`. */
export interface DataField {
  path: string;
  label: Localized;
  type: string;
  choices?: { value: unknown; label: Localized }[];
}

/** What an injected widget (such as the condition builder for `cel`) gets. */
export interface PanelWidgetProps {
  id: string;
  value: unknown;
  onChange: (value: unknown) => void;
  readonly: boolean;
  schema: Record<string, unknown>;
  locale: Locale;
  context: PanelContext;
}

/** Where the choices of a config panel come from. */
export interface PanelContext {
  forms?: Option[];
  roles?: Option[];
  teams?: Option[];
  members?: Option[];
  regions?: Option[];
  tariffs?: Option[];
  workflows?: Option[];
  nodes?: Option[];
  /** Those of the nodes that people do. */
  humans?: Option[];
  doers?: Option[];
  fields?: DataField[];
  /** Where the form builder of a form is, and how to begin a new form. */
  formAddress?: (key: string) => string;
  addForm?: () => void;
  /** Fields of the form that the node shows, for `field-access`; else those of `fields` below `data.`. */
  formFields?: (config: Record<string, unknown>) => DataField[];
  widgets?: Record<string, ComponentType<PanelWidgetProps>>;
  /** Whether a CEL text compiles, for the widget `cel`. */
  checkExpression?: (text: string) => Promise<{ ok: boolean; message: string | null }>;
}

export interface RegionNode {
  id: string;
  parent_id: string | null;
  name: Localized;
}

export interface FormContext {
  locale: Locale;
  t: Translate;
  variant: "form" | "panel";
  zone?: string;
  http?: Http;
  /** Where files of this form go, and what shows them; absent in previews. */
  uploadPath?: string;
  /** The region tree, when the schema brings none. */
  loadRegions?: () => Promise<RegionNode[]>;
  panel?: PanelContext;
  /** Stands around each field of the first level; the builder selects and sorts by it. */
  FieldFrame?: ComponentType<{ name: string; wide: boolean; children: ReactNode }>;
  /** The whole value, for widgets that look at a sibling. */
  value?: Record<string, unknown>;
  /** Names of fields that wait for an upload, so that nothing is sent without its photos. */
  onBusy?: (id: string, busy: boolean) => void;
}

export function contextOf(registry: Registry): FormContext {
  return registry.formContext as FormContext;
}

const FORM_CONTROL = "h-12 text-base @md:h-10 @md:text-sm";
const PANEL_CONTROL = "h-9 text-sm";

/** Height and size of text of one-line controls: thumb-sized on phones, 40 px on desks, dense in panels. */
export function controlSize(context: FormContext): string {
  return context.variant === "panel" ? PANEL_CONTROL : FORM_CONTROL;
}
