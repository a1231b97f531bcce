/** A name in both languages; the page's language comes first. */
import { useTexts } from "./context";
import type { Localized } from "../shared/catalogue";

interface Props {
  id: string;
  legend: string;
  value: Localized | null | undefined;
  onChange: (value: { zh: string; en: string }) => void;
  readOnly: boolean;
}

export function NamePair({ id, legend, value, onChange, readOnly }: Props) {
  const { locale, t } = useTexts();
  const order = locale === "zh" ? (["zh", "en"] as const) : (["en", "zh"] as const);
  const both = { zh: value?.zh ?? "", en: value?.en ?? "" };
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 text-xs text-muted">{legend}</legend>
      {order.map((language) => (
        <label key={language} className="input flex h-9 w-full items-center gap-2 text-sm">
          <span className="w-5 shrink-0 text-xs text-muted">{t(`language.${language}`)}</span>
          <input
            id={`${id}-${language}`}
            lang={language}
            className="min-w-0 grow"
            aria-label={`${legend} (${t(`language.${language}`)})`}
            value={both[language]}
            maxLength={120}
            readOnly={readOnly}
            onChange={(event) => onChange({ ...both, [language]: event.target.value })}
          />
        </label>
      ))}
    </fieldset>
  );
}
