/** The tiers of a charge as a small table: from where on, what is paid, and what is added once. */
import { Plus, X } from "lucide-react";
import { TextField } from "./Fields";
import { boundsAreMoney, isFraction, type Charge, type TariffDocument } from "./model";
import { symbolOf } from "./figures";
import { addTier, orderTiers, readTierField, tierField } from "./tiers";
import { useRoom } from "./texts";

export function TierTable({ document, charge, onChange }: { document: TariffDocument; charge: Charge; onChange: (charge: Charge) => void }) {
  const { names, editable } = useRoom();
  const { t } = names;
  const tiers = charge.tiers ?? [];
  const symbol = symbolOf(document.currency);
  const unit = boundsAreMoney(document, charge) ? symbol : undefined;
  const fields = [
    { field: "from", label: t("tier.from"), suffix: unit },
    { field: "rate", label: t(isFraction(charge) ? "tier.share" : "tier.rate"), suffix: isFraction(charge) ? "%" : symbol },
    { field: "flat", label: t("tier.flat"), suffix: symbol },
  ] as const;
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="sr-only">{t("head.tiers")}</legend>
      <div className="grid grid-cols-[1fr_1fr_1fr_2rem] gap-2 text-sm text-muted" aria-hidden>
        {fields.map(({ field, label }) => <span key={field} className="truncate">{label}</span>)}
      </div>
      {tiers.map((tier, at) => (
        <div key={at} className="grid grid-cols-[1fr_1fr_1fr_2rem] items-start gap-2">
          {fields.map(({ field, label, suffix }) => (
            <TextField
              key={field}
              hidden
              decimal
              label={`${t("tier.number", { number: at + 1 })} ${label}`}
              suffix={suffix}
              value={tierField(document, charge, tier, field)}
              onTake={(text) => {
                const made = readTierField(document, charge, tier, field, text);
                if (made) onChange({ ...charge, tiers: orderTiers(tiers.map((each, place) => (place === at ? made : each))) });
                return made !== null;
              }}
            />
          ))}
          {editable && at > 0 && (
            <button type="button" className="btn btn-ghost btn-sm btn-square" aria-label={t("tier.drop", { number: at + 1 })} onClick={() => onChange({ ...charge, tiers: orderTiers(tiers.filter((_tier, place) => place !== at)) })}>
              <X className="size-4" aria-hidden />
            </button>
          )}
        </div>
      ))}
      {editable && (
        <button type="button" className="btn btn-sm self-start" onClick={() => onChange({ ...charge, tiers: addTier(tiers, unit ? "1000000" : "100") })}>
          <Plus className="size-4" aria-hidden />
          {t("tier.add")}
        </button>
      )}
    </fieldset>
  );
}
