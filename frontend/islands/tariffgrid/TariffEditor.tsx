/** The editor of one tariff: the grid, the chosen row in full, its rule drawn and in words, findings, a trial. */
import { RotateCw } from "lucide-react";
import { useCallback, useEffect, useMemo, useState, type KeyboardEvent } from "react";
import type { Emit } from "../bridge";
import { localeOf, type Locale } from "../shared/catalogue";
import { createHttp, pageCsrf, type Http } from "../shared/http";
import { Boundary } from "../form/Boundary";
import { COLUMNS, type Column } from "./cells";
import { addPart, copyRow, dropLines, moveLine } from "./edits";
import { FindingList } from "./FindingList";
import { Grid } from "./Grid";
import { ImportDialog } from "./ImportDialog";
import { JsonCard } from "./JsonCard";
import { DIMENSIONS, listLines, type TariffDocument } from "./model";
import { NO_VOCABULARY, type Names, type Region, type Vocabulary } from "./names";
import { addPattern, declareTickets, type Pattern } from "./patterns";
import { locate } from "./pointers";
import { RowCards, RowForm, type Section } from "./RowForm";
import { RuleCard } from "./RuleCard";
import { choose, clamp, type Selection } from "./selection";
import { SettingsDialog } from "./SettingsDialog";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { RoomContext, gridTexts, type Room } from "./texts";
import { Toolbar, type Opened, type RowCommand } from "./Toolbar";
import { TryPanel } from "./TryPanel";
import { useDraft, type DraftHandle } from "./useDraft";
import { useNarrow } from "./useNarrow";
import type { Finding } from "./wire";

export interface TariffEditorProps {
  tariffId: string;
  /** An older revision to look at; null: the draft, else the newest. */
  revision?: number | null;
  /** Rises when the page knows that the draft was replaced. */
  version?: number;
  /** Id of the row to begin at. */
  row?: string;
  locale?: string;
  csrf?: string;
  editable?: boolean;
}

/** Emits `saved` {errors} after each save. */
export function TariffEditor({ tariffId, revision = null, version = 0, row, locale: tag, csrf, editable = false, emit }: TariffEditorProps & { emit: Emit }) {
  const locale = localeOf(tag);
  const http = useMemo(() => createHttp(locale, csrf || pageCsrf()), [locale, csrf]);
  const names = useNames(http, locale);
  const saved = useCallback((detail: { errors: number }) => emit("saved", detail), [emit]);
  const draft = useDraft(http, tariffId, revision, version, saved);
  const { phase, problem, submitted } = draft.state;
  const room: Room = useMemo(() => ({ names, http, tariffId, editable: editable && revision === null && !submitted }), [names, http, tariffId, editable, revision, submitted]);
  if (phase === "loading") return <div className="skeleton h-80" aria-busy="true" />;
  if (phase === "failed") {
    return (
      <section className="tf-card flex flex-col items-start gap-3" role="alert">
        <p>{problem?.message || names.t("load.failed")}</p>
        <button type="button" className="btn" onClick={draft.reload}>
          <RotateCw className="size-4" aria-hidden />
          {names.t("load.retry")}
        </button>
      </section>
    );
  }
  return (
    <Boundary locale={locale}>
      <RoomContext value={room}>
        <Desk draft={draft} room={room} first={row ?? ""} revision={revision} />
      </RoomContext>
    </Boundary>
  );
}

function useNames(http: Http, locale: Locale): Names {
  const [known, setKnown] = useState<{ regions: Region[]; words: Vocabulary }>({ regions: [], words: NO_VOCABULARY });
  useEffect(() => {
    let isHere = true;
    const put = (part: Partial<typeof known>) => isHere && setKnown((old) => ({ ...old, ...part }));
    // Names are a help: without them codes are shown, and typed.
    http.get<{ items: Region[] }>("/regions").then(({ items }) => put({ regions: items }), () => undefined);
    http.get<Vocabulary>("/tariffs/vocabulary").then((words) => put({ words }), () => undefined);
    return () => {
      isHere = false;
    };
  }, [http]);
  return useMemo(() => ({ locale, t: gridTexts(locale), ...known }), [locale, known]);
}

interface DeskProps {
  draft: DraftHandle;
  room: Room;
  first: string;
  revision: number | null;
}

function Desk({ draft, room, first, revision }: DeskProps) {
  const { document, findings, words } = draft.state;
  const { t } = room.names;
  const narrow = useNarrow();
  const [columns, setColumns] = useState<Column[]>(() => usedColumns(document));
  const [wanted, setSelection] = useState<Selection>(() => choose({ line: Math.max(listLines(document).findIndex((line) => document.rows[line.row]?.id === first), 0), column: 0 }));
  const [section, setSection] = useState<Section>("charge");
  const [opened, setOpened] = useState<Opened>(null);
  const [said, setSaid] = useState({ text: "", isFault: false });
  const [focusAt, setFocusAt] = useState(0);
  const lines = listLines(document);
  const selection = clamp(wanted, { lines: lines.length, columns: columns.length });
  const line = lines[selection.focus.line] ?? { row: 0, part: null };
  const row = document.rows[line.row];
  const marks = useMemo(() => markCells(document, findings), [document, findings]);
  const broken = findings.some((finding) => finding.severity === "error");
  const edit = useCallback(
    (next: TariffDocument) => {
      setSaid({ text: "", isFault: false });
      draft.edit(declareTickets(next));
    },
    [draft],
  );
  const act = (command: RowCommand) => {
    const { top, bottom } = { top: Math.min(selection.anchor.line, selection.focus.line), bottom: Math.max(selection.anchor.line, selection.focus.line) };
    if (command === "duplicate") edit(copyRow(document, line.row));
    else if (command === "part") edit(addPart(document, line.row));
    else if (command === "delete") edit(dropLines(document, top, bottom));
    else {
      const moved = moveLine(document, line, command === "up" ? -1 : 1);
      edit(moved.document);
      const at = listLines(moved.document).findIndex((each) => each.row === moved.line.row && each.part === moved.line.part);
      setSelection(choose({ line: at, column: selection.focus.column }));
    }
    if (!narrow) setFocusAt((count) => count + 1);
  };
  const add = (pattern: Pattern) => {
    const made = addPattern(document, line.row + 1, pattern);
    edit(made);
    setColumns((old) => [...new Set([...old, ...usedColumns(made)])].sort((one, other) => COLUMNS.indexOf(one) - COLUMNS.indexOf(other)));
    setSelection(choose({ line: listLines(made).findIndex((each) => each.row === line.row + 1), column: 0 }));
    if (!narrow) setFocusAt((count) => count + 1);
  };
  const open = (finding: Finding) => {
    const spot = locate(document, finding.pointer);
    if (spot.line === null || !spot.column) {
      if (finding.pointer.startsWith("/rows")) setFocusAt((count) => count + 1);
      else setOpened("settings");
      return;
    }
    const shown = columns.includes(spot.column) ? columns : COLUMNS.filter((each) => each === spot.column || columns.includes(each));
    setColumns([...shown]);
    setSelection(choose({ line: spot.line, column: shown.indexOf(spot.column) }));
    setSection(spot.column === "modifiers" ? "modifiers" : spot.column === "pays" || spot.column === "from" ? "parties" : "charge");
    setFocusAt((count) => count + 1);
  };
  const pressRow = (event: KeyboardEvent) => {
    const command = rowCommand(event);
    if (!command) return false;
    event.preventDefault();
    if (command === "add") add("blank");
    else if (command === "undo") draft.undo();
    else if (command === "redo") draft.redo();
    else act(command);
    return true;
  };
  const openPanel = () => {
    setSection("modifiers");
    requestAnimationFrame(() => globalThis.document.querySelector<HTMLElement>("[data-row-form] [role=tabpanel] :is(input, select, button)")?.focus());
  };
  return (
    <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="flex min-w-0 flex-col gap-5">
        <section className="tf-card p-0" aria-label={t("grid")}>
          <Toolbar draft={draft} columns={columns} onColumns={setColumns} onAdd={add} onRow={act} onOpen={setOpened} exportBase={`/api/v1/tariffs/${room.tariffId}/sheet.{kind}${revision ? `?revision=${revision}` : ""}`} />
          {narrow ? (
            <div className="p-3"><RowCards document={document} chosen={line.row} onChoose={(at) => setSelection(choose({ line: lines.findIndex((each) => each.row === at), column: 0 }))} /></div>
          ) : (
            <Grid document={document} columns={columns} selection={selection} onSelect={setSelection} onEdit={edit} onSay={(text, isFault) => setSaid({ text, isFault })} marks={marks} onPanel={openPanel} onRowKey={pressRow} focusAt={focusAt} />
          )}
          <p role="status" className={`px-4 text-sm ${said.text || !narrow ? "py-2" : ""} ${said.isFault ? "text-error" : "text-muted"}`}>{said.text || (narrow ? "" : t("grid.hint"))}</p>
        </section>
        <div data-row-form="" className="md:order-1"><RowForm key={row?.id} document={document} at={line.row} section={section} onSection={setSection} onEdit={edit} /></div>
        <div className="grid items-start gap-5 lg:grid-cols-2">
          <RuleCard document={document} line={line} words={words.find((each) => each.row === row?.id)?.text ?? ""} onEdit={edit} />
          <FindingList document={document} findings={findings} onOpen={open} onMend={edit} />
        </div>
        <div className="order-2"><JsonCard document={document} onTake={edit} /></div>
      </div>
      <TryPanel document={document} row={row} broken={broken} checked={["published", "saved"].includes(draft.state.saving)} />
      {opened === "import" && (
        <ImportDialog
          document={document}
          onClose={() => setOpened(null)}
          onTake={(taken) => {
            edit(taken);
            setOpened(null);
          }}
        />
      )}
      {opened === "settings" && <SettingsDialog document={document} onEdit={edit} onClose={() => setOpened(null)} />}
      {opened === "shortcuts" && <ShortcutsDialog onClose={() => setOpened(null)} />}
    </div>
  );
}

/** Dimensions stand in the grid when some row uses them; the region always. */
function usedColumns(document: TariffDocument): Column[] {
  const isUsed = (column: Column) => !(DIMENSIONS as readonly string[]).includes(column) || document.rows.some((row) => row.match?.[column as (typeof DIMENSIONS)[number]]);
  return COLUMNS.filter(isUsed);
}

function markCells(document: TariffDocument, findings: readonly Finding[]): ReadonlyMap<string, "error" | "warning"> {
  const marks = new Map<string, "error" | "warning">();
  for (const finding of findings) {
    const { line, column } = locate(document, finding.pointer);
    const place = `${line} ${column}`;
    if (line !== null && column && marks.get(place) !== "error") marks.set(place, finding.severity);
  }
  return marks;
}

function rowCommand(event: KeyboardEvent): RowCommand | "add" | "undo" | "redo" | null {
  const command = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (event.altKey && key === "arrowup") return "up";
  if (event.altKey && key === "arrowdown") return event.shiftKey ? null : "down";
  if (!command) return null;
  if (key === "enter") return "add";
  if (key === "z") return event.shiftKey ? "redo" : "undo";
  if (key === "y") return "redo";
  if (key === "d" && event.shiftKey) return "duplicate";
  return key === "delete" || key === "backspace" ? "delete" : null;
}
