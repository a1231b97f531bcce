/** Below the canvas: what the checker found and what it proved; the definition as JSON. */
import { ChevronDown, ChevronUp, Copy, ShieldCheck, ShieldQuestion, Square } from "lucide-react";
import { useState } from "react";
import { copyText } from "./browser";
import { useDesign, useDesigner, useTexts } from "./context";
import { FindingList } from "./FindingList";
import type { Soundness } from "./model";
import { statusOf } from "./sync";

type Tab = "checks" | "json";

export function Drawer({ readOnly }: { readOnly: boolean }) {
  const { t } = useTexts();
  const findings = useDesign((state) => state.analysis.findings);
  const [tab, setTab] = useState<Tab>("checks");
  const [isOpen, setOpen] = useState(true);
  const errors = findings.filter((finding) => finding.severity === "error").length;
  const choose = (next: Tab): void => {
    setTab(next);
    setOpen(true);
  };
  const tabButton = (name: Tab, extra?: React.ReactNode) => (
    <button
      type="button"
      role="tab"
      aria-selected={isOpen && tab === name}
      className={`flex h-9 items-center gap-1.5 border-b-2 px-1 text-sm ${isOpen && tab === name ? "border-base-content font-medium" : "border-transparent text-muted hover:text-base-content"}`}
      onClick={() => choose(name)}
    >
      {t(`drawer.${name}`)}
      {extra}
    </button>
  );
  return (
    <section aria-label={t("drawer.label")} className="flex shrink-0 flex-col border-t border-base-300 bg-base-100">
      <div className="flex items-center gap-4 px-4" role="tablist">
        {tabButton("checks", <Counts errors={errors} warnings={findings.length - errors} />)}
        {tabButton("json")}
        <Playback />
        <button type="button" className="btn btn-ghost btn-xs btn-square ml-auto" aria-expanded={isOpen} aria-label={t("drawer.toggle")} onClick={() => setOpen(!isOpen)}>
          {isOpen ? <ChevronDown className="size-4" aria-hidden /> : <ChevronUp className="size-4" aria-hidden />}
        </button>
      </div>
      {isOpen && <div className={`overflow-y-auto px-3 pb-2 ${tab === "checks" && findings.length === 0 ? "" : "h-40 max-md:h-28"}`}>{tab === "checks" ? <Checks readOnly={readOnly} /> : <DefinitionText />}</div>}
    </section>
  );
}

function Counts({ errors, warnings }: { errors: number; warnings: number }) {
  const { t } = useTexts();
  return (
    <>
      {errors > 0 && <span className="badge badge-error badge-sm tabular-nums" title={t("finding.errors", { count: errors })}>{errors}</span>}
      {warnings > 0 && <span className="badge badge-warning badge-sm tabular-nums" title={t("finding.warnings", { count: warnings })}>{warnings}</span>}
    </>
  );
}

function Playback() {
  const { store } = useDesigner();
  const { t } = useTexts();
  const playback = useDesign((state) => state.playback);
  if (!playback) return null;
  return (
    <button type="button" className="btn btn-xs" onClick={() => store.stopPlaying()}>
      <Square className="size-3" aria-hidden />
      {t("finding.stop_path", { step: playback.step + 1, of: playback.path.length })}
    </button>
  );
}

function Checks({ readOnly }: { readOnly: boolean }) {
  const { findings, soundness } = useDesign((state) => state.analysis);
  return (
    <>
      <div className="pt-2">
        <FindingList findings={findings} readOnly={readOnly} />
      </div>
      <Verdict soundness={soundness} isClean={findings.length === 0} />
    </>
  );
}

function Verdict({ soundness, isClean }: { soundness: Soundness; isClean: boolean }) {
  const { t } = useTexts();
  const isStale = useDesign((state) => statusOf(state.sync) !== "saved");
  const { verdict, states, elapsed_ms } = soundness;
  // Nothing is searched while the structure itself has errors.
  const isUntried = verdict === "not_proven" && states === 0;
  const Icon = verdict === "sound" ? ShieldCheck : ShieldQuestion;
  return (
    <p className={`flex items-center gap-2 px-2.5 py-1.5 text-sm text-muted ${isStale ? "opacity-60" : ""}`} role="status">
      <Icon className={`size-4 shrink-0 ${verdict === "sound" ? "text-success" : ""}`} aria-hidden />
      <span>
        {t(isUntried ? "soundness.untried" : `soundness.${verdict}`)} {!isUntried && <span className="tf-tabular">{t("soundness.effort", { states, ms: elapsed_ms })}</span>}
        {isClean && verdict === "sound" && ` · ${t("soundness.clean")}`}
      </span>
    </p>
  );
}

function DefinitionText() {
  const { t } = useTexts();
  const document = useDesign((state) => state.document);
  const text = JSON.stringify(document, null, 2);
  return (
    <div className="relative">
      <button type="button" className="btn btn-xs absolute top-2 right-2" onClick={() => void copyText(text)}>
        <Copy className="size-3" aria-hidden />
        {t("drawer.copy")}
      </button>
      <pre className="p-2 font-mono text-xs leading-5" tabIndex={0}>{text}</pre>
    </div>
  );
}
