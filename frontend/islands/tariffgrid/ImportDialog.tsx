/** A table from a file or the clipboard: read first, every bad cell named, taken over only when it is whole. */
import { CircleAlert, FileUp, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { API, Problem } from "../shared/http";
import { languageTag } from "../shared/catalogue";
import { readTsv } from "./clipboard";
import { Dialog } from "./Dialog";
import type { Row, TariffDocument } from "./model";
import { useRoom } from "./texts";
import type { SheetOutcome, SheetProblem } from "./wire";

const SHOWN_LINES = 30;

interface ImportDialogProps {
  document: TariffDocument;
  onTake: (document: TariffDocument) => void;
  onClose: () => void;
}

export function ImportDialog({ document, onTake, onClose }: ImportDialogProps) {
  const { names, http, tariffId } = useRoom();
  const { t } = names;
  const [text, setText] = useState("");
  const [cells, setCells] = useState<string[][]>([]);
  const [outcome, setOutcome] = useState<SheetOutcome | null>(null);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const read = async (work: () => Promise<SheetOutcome>) => {
    setBusy(true);
    setProblem("");
    try {
      setOutcome(await work());
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setOutcome(null);
      setProblem(error.message || t("import.failed"));
    } finally {
      setBusy(false);
    }
  };
  const readText = (pasted: string) => {
    setText(pasted);
    setCells(pasted.includes("\t") ? readTsv(pasted) : []);
    if (pasted.trim()) void read(() => http.send("POST", `/tariffs/${tariffId}/sheet`, { text: pasted, document }));
    else setOutcome(null);
  };
  const readFile = (file: File) => {
    setText("");
    setCells([]);
    // A CSV is text, so it is read on top of what is edited here; a workbook is opened by the server.
    if (/\.(csv|tsv|txt)$/i.test(file.name)) void file.text().then((content) => readText(content.replace(/^\ufeff/, "")));
    else void read(() => upload(`/tariffs/${tariffId}/sheet/file`, file, http.csrf, languageTag(names.locale)));
  };
  const taken = outcome?.document;
  const take = (
    <button type="button" className="btn btn-primary" disabled={!taken || busy} onClick={() => taken && onTake(withRows(document, taken.rows))}>
      {t("sheet.take")}
    </button>
  );
  return (
    <Dialog title={t("import")} onClose={onClose} footer={take}>
      <div className="flex flex-col gap-4">
        <p className="text-muted">{t("import.hint")}</p>
        <label className="btn self-start">
          <FileUp className="size-4" aria-hidden />
          {t("import.file")}
          <input type="file" className="sr-only" accept=".xlsx,.csv,.tsv,.txt" onChange={(event) => event.currentTarget.files?.[0] && readFile(event.currentTarget.files[0])} />
        </label>
        <textarea
          className="textarea w-full font-mono text-sm"
          rows={5}
          aria-label={t("import.paste")}
          placeholder={t("sheet.placeholder")}
          maxLength={900_000}
          spellCheck={false}
          value={text}
          onChange={(event) => readText(event.currentTarget.value)}
        />
        <div aria-live="polite" className="flex flex-col gap-3">
          {busy && <div className="skeleton h-6" />}
          {problem && <p className="text-error">{problem}</p>}
          {outcome && !busy && <Outcome outcome={outcome} cells={cells} />}
        </div>
      </div>
    </Dialog>
  );
}

/** Rows of a sheet; what a sheet has no column for stays as it is edited here, not as it was published. */
export function withRows(document: TariffDocument, rows: readonly Row[]): TariffDocument {
  const known = new Map(document.rows.map((row) => [row.id, row]));
  const kept = rows.map((row) => {
    const here = known.get(row.id);
    if (!here) return row;
    const parts = row.charge.parts?.map((part) => {
      const own = here.charge.parts?.find((each) => each.id === part.id);
      return own ? { ...part, name: own.name, pays: own.pays, from: own.from } : part;
    });
    const { name, modifiers, pays, from } = here;
    return { ...row, name, modifiers, pays, from, charge: parts ? { ...row.charge, parts } : row.charge };
  });
  return { ...document, rows: kept };
}

async function upload(path: string, file: File, csrf: string, language: string): Promise<SheetOutcome> {
  const body = new FormData();
  body.append("file", file);
  const headers = { "X-CSRF-Token": csrf, "Accept-Language": language };
  const answer = await fetch(API + path, { method: "POST", body, headers, credentials: "same-origin" });
  const content = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  if (!answer.ok) throw new Problem(answer.status, content);
  return content as unknown as SheetOutcome;
}

function Outcome({ outcome, cells }: { outcome: SheetOutcome; cells: readonly (readonly string[])[] }) {
  const { t } = useRoom().names;
  const errors = outcome.problems.filter((each) => each.severity === "error").length;
  const counts = (["added", "changed", "removed"] as const).filter((kind) => outcome[kind].length > 0);
  return (
    <>
      {errors > 0 ? (
        <p className="font-medium text-error">{t("import.bad", { count: errors })}</p>
      ) : (
        <ul>
          {counts.map((kind) => <li key={kind}>{t(`sheet.${kind}`, { count: outcome[kind].length, rows: outcome[kind].slice(0, 8).join(", ") })}</li>)}
          {counts.length === 0 && <li>{t("sheet.same")}</li>}
        </ul>
      )}
      <ul className="divide-y divide-base-300">
        {outcome.problems.slice(0, 100).map((each, at) => (
          <li key={at} className="flex items-start gap-2 py-1.5">
            {each.severity === "error" ? <CircleAlert className="mt-0.5 size-4.5 shrink-0 text-error" aria-hidden /> : <TriangleAlert className="mt-0.5 size-4.5 shrink-0 text-warning" aria-hidden />}
            <span className="w-12 shrink-0 font-mono tf-tabular">{each.cell}</span>
            <span className="min-w-0 break-words">{each.text ? `“${each.text}” ` : ""}{each.message}</span>
          </li>
        ))}
      </ul>
      {errors > 0 && cells.length > 0 && <Preview cells={cells} problems={outcome.problems} />}
    </>
  );
}

/** The pasted cells as they stand in the sheet, the bad ones marked. */
function Preview({ cells, problems }: { cells: readonly (readonly string[])[]; problems: readonly SheetProblem[] }) {
  const { t } = useRoom().names;
  const bad = new Map(problems.filter((each) => each.severity === "error").map((each) => [`${each.line} ${each.column}`, each.message]));
  const first = Math.max(Math.min(...problems.map((each) => each.line), 0), 0);
  return (
    <div className="overflow-x-auto rounded-field border border-base-300" tabIndex={0} role="region" aria-label={t("import.cells")}>
      <table className="table table-xs">
        <tbody>
          {cells.slice(first, first + SHOWN_LINES).map((line, down) => (
            <tr key={down} className={bad.has(`${first + down} -1`) ? "bg-error/15" : ""}>
              <th scope="row" className="text-muted">{first + down + 1}</th>
              {line.map((cell, across) => {
                const message = bad.get(`${first + down} ${across}`);
                return <td key={across} title={message} className={message ? "whitespace-nowrap bg-error/15 outline-1 -outline-offset-1 outline-error" : "whitespace-nowrap"}>{cell}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
