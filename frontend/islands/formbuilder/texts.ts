import en from "../../i18n/en/formbuilder.json";
import zh from "../../i18n/zh/formbuilder.json";
import { translator, type Locale, type Translate } from "../shared/catalogue";

export function builderTexts(locale: Locale): Translate {
  return translator(zh, en, locale);
}

/** A new field is named in both languages, whichever is on the screen. */
export function kindName(kind: string): { zh: string; en: string } {
  return { zh: translator(zh, en, "zh")(`kind.${kind}`), en: translator(zh, en, "en")(`kind.${kind}`) };
}
