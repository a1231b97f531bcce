/** Sorting by arrow keys: one place on or back in the order of the fields, whatever the columns are. */
import type { KeyboardCoordinateGetter } from "@dnd-kit/core";

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

export const neighbourCoordinates: KeyboardCoordinateGetter = (event, { context }) => {
  const { active, over, droppableRects, collisionRect } = context;
  const step = STEPS[event.code];
  const items = (active?.data.current?.sortable as { items?: (string | number)[] } | undefined)?.items;
  if (!step || !active || !items || !collisionRect) return undefined;
  event.preventDefault();
  const target = items[items.indexOf(over && items.includes(over.id) ? over.id : active.id) + step];
  const rect = target === undefined ? undefined : droppableRects.get(target);
  if (!rect) return undefined;
  return { x: rect.left + (rect.width - collisionRect.width) / 2, y: rect.top + (rect.height - collisionRect.height) / 2 };
};
