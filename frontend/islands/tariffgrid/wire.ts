/** What the API says of a tariff. */
import type { TariffDocument } from "./model";
import type { Edit } from "./jsonPatch";

export interface Finding {
  code: string;
  severity: "error" | "warning";
  message: string;
  pointer: string;
  fix?: { label: string; edits: Edit[] } | null;
}
export interface RowWords {
  row: string;
  text: string;
}
export interface Draft {
  document: TariffDocument;
  base_revision: number;
  etag: string;
  state: "editing" | "submitted";
  stale?: boolean;
  updated_by?: { id: string; name: string } | null;
}
export interface Detail {
  id: string;
  key: string;
  current_revision: number;
  document: TariffDocument;
  words: RowWords[];
  findings: Finding[];
  draft?: Draft | null;
}
export interface Saved {
  draft: Draft;
  findings: Finding[];
  words: RowWords[];
}
export interface Checked {
  findings: Finding[];
  words: RowWords[];
}
export interface TriedLine {
  component: string;
  amount: number;
  currency: string;
  why: string;
  row: string;
  tier: number | null;
}
export interface Tried {
  lines: TriedLine[];
  total: { amount: number; currency: string };
  trace: string[];
  next_tiers: string[];
}
export interface SheetProblem {
  cell: string;
  line: number;
  column: number;
  severity: "error" | "warning";
  message: string;
  text: string;
}
export interface SheetOutcome {
  document: TariffDocument | null;
  problems: SheetProblem[];
  added: string[];
  changed: string[];
  removed: string[];
}
