/** Findings as sentences, each with the button that mends it and the path that shows it. */
import { CircleX, Play, TriangleAlert } from "lucide-react";
import { localized } from "../shared/catalogue";
import { useActions } from "./actions";
import { useDesign, useDesigner, useTexts } from "./context";
import { nodeName } from "./flow";
import { typeOf, type Finding } from "./model";

interface Props {
  findings: Finding[];
  readOnly: boolean;
  /** In a narrow panel: buttons below the sentence. */
  isCompact?: boolean;
}

export function FindingList({ findings, readOnly, isCompact = false }: Props) {
  return (
    <ul className="flex flex-col gap-1">
      {findings.map((finding, at) => (
        <Row key={`${finding.code}-${finding.node}-${finding.edge}-${at}`} finding={finding} readOnly={readOnly} isCompact={isCompact} />
      ))}
    </ul>
  );
}

function Row({ finding, readOnly, isCompact }: { finding: Finding; readOnly: boolean; isCompact: boolean }) {
  const { t } = useTexts();
  const { reveal } = useActions();
  const isError = finding.severity === "error";
  const Icon = isError ? CircleX : TriangleAlert;
  const isPlaced = Boolean(finding.node ?? finding.edge);
  const place = usePlace(finding, isCompact);
  return (
    <li className={`flex gap-2 rounded-field px-2.5 py-1.5 ${isCompact ? "flex-col" : "items-center"} ${isError ? "bg-error/8" : ""} ${isCompact && !isError ? "bg-warning/8" : ""}`}>
      <button type="button" className="flex min-w-0 flex-1 items-start gap-2 text-left text-sm" disabled={!isPlaced} onClick={() => reveal(finding)}>
        <Icon className={`mt-0.5 size-4 shrink-0 ${isError ? "text-error" : "text-warning"}`} aria-hidden />
        <span className="sr-only">{t(isError ? "finding.error" : "finding.warning")}</span>
        <span className="min-w-0">
          {place && <span className="text-muted">{t("merge.line", { what: place })} </span>}
          {finding.message}
        </span>
      </button>
      <Buttons finding={finding} readOnly={readOnly} />
    </li>
  );
}

/** Where it is, for a sentence that does not say so itself. */
function usePlace({ node, edge, message }: Finding, isCompact: boolean): string {
  const { locale } = useTexts();
  const graph = useDesign((state) => state.document.graph);
  const types = useDesign((state) => state.types);
  if (isCompact) return "";
  const nameOf = (id: string): string => {
    const found = graph.nodes[id];
    return found ? nodeName(found, typeOf(types, found), locale) : "";
  };
  const link = edge ? graph.edges[edge] : undefined;
  const names = link ? [nameOf(link.source), nameOf(link.target)] : node ? [nameOf(node)] : [];
  return names.some((name) => name && message.includes(name)) ? "" : names.filter(Boolean).join(" → ");
}

function Buttons({ finding, readOnly }: { finding: Finding; readOnly: boolean }) {
  const { store } = useDesigner();
  const { locale, t } = useTexts();
  const { frame } = useActions();
  const { fix, path } = finding;
  const hasPath = path.length > 1;
  if (!hasPath && (!fix || readOnly)) return null;
  const show = (): void => {
    const isReduced = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    frame(path);
    store.play(path, isReduced);
  };
  return (
    <span className="flex shrink-0 flex-wrap gap-1.5">
      {hasPath && (
        <button type="button" className="btn btn-ghost btn-sm" onClick={show}>
          <Play className="size-3.5" aria-hidden />
          {t("finding.show_path")}
        </button>
      )}
      {fix && !readOnly && (
        <button type="button" className="btn btn-primary btn-sm" onClick={() => store.edit(fix.patch)}>
          {localized(fix.label, locale)}
        </button>
      )}
    </span>
  );
}
