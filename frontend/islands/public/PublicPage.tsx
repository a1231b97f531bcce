import { Languages } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { languageTag, localeOf, type Locale } from "../shared/catalogue";
import { Boundary } from "../form/Boundary";
import { createHttp } from "../shared/http";
import { CustomerForm } from "./CustomerForm";
import { Progress } from "./Progress";
import { publicTexts } from "./texts";

export interface PublicPageProps {
  kind: "form" | "ticket";
  token: string;
  locale?: string;
  csrf?: string;
}

const CHOSEN = "tierflow.locale";

/** What a customer sees: one column, their language, no account. */
export function PublicPage({ kind, token, locale: given, csrf }: PublicPageProps) {
  const [locale, setLocale] = useState<Locale>(() => chosenLocale() ?? localeOf(given));
  const http = useMemo(() => createHttp(locale, csrf), [locale, csrf]);
  const t = useMemo(() => publicTexts(locale), [locale]);
  const [heading, setHeading] = useState<{ title: string; subtitle?: string }>();
  useEffect(() => {
    document.documentElement.lang = languageTag(locale);
  }, [locale]);
  useEffect(() => {
    if (heading) document.title = heading.title;
  }, [heading]);
  const switchLocale = () => {
    const next = locale === "zh" ? "en" : "zh";
    setLocale(next);
    try {
      localStorage.setItem(CHOSEN, next);
    } catch {
      // The choice then holds for this visit.
    }
  };
  const Page = kind === "form" ? CustomerForm : Progress;
  return (
    <div className="mx-auto flex min-h-dvh max-w-2xl flex-col px-4">
      <header className="flex min-h-16 items-center gap-3 py-3">
        <div className="min-w-0 flex-1">
          <h1 className="truncate text-lg font-semibold">{heading?.title ?? "\u00a0"}</h1>
          {heading?.subtitle && <p className="truncate text-sm text-muted">{heading.subtitle}</p>}
        </div>
        <button type="button" className="btn btn-ghost btn-sm font-normal" lang={locale === "zh" ? "en" : "zh-CN"} onClick={switchLocale}>
          <Languages className="size-4" aria-hidden />
          {t("language.other")}
        </button>
      </header>
      <main className="flex-1 pb-6">
        <Boundary locale={locale}>
          <Page token={token} http={http} locale={locale} t={t} onHeading={setHeading} />
        </Boundary>
      </main>
    </div>
  );
}

function chosenLocale(): Locale | undefined {
  try {
    const chosen = localStorage.getItem(CHOSEN);
    return chosen ? localeOf(chosen) : undefined;
  } catch {
    return undefined;
  }
}
