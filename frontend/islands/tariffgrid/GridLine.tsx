/** One line of the grid. Drawn again only when its row, the names or the choice on it change. */
import { memo } from "react";
import { isOpen, showCell, type Column } from "./cells";
import type { Range } from "./edits";
import { LINE_HEIGHT, NUMBER_WIDTH, WIDTHS } from "./measures";
import { chargeAt, type Line, type TariffDocument } from "./model";
import { contains, type Place } from "./selection";
import { useRoom } from "./texts";

interface GridLineProps {
  document: TariffDocument;
  line: Line;
  at: number;
  columns: readonly Column[];
  range: Range;
  focus: Place;
  marks: ReadonlyMap<string, "error" | "warning">;
}

export const GridLine = memo(function GridLine({ document, line, at, columns, range, focus, marks }: GridLineProps) {
  const { t } = useRoom().names;
  const inside = at >= range.top && at <= range.bottom;
  const number = line.part === null ? String(line.row + 1) : "";
  const composite = chargeAt(document, line).model === "composite";
  return (
    <div role="row" aria-rowindex={at + 2} className={`absolute flex w-full border-b border-base-300 ${line.part === null ? "bg-base-100" : "bg-base-200/60"}`} style={{ top: at * LINE_HEIGHT, height: LINE_HEIGHT }}>
      <div
        role="rowheader"
        aria-label={number || t("line.part", { number: (line.part ?? 0) + 1 })}
        data-cell={`${at} 0`}
        className={`sticky left-0 z-10 flex shrink-0 items-center justify-center border-r border-base-300 text-xs tf-tabular ${inside ? "bg-accent text-accent-content" : "bg-base-200 text-muted"}`}
        style={{ width: NUMBER_WIDTH }}
      >
        {number}
      </div>
      {columns.map((column, place) => (
        <Cell
          key={column}
          document={document}
          line={line}
          column={column}
          at={at}
          place={place}
          chosen={contains(range, at, place)}
          active={focus.line === at && focus.column === place}
          mark={marks.get(`${at} ${column}`)}
          composite={composite}
        />
      ))}
    </div>
  );
});

interface CellProps {
  document: TariffDocument;
  line: Line;
  column: Column;
  at: number;
  place: number;
  chosen: boolean;
  active: boolean;
  mark: "error" | "warning" | undefined;
  composite: boolean;
}

function Cell({ document, line, column, at, place, chosen, active, mark, composite }: CellProps) {
  const { names } = useRoom();
  const open = isOpen(document, line, column);
  const text = showCell(document, line, column, names);
  const isAny = open && !text && ["region", "service", "channel", "role", "level", "grade"].includes(column);
  const isInherited = open && !text && line.part !== null && (column === "pays" || column === "from");
  const ground = chosen ? "bg-accent" : column === "name" ? (line.part === null ? "bg-base-100" : "bg-base-200") : "";
  const ink = chosen ? "text-accent-content" : !open || isAny || isInherited || (composite && column === "price") ? "text-muted" : "";
  const shown = text || (isAny ? names.t("match.any") : isInherited ? names.t("party.inherit") : open ? "" : column === "tiers" || column === "price" ? "—" : "");
  return (
    <div
      role="gridcell"
      id={`tariff-cell-${at}-${column}`}
      aria-colindex={place + 2}
      aria-selected={chosen}
      aria-readonly={!open || undefined}
      aria-invalid={mark === "error" || undefined}
      data-cell={`${at} ${place}`}
      data-column={column}
      title={text.length > 14 ? text : undefined}
      className={`relative flex shrink-0 items-center border-r border-base-300 px-2.5 ${ground} ${ink} ${column === "price" ? "justify-end tf-tabular" : ""} ${column === "tiers" ? "tf-tabular" : ""} ${column === "name" ? "sticky z-10 font-medium" : ""} ${active ? "outline-2 -outline-offset-2 outline-primary" : ""} ${mark === "error" ? "shadow-[inset_0_-2px_0_var(--color-error)]" : mark === "warning" ? "shadow-[inset_0_-2px_0_var(--color-warning)]" : ""}`}
      style={{ width: WIDTHS[column], left: column === "name" ? NUMBER_WIDTH : undefined }}
    >
      <span className={`truncate ${column === "name" && line.part !== null ? "pl-3 font-normal" : ""}`}>{shown}</span>
      {mark && <span className={`absolute right-0 top-0 size-0 border-l-8 border-t-8 border-l-transparent ${mark === "error" ? "border-t-error" : "border-t-warning"}`} aria-hidden />}
    </div>
  );
}
