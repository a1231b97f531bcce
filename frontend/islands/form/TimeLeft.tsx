import { Timer } from "lucide-react";
import { useEffect, useState } from "react";
import { languageTag, type Locale, type Translate } from "../shared/catalogue";
import { spanOf } from "./span";

const MINUTE = 60_000;

/** Time until the step is due; red when it is over or within the hour. */
export function TimeLeft({ dueAt, locale, t }: { dueAt: string; locale: Locale; t: Translate }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE / 2);
    return () => clearInterval(timer);
  }, []);
  const due = Date.parse(dueAt);
  const minutes = Math.floor(Math.abs(due - now) / MINUTE);
  const span = spanOf(minutes, locale);
  const late = due < now;
  const tone = late || minutes < 60 ? "border-error/40 bg-error/10 text-error" : "border-base-300 text-muted";
  return (
    <time dateTime={dueAt} title={new Intl.DateTimeFormat(languageTag(locale), { dateStyle: "medium", timeStyle: "short" }).format(due)} className={`ms-auto flex items-center gap-1 rounded-field border px-2 py-0.5 text-sm tf-tabular ${tone}`}>
      <Timer className="size-4" aria-hidden />
      {t(late ? "due.late" : "due.left", { span })}
    </time>
  );
}
