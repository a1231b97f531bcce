/** Texts of the islands: flat catalogues `key -> text with {param}`, one pair of files a namespace. */

export type Locale = "zh" | "en";
/** A text that admins author, in both languages. */
export interface Localized {
  zh?: string;
  en?: string;
}
export type Texts = Record<string, string>;
export type Translate = (key: string, params?: Record<string, string | number>) => string;

/** The language of a page: `zh-CN`, `zh_CN` and `zh` are one; everything else reads English. */
export function localeOf(tag: string | undefined | null): Locale {
  return !tag || tag.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** A lookup in one language; a missing key shows itself, so that it is seen. */
export function translator(zh: Texts, en: Texts, locale: Locale): Translate {
  const texts = locale === "zh" ? zh : en;
  return (key, params) => fill(texts[key] ?? key, params);
}

export function fill(text: string, params: Record<string, string | number> = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

/** The text of an authored label in one language, or in the other when it was left out. */
export function localized(text: Localized | string | undefined | null, locale: Locale): string {
  if (!text) return "";
  if (typeof text === "string") return text;
  return (locale === "zh" ? text.zh || text.en : text.en || text.zh) ?? "";
}

/** The tag that the server and `Intl` understand. */
export function languageTag(locale: Locale): string {
  return locale === "zh" ? "zh-CN" : "en";
}
