import { Check, CircleCheck, Copy } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { localized, type Locale, type Translate } from "../shared/catalogue";
import type { Http } from "../shared/http";
import { TicketForm } from "../form/TicketForm";
import { customerFormSource, placeOf, type PublicForm, type Receipt } from "./source";

export interface PageProps {
  token: string;
  http: Http;
  locale: Locale;
  t: Translate;
  onHeading: (heading: { title: string; subtitle?: string }) => void;
}

/** The form behind an entry link or a QR code. */
export function CustomerForm({ token, http, locale, t, onHeading }: PageProps) {
  const [answer, setAnswer] = useState<PublicForm>();
  const [receipt, setReceipt] = useState<Receipt>();
  const source = useMemo(() => customerFormSource(http, token, setAnswer), [http, token]);
  useEffect(() => {
    if (!answer) return;
    onHeading({ title: localized(answer.form.title, locale) || localized(answer.workflow_name, locale), subtitle: placeOf(answer, locale) });
  }, [answer, locale, onHeading]);
  if (receipt) return <Sent receipt={receipt} t={t} />;
  return (
    <TicketForm
      source={source}
      http={http}
      locale={locale}
      titled={false}
      onDone={(result) => {
        setReceipt(result as unknown as Receipt);
        scrollTo(0, 0);
      }}
    />
  );
}

/** The receipt: the number, and the address where the progress can be followed. */
function Sent({ receipt, t }: { receipt: Receipt; t: Translate }) {
  const [copied, setCopied] = useState(false);
  const address = new URL(receipt.url || `/t/${receipt.tracking_token}`, location.href).href;
  const copy = async () => {
    await navigator.clipboard.writeText(address);
    setCopied(true);
  };
  return (
    <section className="tf-card grid justify-items-center gap-4 py-10 text-center" role="status">
      <CircleCheck className="size-14 text-success" strokeWidth={1.5} aria-hidden />
      <div>
        <h2 className="text-xl font-semibold">{t("sent.title")}</h2>
        <p className="mt-1 text-muted">{t("sent.number")}</p>
        <p className="text-2xl font-semibold tf-tabular select-all">{receipt.number}</p>
      </div>
      <a className="btn btn-primary h-12 w-full max-w-xs text-base" href={address}>{t("sent.follow")}</a>
      <div className="grid w-full max-w-xs gap-2">
        <p className="rounded-field bg-base-200 px-3 py-2 text-sm break-all text-muted select-all">{address}</p>
        {isSecureContext && (
          <button type="button" className="btn btn-outline h-11 border-base-300 font-normal" onClick={() => void copy()}>
            {copied ? <Check className="size-4 text-success" aria-hidden /> : <Copy className="size-4" aria-hidden />}
            {t(copied ? "sent.copied" : "sent.copy")}
          </button>
        )}
      </div>
    </section>
  );
}
