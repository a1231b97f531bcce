/** The document of a tariff (`tierflow.tariff/1`): amounts in minor units, rates and bounds as decimal text. */
import type { Localized } from "../shared/catalogue";

export type Dimension = "service" | "channel" | "role" | "level" | "grade";
export const DIMENSIONS: readonly Dimension[] = ["service", "channel", "role", "level", "grade"];

export type Model =
  | "flat" | "per_unit" | "percentage" | "graduated" | "graduated_percentage" | "volume" | "volume_percentage"
  | "package" | "guarantee_plus_excess" | "composite";
export const MODELS: readonly Model[] = [
  "flat", "per_unit", "percentage", "volume_percentage", "graduated_percentage", "volume", "graduated", "guarantee_plus_excess", "package", "composite",
];
export const TIERED: readonly string[] = ["graduated", "graduated_percentage", "volume", "volume_percentage"];
export const WHOLE: readonly string[] = ["volume", "volume_percentage"];
export const FRACTIONAL: readonly string[] = ["percentage", "graduated_percentage", "volume_percentage"];

export interface Tier {
  from: string;
  to?: string | null;
  rate?: string;
  flat?: number;
}
export interface StepWeight {
  node: string;
  weight?: string;
}
export type PartyKind = "assignee" | "node_worker" | "role" | "department" | "partner" | "region_pool" | "account" | "contributors" | "customer";
export interface PartyRef {
  party: PartyKind;
  key?: string | null;
  by?: "time" | "steps";
  steps?: StepWeight[];
}
export interface Charge {
  model: Model;
  measure?: string;
  amount?: number;
  rate?: string;
  tiers?: Tier[];
  inclusive?: "lower" | "upper";
  size?: string;
  price?: number;
  partial?: "charged" | "free";
  guarantee?: number;
  threshold?: string;
  basis?: "percentage" | "per_unit";
  parts?: Part[];
}
export interface Part {
  id: string;
  name?: Localized | null;
  charge: Charge;
  pays?: PartyRef | null;
  from?: PartyRef | null;
}
export type ModifierKind = "coefficient" | "deduction" | "minimum" | "maximum" | "tax" | "subsidy";
export const MODIFIERS: readonly ModifierKind[] = ["coefficient", "deduction", "minimum", "maximum", "subsidy", "tax"];
export interface Modifier {
  kind: ModifierKind;
  id: string;
  name?: Localized | null;
  when?: string;
  applies_to?: string[] | null;
  pays?: PartyRef | null;
  from?: PartyRef | null;
  factor?: string;
  cap?: number | null;
  amount?: number;
  rate?: string;
  measure?: string | null;
  /** Of a tax: the lines hold it already. */
  included?: boolean;
}
export type Match = { [name in Dimension | "region"]?: string | null };
export interface Row {
  id: string;
  name?: Localized | null;
  match?: Match;
  charge: Charge;
  modifiers?: Modifier[];
  pays?: PartyRef;
  from?: PartyRef;
}
export interface Measure {
  label: Localized;
  kind?: "money" | "number";
  unit?: Localized | null;
}
export interface TariffDocument {
  format: string;
  key: string;
  name: Localized;
  currency: string;
  rounding?: string;
  accumulation?: "ticket" | "period";
  period?: string;
  measures?: Record<string, Measure>;
  rows: Row[];
}

export const ASSIGNEE: PartyRef = { party: "assignee" };
export const REGION_POOL: PartyRef = { party: "region_pool" };
export const URGENT = 'ticket.priority == "urgent"';

/** Every ticket counts as one of it without any form saying so. */
export const TICKETS = "tickets";

/** A line of the grid: a row, or (`part` given) one part of a composite row. */
export interface Line {
  row: number;
  part: number | null;
}

export function listLines(document: TariffDocument): Line[] {
  return document.rows.flatMap((row, at) => {
    const parts = row.charge.model === "composite" ? (row.charge.parts ?? []) : [];
    return [{ row: at, part: null }, ...parts.map((_part, part): Line => ({ row: at, part }))];
  });
}

export function chargeAt(document: TariffDocument, line: Line): Charge {
  const row = document.rows[line.row];
  const part = line.part === null ? undefined : row?.charge.parts?.[line.part];
  return part?.charge ?? row?.charge ?? { model: "flat", amount: 0 };
}

/** Whether the bounds of a charge are money: what its measure says, else what its model needs. */
export function boundsAreMoney(document: TariffDocument, charge: Charge): boolean {
  const measure = document.measures?.[charge.measure ?? ""];
  return measure ? measure.kind === "money" : isFraction(charge);
}

/** Whether the rates of a charge are shares of money. */
export function isFraction(charge: Charge): boolean {
  if (charge.model === "guarantee_plus_excess") return (charge.basis ?? "percentage") === "percentage";
  return FRACTIONAL.includes(charge.model);
}

/** `wanted`, or with the first number that is free. */
export function freshId(wanted: string, taken: Iterable<string>): string {
  const known = new Set(taken);
  let found = wanted;
  for (let number = 2; known.has(found); number += 1) found = `${wanted}_${number}`;
  return found;
}
