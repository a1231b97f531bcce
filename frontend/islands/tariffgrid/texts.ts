import en from "../../i18n/en/tariffs.json";
import zh from "../../i18n/zh/tariffs.json";
import { createContext, useContext } from "react";
import { translator, type Locale, type Translate } from "../shared/catalogue";
import type { Http } from "../shared/http";
import { NO_VOCABULARY, type Names } from "./names";

export function gridTexts(locale: Locale): Translate {
  return translator(zh, en, locale);
}

/** What every part of the editor needs: language, names, the API, and whether anything may be changed. */
export interface Room {
  names: Names;
  http: Http;
  tariffId: string;
  editable: boolean;
}

const zhTexts = gridTexts("zh");
export const RoomContext = createContext<Room>({
  names: { locale: "zh", t: zhTexts, regions: [], words: NO_VOCABULARY },
  http: null as unknown as Http,
  tariffId: "",
  editable: false,
});

export function useRoom(): Room {
  return useContext(RoomContext);
}

/** Both languages of a word that goes into a document. */
export function bothTexts(key: string): { zh: string; en: string } {
  return { zh: zhTexts(key), en: gridTexts("en")(key) };
}
