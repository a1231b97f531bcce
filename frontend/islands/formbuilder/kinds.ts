/** The field kinds of the palette: their icon and what a new field of each kind starts with. */

import {
  AlignLeft, Calendar, CalendarClock, Camera, CircleDot, Hash, ListChecks, MapPin, Paperclip, Phone, Rows3, Sigma, Star, ToggleLeft,
  Type, UserRound, Wallet, type LucideIcon,
} from "lucide-react";
import type { FieldKind, JsonSchema, UiSchema } from "../form/schema";

export interface Kind {
  icon: LucideIcon;
  prefix: string;
  schema: JsonSchema;
  ui?: UiSchema;
}

const option = (value: string, zh: string, en: string): JsonSchema => ({ const: value, title: zh, "x-title": { zh, en } });
const choices = (): JsonSchema[] => [option("a", "选项一", "Option 1"), option("b", "选项二", "Option 2")];

export const KINDS: Record<FieldKind, Kind> = {
  text: { icon: Type, prefix: "text", schema: { type: "string", maxLength: 200 } },
  textarea: { icon: AlignLeft, prefix: "note", schema: { type: "string", maxLength: 4000 }, ui: { "ui:widget": "textarea" } },
  choice: { icon: CircleDot, prefix: "choice", schema: { type: "string", oneOf: choices() }, ui: { "ui:widget": "select" } },
  multi: { icon: ListChecks, prefix: "choices", schema: { type: "array", uniqueItems: true, maxItems: 50, items: { type: "string", oneOf: choices() } }, ui: { "ui:widget": "checkboxes" } },
  boolean: { icon: ToggleLeft, prefix: "yes", schema: { type: "boolean" } },
  number: { icon: Sigma, prefix: "number", schema: { type: "number" } },
  integer: { icon: Hash, prefix: "count", schema: { type: "integer" } },
  money: { icon: Wallet, prefix: "amount", schema: { type: "integer", "x-type": "money", "x-currency": "CNY", minimum: 0 }, ui: { "ui:widget": "money" } },
  date: { icon: Calendar, prefix: "date", schema: { type: "string", format: "date" } },
  datetime: { icon: CalendarClock, prefix: "time", schema: { type: "string", format: "date-time" } },
  photos: { icon: Camera, prefix: "photos", schema: { type: "array", maxItems: 9, "x-type": "photos", items: { type: "string", "x-type": "file" } } },
  files: { icon: Paperclip, prefix: "files", schema: { type: "array", maxItems: 9, "x-type": "files", items: { type: "string", "x-type": "file" } } },
  phone: { icon: Phone, prefix: "phone", schema: { type: "string", "x-type": "phone", pattern: "^\\+?[0-9 -]{5,20}$" } },
  customer: { icon: UserRound, prefix: "customer", schema: { type: "object", "x-type": "customer", properties: { name: { type: "string", maxLength: 200 }, phone: { type: "string", "x-type": "phone", pattern: "^\\+?[0-9 -]{5,20}$" }, grade: { type: "string", maxLength: 50 } } } },
  region: { icon: MapPin, prefix: "region", schema: { type: "string", "x-type": "region" } },
  rating: { icon: Star, prefix: "rating", schema: { type: "integer", minimum: 1, maximum: 5, "x-type": "rating" } },
  group: { icon: Rows3, prefix: "list", schema: { type: "array", maxItems: 100, items: { type: "object", properties: {}, required: [] } } },
};

/** Kinds that may stand inside a repeated group. */
export const INNER_KINDS: readonly FieldKind[] = ["text", "textarea", "choice", "boolean", "number", "integer", "money", "date", "datetime", "phone"];

export const PALETTE: readonly { group: string; kinds: readonly FieldKind[] }[] = [
  { group: "basic", kinds: ["text", "textarea", "choice", "multi", "boolean"] },
  { group: "numbers", kinds: ["number", "integer", "money", "date", "datetime", "rating"] },
  { group: "special", kinds: ["photos", "files", "phone", "customer", "region", "group"] },
];
