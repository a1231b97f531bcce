import en from "../../i18n/en/public.json";
import zh from "../../i18n/zh/public.json";
import { translator, type Locale, type Translate } from "../shared/catalogue";

export function publicTexts(locale: Locale): Translate {
  return translator(zh, en, locale);
}
