/** The designer's screen: palette, canvas with findings below, generated panel. */
import { ReactFlowProvider } from "@xyflow/react";
import { X } from "lucide-react";
import { Suspense, lazy, useCallback, useEffect, useMemo, useState } from "react";
import type { Emit } from "../bridge";
import { createHttp, pageCsrf } from "../shared/http";
import { localeOf } from "../shared/catalogue";
import { createDesignApi } from "./api";
import { createBackup } from "./backup";
import { Banners } from "./Banners";
import { Canvas } from "./Canvas";
import { ConnectDialog } from "./ConnectDialog";
import { DesignerContext, SelectContext, TextsContext, canvasTexts, useDesign, useDesigner, useTexts, type Designer as Context } from "./context";
import { SkeletonLines } from "./Dialog";
import { Drawer } from "./Drawer";
import { EdgePanel } from "./EdgePanel";
import { LightsContext, playbackLights } from "./lights";
import { LinksDialog } from "./LinksDialog";
import { Palette } from "./Palette";
import { PublishDialog } from "./PublishDialog";
import { SelectionPanel } from "./SelectionPanel";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { useShortcuts } from "./shortcuts";
import { DesignStore } from "./store";
import { adoptStyles } from "./styles";
import { Toolbar, type DialogName } from "./Toolbar";
import { usePanelContext } from "./usePanelContext";
import { useRoom } from "./useRoom";
import { WorkflowPanel } from "./WorkflowPanel";

export interface DesignerProps {
  workflowId: string;
  locale: string;
  /** Verbs of the user; without `edit` everything can only be looked at. */
  rights?: string[];
  csrf?: string;
  emit: Emit;
}

/** The generated panel brings the whole form renderer: it is fetched while the canvas is already being looked at. */
const loadNodePanel = () => import("./NodePanel");
const NodePanel = lazy(async () => ({ default: (await loadNodePanel()).NodePanel }));

const NARROW = "(max-width: 767px)";

function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(() => window.matchMedia(NARROW).matches);
  useEffect(() => {
    const query = window.matchMedia(NARROW);
    const follow = (): void => setNarrow(query.matches);
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, []);
  return isNarrow;
}

export function Designer({ workflowId, locale: tag, rights = [], csrf, emit }: DesignerProps) {
  adoptStyles();
  const locale = localeOf(tag);
  const mayEdit = rights.includes("edit");
  const designer = useMemo((): Context => {
    const api = createDesignApi(createHttp(locale, csrf || pageCsrf()), workflowId);
    const backup = createBackup(workflowId, window.localStorage, window.sessionStorage);
    return { api, workflowId, emit, store: new DesignStore(api, backup, `workflow:${workflowId}`, !mayEdit) };
  }, [workflowId, locale, csrf, emit, mayEdit]);
  const texts = useMemo(() => ({ locale, t: canvasTexts(locale) }), [locale]);
  const lights = useMemo(() => playbackLights(designer.store), [designer]);
  const select = useCallback((nodes: string[], edges: string[]) => designer.store.select(nodes, edges), [designer]);
  useEffect(() => {
    void designer.store.load();
    return () => designer.store.stop();
  }, [designer]);
  return (
    <TextsContext value={texts}>
      <DesignerContext value={designer}>
        <LightsContext value={lights}>
          <SelectContext value={select}>
            <ReactFlowProvider>
              <Frame rights={rights} />
            </ReactFlowProvider>
          </SelectContext>
        </LightsContext>
      </DesignerContext>
    </TextsContext>
  );
}

function Frame({ rights }: { rights: string[] }) {
  const phase = useDesign((state) => state.phase);
  const { room, height } = useRoom();
  return (
    <div ref={room} className="flex flex-col overflow-hidden border-base-300 bg-base-200 text-sm" style={{ height }}>
      {phase === "ready" ? <Screen rights={rights} /> : phase === "failed" ? <Failed /> : <Loading />}
    </div>
  );
}

function Screen({ rights }: { rights: string[] }) {
  const isNarrow = useNarrow();
  const readOnly = isNarrow || !rights.includes("edit");
  const [dialog, setDialog] = useState<DialogName | null>(null);
  const close = useCallback(() => setDialog(null), []);
  const source = useDesign((state) => state.selection.nodes[0]);
  useShortcuts(setDialog, readOnly);
  useEffect(() => {
    void loadNodePanel();
  }, []);
  return (
    <>
      <Toolbar readOnly={readOnly} mayPublish={rights.includes("publish")} open={setDialog} />
      <Banners isNarrow={isNarrow} />
      <div className="flex min-h-0 flex-1">
        {!readOnly && <Palette />}
        <div className="flex min-w-0 flex-1 flex-col">
          <div className="relative min-h-0 flex-1">
            <Canvas readOnly={readOnly} />
            <EmptyHint />
          </div>
          <Drawer readOnly={readOnly} />
        </div>
        <SidePanel readOnly={readOnly} isNarrow={isNarrow} onConnect={() => setDialog("connect")} />
      </div>
      {dialog === "publish" && <PublishDialog onClose={close} />}
      {dialog === "links" && <LinksDialog onClose={close} mayCreate={rights.includes("publish")} />}
      {dialog === "shortcuts" && <ShortcutsDialog onClose={close} />}
      {dialog === "connect" && source && <ConnectDialog source={source} onClose={close} />}
    </>
  );
}

function SidePanel({ readOnly, isNarrow, onConnect }: { readOnly: boolean; isNarrow: boolean; onConnect: () => void }) {
  const { store } = useDesigner();
  const { t } = useTexts();
  const { nodes, edges } = useDesign((state) => state.selection);
  const context = usePanelContext();
  const [node, edge] = [nodes[0], edges[0]];
  const isEmpty = !node && !edge;
  if (isNarrow && isEmpty) return null;
  const place = isNarrow
    ? "fixed inset-x-0 bottom-0 z-30 max-h-[55dvh] rounded-t-box border-t"
    : "w-72 shrink-0 border-l 2xl:w-80";
  return (
    <aside aria-label={t("panel.label")} className={`@container overflow-y-auto border-base-300 bg-base-100 p-4 ${place}`}>
      {isNarrow && (
        <button type="button" className="btn btn-ghost btn-square btn-sm absolute top-3 right-3 z-10" aria-label={t("dialog.close")} onClick={() => store.select([], [])}>
          <X className="size-4" aria-hidden />
        </button>
      )}
      {nodes.length + edges.length > 1 ? (
        <SelectionPanel nodes={nodes} edges={edges} readOnly={readOnly} />
      ) : node ? (
        <Suspense fallback={<SkeletonLines lines={6} />}>
          <NodePanel key={node} id={node} readOnly={readOnly} context={context} onConnect={onConnect} />
        </Suspense>
      ) : edge ? (
        <EdgePanel key={edge} id={edge} readOnly={readOnly} />
      ) : (
        <WorkflowPanel readOnly={readOnly} context={context} />
      )}
    </aside>
  );
}

function EmptyHint() {
  const { t } = useTexts();
  const isEmpty = useDesign((state) => Object.keys(state.document.graph.nodes).length === 0);
  if (!isEmpty) return null;
  return (
    <div className="pointer-events-none absolute inset-0 grid place-items-center p-6 text-center">
      <div>
        <p className="text-base font-medium">{t("canvas.empty_title")}</p>
        <p className="mt-1 text-sm text-muted">{t("canvas.empty_text")}</p>
      </div>
    </div>
  );
}

function Loading() {
  const { t } = useTexts();
  return (
    <div role="status" aria-label={t("canvas.loading")} className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-12 items-center gap-3 border-b border-base-300 bg-base-100 px-3">
        <div className="skeleton h-5 w-40" />
        <div className="skeleton h-5 w-24" />
      </div>
      <div className="flex min-h-0 flex-1">
        <div className="flex w-48 flex-col gap-3 border-r border-base-300 bg-base-100 p-3 max-md:hidden">
          {Array.from({ length: 9 }, (_, at) => (
            <div key={at} className="skeleton h-7 w-full" />
          ))}
        </div>
        <div className="grid flex-1 place-items-center">
          <div className="flex gap-16 max-md:gap-4">
            {Array.from({ length: 3 }, (_, at) => (
              <div key={at} className="skeleton h-14 w-52 rounded-box max-md:w-24" />
            ))}
          </div>
        </div>
        <div className="w-72 border-l border-base-300 bg-base-100 max-md:hidden" />
      </div>
    </div>
  );
}

function Failed() {
  const { store } = useDesigner();
  const { t } = useTexts();
  const problem = useDesign((state) => state.problem);
  return (
    <div role="alert" className="grid flex-1 place-items-center p-6 text-center">
      <div>
        <p className="text-base font-medium">{t("canvas.failed")}</p>
        {problem && <p className="mt-1 text-sm text-muted">{problem}</p>}
        <button type="button" className="btn btn-primary btn-sm mt-4" onClick={() => void store.load()}>{t("dialog.retry")}</button>
      </div>
    </div>
  );
}
