/** What each cell of the grid shows, what may be typed into it, and what the typing makes of the document. */
import { localized } from "../shared/catalogue";
import { changeModel, hasPrice, hasTiers, showPrice, showTierCell, takePrice, takeTiers } from "./charges";
import { DIMENSIONS, TICKETS, chargeAt, type Charge, type Line, type Match, type Part, type Row, type TariffDocument } from "./model";
import { showModifiers } from "./modifiers";
import {
  dimensionName, dimensionOptions, findOption, isDimension, isModel, measureName, measureOptions, modelOptions, partyName, partyOptions, readParty, regionOptions,
  type Names, type Option,
} from "./names";

export const COLUMNS = ["name", "region", ...DIMENSIONS, "model", "measure", "price", "tiers", "modifiers", "pays", "from"] as const;
export type Column = (typeof COLUMNS)[number];

/** `text`: typed in place; `choice`: typed or chosen; `tiers`: typed, or set in a small table; `panel`: set beside the grid. */
export type Kind = "text" | "number" | "choice" | "tiers" | "panel";
export const KINDS: Record<Column, Kind> = {
  name: "text", region: "choice", service: "choice", channel: "choice", role: "choice", level: "choice", grade: "choice",
  model: "choice", measure: "choice", price: "number", tiers: "tiers", modifiers: "panel", pays: "choice", from: "choice",
};

export interface Fault {
  fault: string;
  params: Record<string, string>;
}
export type Written = TariffDocument | Fault;
export const isFault = (written: Written): written is Fault => "fault" in written;
const refuse = (fault: string, params: Record<string, string> = {}): Fault => ({ fault, params });

const CHARGE_COLUMNS: readonly Column[] = ["name", "model", "measure", "price", "tiers", "pays", "from"];

/** Whether the cell belongs to the line: parts have no match of their own, tiers only tiered models. */
export function isOpen(document: TariffDocument, line: Line, column: Column): boolean {
  const charge = chargeAt(document, line);
  if (line.part !== null && !CHARGE_COLUMNS.includes(column)) return false;
  if (column === "measure") return charge.model !== "flat" && charge.model !== "composite";
  if (column === "price") return hasPrice(charge);
  if (column === "tiers") return charge.model !== "composite";
  return true;
}

export function showCell(document: TariffDocument, line: Line, column: Column, names: Names): string {
  const row = document.rows[line.row];
  if (!row || !isOpen(document, line, column)) return "";
  const part = line.part === null ? null : row.charge.parts?.[line.part];
  const charge = chargeAt(document, line);
  if (column === "name") return localized(part ? part.name : row.name, names.locale) || (part ?? row).id;
  if (column === "region") return nameOf(regionOptions(names), row.match?.region);
  if (isDimension(column)) return dimensionName(names, column, row.match?.[column] ?? "");
  if (column === "model") return names.t(`model.${charge.model}`);
  if (column === "measure") return charge.measure === TICKETS && !document.measures?.[TICKETS] ? names.t("measure.tickets") : measureName(document.measures?.[charge.measure ?? ""], charge.measure ?? "", names.locale);
  if (column === "price") return showPrice(document, charge);
  if (column === "tiers") return showTierCell(document, charge);
  if (column === "modifiers") return showModifiers(document, row, names);
  const own = part ? part[column] : (row[column] ?? { party: column === "pays" ? "assignee" : "region_pool" });
  return partyName(own, names);
}

function nameOf(options: readonly Option[], value: string | null | undefined): string {
  if (!value) return "";
  return options.find((each) => each.value === value)?.text ?? value;
}

/** What may be chosen; empty for cells that are only typed. */
export function listOptions(document: TariffDocument, line: Line, column: Column, names: Names): Option[] {
  if (column === "region") return regionOptions(names);
  if (isDimension(column)) return dimensionOptions(names, document, column);
  if (column === "model") return modelOptions(names, line.part !== null);
  if (column === "measure") return [...measureOptions(names, document), ...ticketsOption(document, names)];
  if (column !== "pays" && column !== "from") return [];
  const inherit = line.part === null ? [] : [{ value: "", text: names.t("party.inherit") }];
  return [...inherit, ...partyOptions(names, document)];
}

function ticketsOption(document: TariffDocument, names: Names): Option[] {
  return document.measures?.[TICKETS] ? [] : [{ value: TICKETS, text: names.t("measure.tickets") }];
}

/** The document with `text` in the cell, or what is wrong with it. */
export function writeCell(document: TariffDocument, line: Line, column: Column, text: string, names: Names): Written {
  const row = document.rows[line.row];
  const typed = text.trim();
  if (!row || !isOpen(document, line, column)) return typed ? refuse("closed") : document;
  if (column === "name") return rename(document, line, typed, names);
  if (column === "region" || isDimension(column)) return writeMatch(document, line, column, typed, names);
  if (column === "model") return writeModel(document, line, typed, names);
  if (column === "measure") return writeMeasure(document, line, typed, names);
  if (column === "price") return writePrice(document, line, typed);
  if (column === "tiers") return writeTierCell(document, line, typed);
  if (column === "modifiers") return !typed ? setRow(document, line.row, { ...row, modifiers: [] }) : typed === showModifiers(document, row, names) ? document : refuse("panel");
  return writeParty(document, line, column, typed, names);
}

export function setRow(document: TariffDocument, at: number, row: Row): TariffDocument {
  return { ...document, rows: document.rows.map((each, place) => (place === at ? row : each)) };
}

function setPart(document: TariffDocument, line: Line, part: Part): TariffDocument {
  const row = document.rows[line.row];
  if (!row) return document;
  const parts = (row.charge.parts ?? []).map((each, at) => (at === line.part ? part : each));
  return setRow(document, line.row, { ...row, charge: { ...row.charge, parts } });
}

export function setCharge(document: TariffDocument, line: Line, charge: Charge): TariffDocument {
  const row = document.rows[line.row];
  const part = line.part === null ? undefined : row?.charge.parts?.[line.part];
  if (!row) return document;
  return part ? setPart(document, line, { ...part, charge }) : setRow(document, line.row, { ...row, charge });
}

function rename(document: TariffDocument, line: Line, typed: string, names: Names): TariffDocument {
  const row = document.rows[line.row];
  const part = line.part === null ? null : row?.charge.parts?.[line.part];
  if (!row) return document;
  const old = (part ?? row).name ?? {};
  const other = names.locale === "zh" ? "en" : "zh";
  const wasSame = !old[other] || old[other] === old[names.locale];
  const name = typed ? { zh: typed, en: typed, ...(wasSame ? {} : { [other]: old[other] }) } : null;
  return part ? setPart(document, line, { ...part, name }) : setRow(document, line.row, { ...row, name });
}

function writeMatch(document: TariffDocument, line: Line, column: keyof Match, typed: string, names: Names): Written {
  const row = document.rows[line.row];
  if (!row) return document;
  const match: Match = { ...row.match };
  delete match[column];
  if (typed) {
    const options = column === "region" ? regionOptions(names) : dimensionOptions(names, document, column);
    const found = findOption(options, typed);
    if (!found && (column === "region" || typed.length > 80)) return refuse(column === "region" ? "region" : "long", { text: typed });
    const value = found ? found.value : typed;
    if (value) match[column] = value;
  }
  return setRow(document, line.row, { ...row, match });
}

function writeModel(document: TariffDocument, line: Line, typed: string, names: Names): Written {
  const options = modelOptions(names, line.part !== null);
  const found = findOption(options, typed) ?? findOption(options, typed.replace(/[·・]/g, " · "));
  if (!found || !isModel(found.value)) return refuse("model", { text: typed });
  const rowId = document.rows[line.row]?.id ?? "";
  return setCharge(document, line, changeModel(chargeAt(document, line), found.value, document, rowId));
}

function writeMeasure(document: TariffDocument, line: Line, typed: string, names: Names): Written {
  const found = findOption(listOptions(document, line, "measure", names), typed) ?? findOption(bare(document, names), typed);
  if (!found) return refuse("measure", { text: typed });
  return setCharge(document, line, { ...chargeAt(document, line), measure: found.value });
}

/** Measures by their label without the unit. */
function bare(document: TariffDocument, names: Names): Option[] {
  return Object.entries(document.measures ?? {}).map(([value, measure]) => ({ value, text: localized(measure.label, names.locale) }));
}

function writePrice(document: TariffDocument, line: Line, typed: string): Written {
  const charge = takePrice(document, chargeAt(document, line), typed || "0");
  return charge ? setCharge(document, line, charge) : refuse("number", { text: typed });
}

function writeTierCell(document: TariffDocument, line: Line, typed: string): Written {
  const charge = chargeAt(document, line);
  if (!typed) return hasTiers(charge) ? refuse("tiers", { text: "" }) : document;
  const made = takeTiers(document, charge, typed);
  return "fault" in made ? refuse("tiers", { text: made.fault }) : setCharge(document, line, made);
}

function writeParty(document: TariffDocument, line: Line, column: "pays" | "from", typed: string, names: Names): Written {
  const row = document.rows[line.row];
  const part = line.part === null ? null : row?.charge.parts?.[line.part];
  if (!row) return document;
  if (part && (!typed || typed === names.t("party.inherit"))) return setPart(document, line, { ...part, [column]: null });
  const old = part ? part[column] : row[column];
  const ref = old && partyName(old, names) === typed ? old : readParty(typed, names, document);
  if (!ref) return refuse("party", { text: typed });
  return part ? setPart(document, line, { ...part, [column]: ref }) : setRow(document, line.row, { ...row, [column]: ref });
}

/** The value behind a cell, for copies inside the grid that keep what no text tells (weights, conditions). */
export function valueOf(document: TariffDocument, line: Line, column: Column): unknown {
  const row = document.rows[line.row];
  const part = line.part === null ? null : row?.charge.parts?.[line.part];
  if (column === "modifiers") return part ? undefined : (row?.modifiers ?? []);
  if (column === "pays" || column === "from") return (part ?? row)?.[column];
  return undefined;
}

/** Sets what `valueOf` gave. */
export function putValue(document: TariffDocument, line: Line, column: Column, value: unknown): Written {
  const row = document.rows[line.row];
  if (!row || !isOpen(document, line, column)) return document;
  if (column === "modifiers") return line.part === null ? setRow(document, line.row, { ...row, modifiers: value as Row["modifiers"] }) : document;
  if (column !== "pays" && column !== "from") return document;
  const part = line.part === null ? null : row.charge.parts?.[line.part];
  return part ? setPart(document, line, { ...part, [column]: value as Part["pays"] }) : setRow(document, line.row, { ...row, [column]: value as Row["pays"] });
}
