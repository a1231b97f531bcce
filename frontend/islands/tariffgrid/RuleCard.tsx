/** The chosen row's rule: drawn, in words, and with the switch between its two readings. */
import { localized } from "../shared/catalogue";
import { setCharge } from "./cells";
import { hasTiers, otherReading } from "./charges";
import { TIERED, WHOLE, type Charge, type Line, type TariffDocument } from "./model";
import { TierChart } from "./TierChart";
import { useRoom } from "./texts";

interface RuleCardProps {
  document: TariffDocument;
  line: Line;
  words: string;
  onEdit: (next: TariffDocument) => void;
}

export function RuleCard({ document, line, words, onEdit }: RuleCardProps) {
  const { names } = useRoom();
  const row = document.rows[line.row];
  if (!row) return null;
  const parts = row.charge.model === "composite" ? (row.charge.parts ?? []).map((part, at) => ({ title: localized(part.name, names.locale) || part.id, charge: part.charge, part: at as number | null })) : [{ title: "", charge: row.charge, part: null }];
  const drawn = parts.filter((part) => hasTiers(part.charge) && (line.part === null || part.part === line.part));
  return (
    <section className="tf-card flex min-w-0 flex-col gap-3" aria-label={names.t("rule")}>
      <h2 className="text-base font-semibold">{localized(row.name, names.locale) || row.id}</h2>
      {drawn.map((part) => (
        <div key={String(part.part)} className="flex flex-col gap-1">
          <div className="flex items-center justify-between gap-3">
            <p className="text-sm text-muted">{part.title || names.t(`model.${part.charge.model}`)}</p>
            {TIERED.includes(part.charge.model) && <Reading charge={part.charge} onChange={(charge) => onEdit(setCharge(document, { row: line.row, part: part.part }, charge))} />}
          </div>
          <TierChart document={document} charge={part.charge} />
        </div>
      ))}
      <p className="leading-relaxed" aria-live="polite">{words}</p>
    </section>
  );
}

/** Whole amount or marginal: the same tiers, read otherwise. */
function Reading({ charge, onChange }: { charge: Charge; onChange: (charge: Charge) => void }) {
  const { names, editable } = useRoom();
  const whole = WHOLE.includes(charge.model);
  const button = (isWhole: boolean, key: string) => (
    <button
      type="button"
      aria-pressed={whole === isWhole}
      disabled={!editable}
      className={`btn btn-sm join-item border-base-300 font-normal ${whole === isWhole ? "bg-primary text-primary-content" : "bg-base-100"}`}
      onClick={() => whole !== isWhole && onChange(otherReading(charge))}
    >
      {names.t(key)}
    </button>
  );
  return (
    <div className="join" role="group" aria-label={names.t("reading")}>
      {button(true, "reading.whole")}
      {button(false, "reading.marginal")}
    </div>
  );
}
