/** Who receives or bears an amount; for shares by contribution, by what and with which weights. */
import { Plus, X } from "lucide-react";
import { localized } from "../shared/catalogue";
import { read, write } from "./decimals";
import { readNumber } from "./figures";
import { ChoiceField, TextField } from "./Fields";
import type { PartyKind, PartyRef, StepWeight, TariffDocument } from "./model";
import { needsKey, type Option } from "./names";
import { useRoom } from "./texts";

const KINDS: readonly PartyKind[] = ["assignee", "contributors", "role", "node_worker", "region_pool", "department", "partner", "account", "customer"];

interface PartyFieldProps {
  label: string;
  document: TariffDocument;
  value: PartyRef | null | undefined;
  /** Parts and modifiers may leave it to their row. */
  inherits?: boolean;
  onChange: (ref: PartyRef | null) => void;
}

export function PartyField({ label, document, value, inherits, onChange }: PartyFieldProps) {
  const { t } = useRoom().names;
  const kinds: Option[] = KINDS.filter((kind) => kind !== "contributors" || document.accumulation !== "period" || value?.party === kind).map((kind) => ({ value: kind, text: t(`party.${kind}`) }));
  const pick = (kind: string) => {
    if (!kind) onChange(null);
    else onChange(kind === "contributors" ? { party: kind, by: "time" } : { party: kind as PartyKind });
  };
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <ChoiceField label={label} options={inherits ? [{ value: "", text: t("party.inherit") }, ...kinds] : kinds} value={value?.party ?? ""} onPick={pick} />
      {value && needsKey(value.party) && <KeyField value={value} document={document} onChange={onChange} />}
      {value?.party === "contributors" && <Contributors value={value} onChange={onChange} />}
    </div>
  );
}

function KeyField({ value, document, onChange }: { value: PartyRef; document: TariffDocument; onChange: (ref: PartyRef) => void }) {
  const { names } = useRoom();
  const { t, locale, words } = names;
  const used = document.rows.flatMap((row) => [row.pays, row.from, ...(row.charge.parts ?? []).flatMap((part) => [part.pays, part.from])]);
  const keys = [...words.parties, ...used].filter((ref) => ref?.party === value.party && ref.key).map((ref) => String(ref?.key));
  const listed: Record<string, Option[]> = {
    role: words.roles.map((role) => ({ value: role.value, text: localized(role.label, locale) || role.value, hint: role.value })),
    node_worker: words.steps.map((step) => ({ value: step.node, text: localized(step.label, locale) || step.node, hint: localized(step.workflow, locale) })),
  };
  const options = listed[value.party] ?? [...new Set(keys)].map((key) => ({ value: key, text: key }));
  return <ChoiceField label={t(`party.key.${value.party}`)} free options={options} value={value.key ?? ""} onPick={(key) => onChange({ ...value, key: key.slice(0, 80) || null })} />;
}

function Contributors({ value, onChange }: { value: PartyRef; onChange: (ref: PartyRef) => void }) {
  const { names, editable } = useRoom();
  const { t, locale, words } = names;
  const steps = value.steps ?? [];
  const options = words.steps.map((step) => ({ value: step.node, text: localized(step.label, locale) || step.node, hint: localized(step.workflow, locale) }));
  const set = (next: StepWeight[]) => onChange({ ...value, steps: next });
  return (
    <div className="flex flex-col gap-2 rounded-field border border-base-300 p-3">
      <ChoiceField label={t("contributors.by")} options={[{ value: "time", text: t("contributors.time") }, { value: "steps", text: t("contributors.steps") }]} value={value.by ?? "time"} onPick={(by) => onChange({ ...value, by: by as "time" | "steps" })} />
      <p className="text-sm text-muted">{t(steps.length ? "contributors.weighted" : "contributors.alike")}</p>
      {steps.map((step, at) => (
        <div key={at} className="grid grid-cols-[minmax(0,2fr)_minmax(0,1fr)_2rem] items-end gap-2">
          <ChoiceField label={t("contributors.step")} free options={options} value={step.node} onPick={(node) => set(steps.map((each, place) => (place === at ? { ...each, node } : each)))} />
          <TextField
            label={t("contributors.weight")}
            decimal
            value={write(read(step.weight ?? "1"))}
            onTake={(text) => {
              const weight = readNumber(text);
              if (weight) set(steps.map((each, place) => (place === at ? { ...each, weight: write(weight) } : each)));
              return weight !== null;
            }}
          />
          <button type="button" className="btn btn-ghost btn-sm btn-square" disabled={!editable} aria-label={t("contributors.drop")} onClick={() => set(steps.filter((_step, place) => place !== at))}>
            <X className="size-4" aria-hidden />
          </button>
        </div>
      ))}
      {editable && (
        <button type="button" className="btn btn-sm self-start" onClick={() => set([...steps, { node: options.find((each) => !steps.some((step) => step.node === each.value))?.value ?? "", weight: "1" }])}>
          <Plus className="size-4" aria-hidden />
          {t("contributors.add")}
        </button>
      )}
    </div>
  );
}
