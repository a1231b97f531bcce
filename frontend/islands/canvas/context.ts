/** What every part of the designer reaches for. */
import { createContext, useContext } from "react";
import type { Emit } from "../bridge";
import en from "../../i18n/en/canvas.json";
import zh from "../../i18n/zh/canvas.json";
import { translator, type Locale, type Translate } from "../shared/catalogue";
import type { DesignApi } from "./api";
import { useSlice, type DesignStore, type State } from "./store";

export interface Designer {
  store: DesignStore;
  api: DesignApi;
  workflowId: string;
  emit: Emit;
}

export interface TextContext {
  locale: Locale;
  t: Translate;
}

export function canvasTexts(locale: Locale): Translate {
  return translator(zh, en, locale);
}

export const DesignerContext = createContext<Designer | null>(null);
export const TextsContext = createContext<TextContext>({ locale: "zh", t: (key) => key });
/** How an edge's label selects it; the read-only canvas has its own. */
export const SelectContext = createContext<(nodes: string[], edges: string[]) => void>(() => undefined);

export function useDesigner(): Designer {
  const designer = useContext(DesignerContext);
  if (!designer) throw new Error("outside of the designer");
  return designer;
}

export function useTexts(): TextContext {
  return useContext(TextsContext);
}

export function useSelect(): (nodes: string[], edges: string[]) => void {
  return useContext(SelectContext);
}

export function useDesign<T>(select: (state: State) => T): T {
  return useSlice(useDesigner().store, select);
}
