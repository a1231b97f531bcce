/** From a finding's JSON pointer to the cell that it speaks of. */
import type { Column } from "./cells";
import { listLines, type Line, type TariffDocument } from "./model";
import { isDimension } from "./names";

export interface Spot {
  /** Null: it concerns the whole table, which its settings tell. */
  line: number | null;
  column: Column | null;
}

const FIGURES: readonly string[] = ["rate", "amount", "price", "size", "guarantee"];

export function locate(document: TariffDocument, pointer: string): Spot {
  const path = pointer.split("/").slice(1);
  if (path[0] !== "rows" || path.length < 2) return { line: null, column: null };
  const row = Number(path[1]);
  const rest = path.slice(2);
  const isPart = rest[0] === "charge" && rest[1] === "parts" && rest.length > 2;
  const part = isPart ? Number(rest[2]) : null;
  const inside = isPart ? rest.slice(3) : rest;
  const wanted: Line = { row, part };
  const lines = listLines(document);
  const line = lines.findIndex((each) => each.row === wanted.row && each.part === wanted.part);
  if (line < 0) return { line: null, column: null };
  return { line, column: columnOf(inside, document.rows[row]?.charge.model === "guarantee_plus_excess") };
}

function columnOf(path: readonly string[], isGuarantee: boolean): Column {
  const [first = "", second = ""] = path;
  if (first === "match") return second === "region" || isDimension(second) ? (second as Column) : "region";
  if (first === "modifiers") return "modifiers";
  if (first === "pays" || first === "from") return first;
  if (first !== "charge") return "name";
  if (second === "measure") return "measure";
  if (second === "tiers" || second === "threshold" || (isGuarantee && second === "rate")) return "tiers";
  return FIGURES.includes(second) ? "price" : "model";
}
