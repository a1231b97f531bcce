/** An imagined ticket: what it would book by the table as it stands here, line by line. */
import { useEffect, useState } from "react";
import { Problem } from "../shared/http";
import { ZERO, compare, read, write } from "./decimals";
import { plainAmount, readAmount, readNumber, showAmount, symbolOf } from "./figures";
import { ChoiceField } from "./Fields";
import { DIMENSIONS, TICKETS, type Measure, type Row, type TariffDocument } from "./model";
import { dimensionOptions, measureName, regionOptions } from "./names";
import { useRoom } from "./texts";
import type { Tried } from "./wire";

const PRIORITIES = ["low", "normal", "high", "urgent"];
const PAUSE = 350;

interface Typed {
  region: string;
  priority: string;
  attributes: Record<string, string>;
  /** Values of the document: money in minor units. */
  quantities: Record<string, string>;
  before: Record<string, string>;
}

interface TryPanelProps {
  document: TariffDocument;
  row: Row | undefined;
  broken: boolean;
  /** What the findings say is of this very document: before that, nobody knows whether it can be tried. */
  checked: boolean;
}

export function TryPanel({ document, row, broken, checked }: TryPanelProps) {
  const { names } = useRoom();
  const { t } = names;
  const [typed, setTyped] = useState<Typed>(() => begin(row));
  useEffect(() => setTyped((old) => ({ ...old, ...ofRow(row) })), [row?.id, JSON.stringify(row?.match)]);
  const { tried, problem } = useTrial(document, typed, checked && !broken);
  const byPeriod = document.accumulation === "period";
  const measures = Object.entries(document.measures ?? {});
  const used = DIMENSIONS.filter((dimension) => document.rows.some((each) => each.match?.[dimension]));
  const field = (group: "quantities" | "before", key: string, measure: Measure) => (
    <QuantityField
      key={`${group} ${key}`}
      label={group === "before" ? t("try.before", { label: measureName(measure, key, names.locale) }) : measureName(measure, key, names.locale)}
      currency={measure.kind === "money" ? document.currency : null}
      value={typed[group][key] ?? usual(group, measure)}
      onTake={(value) => setTyped((old) => ({ ...old, [group]: { ...old[group], [key]: value } }))}
    />
  );
  return (
    <section className="tf-card flex flex-col gap-3" aria-label={t("try")}>
      <h2 className="text-base font-semibold">{t("try")}</h2>
      <ChoiceField label={t("head.region")} options={regionOptions(names)} value={typed.region} onPick={(region) => setTyped({ ...typed, region })} />
      {used.map((dimension) => (
        <ChoiceField
          key={dimension}
          label={t(`head.${dimension}`)}
          options={dimensionOptions(names, document, dimension).map((each) => (each.value ? each : { ...each, text: t("match.other") }))}
          value={typed.attributes[dimension] ?? ""}
          onPick={(value) => setTyped({ ...typed, attributes: { ...typed.attributes, [dimension]: value } })}
        />
      ))}
      {measures.filter(([key]) => byPeriod || key !== TICKETS).map(([key, measure]) => field("quantities", key, measure))}
      {byPeriod && measures.map(([key, measure]) => field("before", key, measure))}
      {!byPeriod && <ChoiceField label={t("try.priority")} options={PRIORITIES.map((value) => ({ value, text: t(`priority.${value}`) }))} value={typed.priority} onPick={(priority) => setTyped({ ...typed, priority })} />}
      <div className="border-t border-base-300 pt-3" aria-live="polite">
        {broken ? <p className="text-muted">{t("try.errors")}</p> : problem ? <p className="text-warning">{problem}</p> : tried ? <Result tried={tried} /> : <div className="skeleton h-16" />}
      </div>
    </section>
  );
}

function begin(row: Row | undefined): Typed {
  return { priority: "normal", quantities: {}, before: {}, ...ofRow(row) };
}

/** A ticket that the row fits, so that there is something to see at once. */
function ofRow(row: Row | undefined): Pick<Typed, "region" | "attributes"> {
  const { region, ...rest } = row?.match ?? {};
  const attributes = Object.fromEntries(Object.entries(rest).filter(([, value]) => value).map(([key, value]) => [key, String(value)]));
  return { region: region ?? "", attributes };
}

/** What a quantity is before anybody typed it. */
function usual(group: "quantities" | "before", measure: Measure): string {
  if (group === "before") return "0";
  return measure.kind === "money" ? "100000" : "1";
}

function filled(group: "quantities" | "before", document: TariffDocument, typed: Typed): Record<string, string> {
  return Object.fromEntries(Object.entries(document.measures ?? {}).map(([key, measure]) => [key, typed[group][key] ?? usual(group, measure)]));
}

function QuantityField({ label, currency, value, onTake }: { label: string; currency: string | null; value: string; onTake: (value: string) => void }) {
  return (
    <TryField
      label={label}
      suffix={currency ? symbolOf(currency) : undefined}
      value={currency ? plainAmount(value, currency) : value}
      onTake={(text) => {
        const found = currency ? readAmount(text || "0", currency, false) : readNumber(text || "0");
        if (found) onTake(write(found));
        return found !== null;
      }}
    />
  );
}

/** Works itself out while one types, also for who may only read. */
function TryField({ label, value, suffix, onTake }: { label: string; value: string; suffix?: string; onTake: (text: string) => boolean }) {
  const { t } = useRoom().names;
  const [text, setText] = useState(value);
  const [isBad, setBad] = useState(false);
  return (
    <label className="flex min-w-0 flex-col gap-1">
      <span className="truncate text-sm text-muted">{label}</span>
      <span className={`input h-10 w-full bg-base-100 text-base md:h-9 md:text-sm ${isBad ? "input-error" : ""}`}>
        <input
          type="text"
          inputMode="decimal"
          className="tf-tabular"
          aria-invalid={isBad || undefined}
          value={text}
          maxLength={40}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setBad(!onTake(event.currentTarget.value));
          }}
        />
        {suffix && <span className="text-sm text-muted">{suffix}</span>}
      </span>
      {isBad && <span role="alert" className="text-sm text-error">{t("fault.number", { text })}</span>}
    </label>
  );
}

function useTrial(document: TariffDocument, typed: Typed, ready: boolean): { tried: Tried | null; problem: string } {
  const { http, tariffId } = useRoom();
  const [state, setState] = useState<{ tried: Tried | null; problem: string }>({ tried: null, problem: "" });
  useEffect(() => {
    if (!ready) return;
    const stop = new AbortController();
    const inputs = {
      quantities: filled("quantities", document, typed),
      // A period that has gathered nothing is one that has not begun: its guarantee is still to come.
      before: document.accumulation === "period" && Object.values(typed.before).some((value) => compare(read(value), ZERO) > 0) ? filled("before", document, typed) : {},
      attributes: typed.attributes,
      region: typed.region || null,
      priority: typed.priority,
    };
    const timer = setTimeout(() => {
      http.call<Tried>(`/tariffs/${tariffId}/try`, { method: "POST", body: { inputs, document }, signal: stop.signal }).then(
        ({ body }) => setState({ tried: body, problem: "" }),
        (error: unknown) => error instanceof Problem && setState({ tried: null, problem: error.errors[0]?.message || error.message }),
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [http, tariffId, document, typed, ready]);
  return state;
}

function Result({ tried }: { tried: Tried }) {
  const { t } = useRoom().names;
  return (
    <>
      <ul>
        {tried.lines.map((line, at) => (
          <li key={at} className="flex items-start justify-between gap-3 py-1.5">
            <span className="min-w-0 break-words">{line.why || line.component}</span>
            <span className="whitespace-nowrap tf-tabular">{showAmount(line.amount, line.currency)}</span>
          </li>
        ))}
      </ul>
      <p className="mt-1 flex justify-between gap-3 border-t border-base-300 pt-2 font-semibold">
        <span>{t("try.total")}</span>
        <span className="tf-tabular">{showAmount(tried.total.amount, tried.total.currency)}</span>
      </p>
      {tried.next_tiers.map((text) => <p key={text} className="mt-2 text-sm text-muted">{text}</p>)}
      {tried.trace.length > 0 && (
        <details className="mt-3">
          <summary className="tf-link cursor-pointer text-sm">{t("try.trace")}</summary>
          <ol className="mt-2 list-decimal pl-5 text-sm text-muted">{tried.trace.map((text, at) => <li key={at}>{text}</li>)}</ol>
        </details>
      )}
    </>
  );
}
