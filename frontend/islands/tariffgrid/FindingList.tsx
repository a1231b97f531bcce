/** What the linter says: each finding opens at its cell, and is mended by one press where the way is clear. */
import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { applyEdits } from "./jsonPatch";
import type { TariffDocument } from "./model";
import type { Finding } from "./wire";
import { useRoom } from "./texts";

interface FindingListProps {
  document: TariffDocument;
  findings: readonly Finding[];
  onOpen: (finding: Finding) => void;
  onMend: (mended: TariffDocument) => void;
}

export function FindingList({ document, findings, onOpen, onMend }: FindingListProps) {
  const { names, editable } = useRoom();
  const { t } = names;
  const ordered = [...findings].sort((left, right) => Number(left.severity !== "error") - Number(right.severity !== "error"));
  return (
    <section className="tf-card flex flex-col gap-2" aria-label={t("findings")}>
      <h2 className="text-base font-semibold">{t("findings")}</h2>
      {ordered.length === 0 && (
        <p className="flex items-center gap-2 text-success">
          <CircleCheck className="size-4.5 shrink-0" aria-hidden />
          {t("findings.none")}
        </p>
      )}
      <ul className="flex max-h-80 flex-col overflow-y-auto">
        {ordered.slice(0, 200).map((finding, at) => {
          const Icon = finding.severity === "error" ? CircleAlert : TriangleAlert;
          const fix = editable ? finding.fix : null;
          return (
            <li key={`${finding.code} ${finding.pointer} ${at}`} className="flex items-start gap-2 border-b border-base-300 py-2 last:border-0">
              <Icon className={`mt-0.5 size-4.5 shrink-0 ${finding.severity === "error" ? "text-error" : "text-warning"}`} aria-label={t(`severity.${finding.severity}`)} />
              <span className="min-w-0 flex-1">
                <button type="button" className="text-left break-words hover:underline underline-offset-2" data-finding={finding.code} onClick={() => onOpen(finding)}>
                  {finding.message}
                </button>
                {fix && (
                  <>
                    {" "}
                    <button type="button" className="tf-link whitespace-nowrap" onClick={() => onMend(applyEdits(document, fix.edits))}>{fix.label}</button>
                  </>
                )}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
