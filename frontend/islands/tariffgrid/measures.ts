/** Sizes of the grid, in pixels: known beforehand, so that no cell has to be measured. */
import type { Column } from "./cells";

export const LINE_HEIGHT = 36;
export const HEAD_HEIGHT = 36;
/** Below the last line, for the handle that fills down. */
export const FOOT = 6;
export const NUMBER_WIDTH = 44;
export const WIDTHS: Record<Column, number> = {
  name: 160, region: 130, service: 120, channel: 110, role: 110, level: 100, grade: 110, model: 150, measure: 120, price: 90, tiers: 300, modifiers: 210, pays: 140, from: 140,
};

/** Where each column begins. */
export function lefts(columns: readonly Column[]): number[] {
  let left = NUMBER_WIDTH;
  return columns.map((column) => {
    const at = left;
    left += WIDTHS[column];
    return at;
  });
}
