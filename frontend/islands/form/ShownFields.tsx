import { languageTag, localized, type Locale, type Localized, type Translate } from "../shared/catalogue";
import { API } from "../shared/http";
import { minorDigits, toMajor } from "./money";

/** An answer of an earlier step, to be read beside the form. */
export interface ShownField {
  path: string;
  label: Localized;
  type: string;
  value: unknown;
  choices?: Localized[];
  currency?: string | null;
}

interface ShownFieldsProps {
  fields: readonly ShownField[];
  locale: Locale;
  zone?: string;
  t: Translate;
  /** Where this reader fetches files; where there is none they are only counted. */
  filesPath?: string;
}

export function ShownFields({ fields, locale, zone, t, filesPath }: ShownFieldsProps) {
  if (fields.length === 0) return null;
  return (
    <dl className="mb-5 grid gap-x-4 gap-y-3 rounded-field bg-base-200 p-4 sm:grid-cols-2">
      {fields.map((field) => {
        const files = (field.type === "photos" || field.type === "files") && Array.isArray(field.value) ? (field.value as string[]) : [];
        return (
          <div key={field.path} className={`min-w-0 ${files.length > 0 || String(field.value ?? "").length > 40 ? "sm:col-span-2" : ""}`}>
            <dt className="text-xs text-muted">{localized(field.label, locale) || field.path}</dt>
            <dd className="whitespace-pre-wrap break-words text-sm tf-tabular">
              {files.length > 0 && filesPath ? <Files ids={files} path={filesPath} photos={field.type === "photos"} t={t} /> : wordsOf(field, locale, zone, t)}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Files({ ids, path, photos, t }: { ids: readonly string[]; path: string; photos: boolean; t: Translate }) {
  return (
    <ul className="mt-1 flex flex-wrap gap-2">
      {ids.map((id, index) => (
        <li key={id}>
          <a className="tf-link" href={`${API}${path}/${id}`}>
            {photos ? <img className="size-20 rounded-field border border-base-300 object-cover" src={`${API}${path}/${id}?thumb=1`} alt={`${t("photos.photo")} ${index + 1}`} /> : `${t("files.file")} ${index + 1}`}
          </a>
        </li>
      ))}
    </ul>
  );
}

/** A value in words; what is left empty is a dash. */
export function wordsOf({ type, value, choices, currency }: ShownField, locale: Locale, zone: string | undefined, t: Translate): string {
  if (value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) return "–";
  if (choices && choices.length > 0) return choices.map((choice) => localized(choice, locale)).join(t("words.and"));
  const tag = languageTag(locale);
  if (type === "money" && typeof value === "number") {
    const code = currency ?? "CNY";
    const format = new Intl.NumberFormat(tag, { style: "currency", currency: code, currencyDisplay: "narrowSymbol" });
    return format.format(Number(toMajor(value, minorDigits(code))));
  }
  if (type === "boolean") return t(value === true ? "yes" : "no");
  if (type === "date" && typeof value === "string") return new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${value}T00:00:00Z`));
  if (type === "datetime" && typeof value === "string") return new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "short", timeZone: zone }).format(new Date(value));
  if (type === "photos" || type === "files") return t("files.count", { count: (value as unknown[]).length });
  if (Array.isArray(value)) return value.map((item) => plain(item)).join("\n");
  return plain(value);
}

function plain(value: unknown): string {
  if (value === null || typeof value !== "object") return String(value ?? "–");
  return Object.values(value).filter((part) => part !== null && part !== "").map(plain).join(" · ");
}
