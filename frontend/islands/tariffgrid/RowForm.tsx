/** One row with everything it has, as a form: beside the grid on a desk, instead of it on a phone. */
import { Plus, X } from "lucide-react";
import { localized } from "../shared/catalogue";
import { isFault, listOptions, setRow, showCell, writeCell, type Column } from "./cells";
import { changeModel, fieldText, hasPrice, takeField } from "./charges";
import { addPart, dropLines } from "./edits";
import { ChoiceField, TextField } from "./Fields";
import { symbolOf } from "./figures";
import { ModifierRows } from "./ModifierRows";
import { DIMENSIONS, TIERED, boundsAreMoney, isFraction, listLines, type Charge, type Model, type Part, type Row, type TariffDocument } from "./model";
import { PartyField } from "./PartyField";
import { TierTable } from "./TierTable";
import { useRoom } from "./texts";

export type Section = "charge" | "match" | "modifiers" | "parties";
const SECTIONS: readonly Section[] = ["charge", "modifiers", "parties", "match"];

interface RowFormProps {
  document: TariffDocument;
  at: number;
  section: Section;
  onSection: (section: Section) => void;
  onEdit: (next: TariffDocument) => void;
}

export function RowForm({ document, at, section, onSection, onEdit }: RowFormProps) {
  const { names } = useRoom();
  const { t, locale } = names;
  const row = document.rows[at];
  if (!row) return null;
  const put = (made: Row) => onEdit(setRow(document, at, made));
  return (
    <section className="tf-card flex flex-col gap-4" aria-label={t("row.form")}>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 className="text-base font-semibold">{localized(row.name, locale) || row.id}</h2>
        <div role="tablist" className="tabs tabs-border" aria-label={t("row.form")}>
          {SECTIONS.map((each) => (
            <button key={each} type="button" role="tab" aria-selected={each === section} className={`tab px-3 ${each === section ? "tab-active" : ""}`} onClick={() => onSection(each)}>
              {t(`section.${each}`)}
              {each === "modifiers" && (row.modifiers ?? []).length > 0 && <span className="badge badge-sm badge-ghost ml-1">{row.modifiers?.length}</span>}
            </button>
          ))}
        </div>
      </div>
      <div role="tabpanel">
        {section === "charge" && <Charges document={document} at={at} row={row} onEdit={onEdit} />}
        {section === "match" && <Matching document={document} at={at} row={row} onEdit={onEdit} />}
        {section === "modifiers" && <ModifierRows document={document} row={row} onChange={put} />}
        {section === "parties" && <Parties document={document} row={row} onChange={put} />}
      </div>
    </section>
  );
}

function Matching({ document, at, row, onEdit }: { document: TariffDocument; at: number; row: Row; onEdit: (next: TariffDocument) => void }) {
  const { names } = useRoom();
  const { t } = names;
  const line = { row: at, part: null };
  const write = (column: Column, text: string) => {
    const written = writeCell(document, line, column, text, names);
    if (!isFault(written)) onEdit(written);
    return !isFault(written);
  };
  return (
    <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
      <TextField label={t("row.name_zh")} value={row.name?.zh ?? ""} onTake={(zh) => (onEdit(setRow(document, at, { ...row, name: { en: zh, ...row.name, zh } })), true)} />
      <TextField label={t("row.name_en")} value={row.name?.en ?? ""} onTake={(en) => (onEdit(setRow(document, at, { ...row, name: { zh: en, ...row.name, en } })), true)} />
      {(["region", ...DIMENSIONS] as const).map((column) => {
        const options = listOptions(document, line, column, names);
        return (
          <ChoiceField
            key={column}
            free={column !== "region"}
            label={t(`head.${column}`)}
            options={options}
            value={row.match?.[column] ?? ""}
            onPick={(value) => write(column, options.find((each) => each.value === value && value)?.text ?? value)}
          />
        );
      })}
    </div>
  );
}

function Charges({ document, at, row, onEdit }: { document: TariffDocument; at: number; row: Row; onEdit: (next: TariffDocument) => void }) {
  const { names, editable } = useRoom();
  const { t } = names;
  const composite = row.charge.model === "composite";
  const setCharge = (charge: Charge) => onEdit(setRow(document, at, { ...row, charge }));
  const setPart = (place: number, part: Part) => setCharge({ ...row.charge, parts: (row.charge.parts ?? []).map((each, number) => (number === place ? part : each)) });
  const dropPart = (place: number) => {
    const line = listLines(document).findIndex((each) => each.row === at && each.part === place);
    onEdit(dropLines(document, line, line));
  };
  if (!composite) {
    return (
      <div className="flex flex-col gap-3">
        <ChargeFields document={document} charge={row.charge} rowId={row.id} inside={false} onChange={setCharge} />
        {editable && <AddPart onClick={() => onEdit(addPart(document, at))} />}
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      {(row.charge.parts ?? []).map((part, place) => (
        <div key={part.id} className="flex flex-col gap-3 rounded-field border border-base-300 p-3">
          <div className="flex items-end gap-2">
            <div className="min-w-0 flex-1">
              <TextField label={t("part.name", { number: place + 1 })} value={localized(part.name, names.locale)} onTake={(text) => (setPart(place, { ...part, name: { zh: text, en: text, ...(part.name ? { [names.locale === "zh" ? "en" : "zh"]: part.name[names.locale === "zh" ? "en" : "zh"] } : {}) } }), true)} />
            </div>
            {editable && (row.charge.parts ?? []).length > 1 && (
              <button type="button" className="btn btn-ghost btn-sm btn-square" aria-label={t("part.drop", { number: place + 1 })} onClick={() => dropPart(place)}><X className="size-4" aria-hidden /></button>
            )}
          </div>
          <ChargeFields document={document} charge={part.charge} rowId={row.id} inside onChange={(charge) => setPart(place, { ...part, charge })} />
          <div className="grid gap-3 sm:grid-cols-2">
            <PartyField label={t("head.pays")} document={document} value={part.pays} inherits onChange={(pays) => setPart(place, { ...part, pays })} />
            <PartyField label={t("head.from")} document={document} value={part.from} inherits onChange={(from) => setPart(place, { ...part, from })} />
          </div>
        </div>
      ))}
      {editable && <AddPart onClick={() => onEdit(addPart(document, at))} />}
    </div>
  );
}

function AddPart({ onClick }: { onClick: () => void }) {
  const { t } = useRoom().names;
  return (
    <button type="button" className="btn btn-sm self-start" onClick={onClick}>
      <Plus className="size-4" aria-hidden />
      {t("part.add")}
    </button>
  );
}

type Field = "amount" | "price" | "guarantee" | "rate" | "size" | "threshold";
const FIELDS: Partial<Record<Model, readonly Field[]>> = {
  flat: ["amount"], per_unit: ["rate"], percentage: ["rate"], package: ["price", "size"], guarantee_plus_excess: ["guarantee", "threshold", "rate"],
};

function ChargeFields({ document, charge, rowId, inside, onChange }: { document: TariffDocument; charge: Charge; rowId: string; inside: boolean; onChange: (charge: Charge) => void }) {
  const { names } = useRoom();
  const { t } = names;
  const line = { row: document.rows.findIndex((row) => row.id === rowId), part: inside ? 0 : null };
  const symbol = symbolOf(document.currency);
  const suffixes: Partial<Record<Field, string>> = { rate: isFraction(charge) ? "%" : symbol, amount: symbol, price: symbol, guarantee: symbol, ...(boundsAreMoney(document, charge) ? { size: symbol, threshold: symbol } : {}) };
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        <ChoiceField label={t("head.model")} options={listOptions(document, line, "model", names)} value={charge.model} onPick={(model) => onChange(changeModel(charge, model as Model, document, rowId))} />
        {charge.model !== "flat" && <ChoiceField label={t("head.measure")} options={listOptions(document, line, "measure", names)} value={charge.measure ?? ""} onPick={(measure) => onChange({ ...charge, measure })} />}
        {(hasPrice(charge) ? (FIELDS[charge.model] ?? []) : []).map((field) => (
          <TextField
            key={field}
            decimal
            label={t(`field.${field}`)}
            suffix={suffixes[field]}
            value={fieldText(document, charge, field)}
            onTake={(text) => {
              const made = takeField(document, charge, field, text);
              if (made) onChange(made);
              return made !== null;
            }}
          />
        ))}
        {charge.model === "guarantee_plus_excess" && (
          <ChoiceField label={t("basis")} options={["percentage", "per_unit"].map((value) => ({ value, text: t(`basis.${value}`) }))} value={charge.basis ?? "percentage"} onPick={(basis) => onChange({ ...charge, basis: basis as "percentage" | "per_unit" })} />
        )}
        {charge.model === "package" && (
          <ChoiceField label={t("partial")} options={["charged", "free"].map((value) => ({ value, text: t(`partial.${value}`) }))} value={charge.partial ?? "charged"} onPick={(partial) => onChange({ ...charge, partial: partial as "charged" | "free" })} />
        )}
        {TIERED.includes(charge.model) && (
          <ChoiceField label={t("inclusive")} options={["lower", "upper"].map((value) => ({ value, text: t(`inclusive.${value}`) }))} value={charge.inclusive ?? "lower"} onPick={(side) => onChange({ ...charge, inclusive: side as "lower" | "upper" })} />
        )}
      </div>
      {TIERED.includes(charge.model) && <TierTable document={document} charge={charge} onChange={onChange} />}
    </>
  );
}

function Parties({ document, row, onChange }: { document: TariffDocument; row: Row; onChange: (row: Row) => void }) {
  const { t } = useRoom().names;
  return (
    <div className="grid items-start gap-4 sm:grid-cols-2">
      <PartyField label={t("head.pays")} document={document} value={row.pays ?? { party: "assignee" }} onChange={(pays) => onChange({ ...row, pays: pays ?? { party: "assignee" } })} />
      <PartyField label={t("head.from")} document={document} value={row.from ?? { party: "region_pool" }} onChange={(from) => onChange({ ...row, from: from ?? { party: "region_pool" } })} />
    </div>
  );
}

/** One row as a card, for screens that have no room for a grid. */
export function RowCards({ document, chosen, onChoose }: { document: TariffDocument; chosen: number; onChoose: (at: number) => void }) {
  const { names } = useRoom();
  return (
    <ul className="flex flex-col gap-2">
      {document.rows.map((row, at) => {
        const show = (column: Column, part: number | null = null) => showCell(document, { row: at, part }, column, names);
        const parts = row.charge.model === "composite" ? (row.charge.parts ?? []).map((_part, part) => part) : [null];
        return (
          <li key={row.id}>
            <button type="button" aria-pressed={chosen === at} className={`tf-card flex w-full flex-col gap-1 p-4 text-left ${chosen === at ? "border-primary" : ""}`} onClick={() => onChoose(at)}>
              <span className="flex w-full items-center justify-between gap-3">
                <span className="font-medium">{show("name")}</span>
                <span className="text-sm text-muted">{show("region") || names.t("match.any")}</span>
              </span>
              {parts.map((part) => (
                <span key={String(part)} className="flex w-full flex-wrap justify-between gap-x-3 text-sm tf-tabular">
                  <span>{part === null ? show("model") : `${show("name", part)} · ${show("model", part)}`}</span>
                  <span>{[show("price", part), show("tiers", part)].filter(Boolean).join(" · ")}</span>
                </span>
              ))}
              {show("modifiers") && <span className="text-sm text-muted">{show("modifiers")}</span>}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
