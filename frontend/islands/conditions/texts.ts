import en from "../../i18n/en/canvas.json";
import zh from "../../i18n/zh/canvas.json";
import { translator, type Locale, type Translate } from "../shared/catalogue";

export function conditionTexts(locale: Locale): Translate {
  return translator(zh, en, locale);
}
