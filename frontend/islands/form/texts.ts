import en from "../../i18n/en/form.json";
import zh from "../../i18n/zh/form.json";
import { translator, type Locale, type Translate } from "../shared/catalogue";

export function formTexts(locale: Locale): Translate {
  return translator(zh, en, locale);
}
