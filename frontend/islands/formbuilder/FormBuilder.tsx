import { DndContext, KeyboardSensor, PointerSensor, closestCenter, useSensor, useSensors, type DragEndEvent } from "@dnd-kit/core";
import { RotateCw } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import type { Emit } from "../bridge";
import { localeOf, type Locale, type Translate } from "../shared/catalogue";
import { createHttp, pageCsrf, type Http } from "../shared/http";
import { Boundary } from "../form/Boundary";
import { orderedFields, type FieldKind, type FormDefinition } from "../form/schema";
import { addField, duplicateField, fieldAt, removeField, reorder, type Place } from "./edits";
import { JsonTab } from "./JsonTab";
import { neighbourCoordinates } from "./keyboard";
import { DraggedKind, Palette, paletteKind } from "./Palette";
import { Preview } from "./Preview";
import { Properties } from "./Properties";
import { builderTexts, kindName } from "./texts";
import { Toolbar, type View } from "./Toolbar";
import { useFormDraft } from "./useFormDraft";

export interface FormBuilderProps {
  workflowId: string;
  formKey: string;
  /** The revision the page knows; the island loads the newest by itself. */
  revision?: number;
  locale?: string;
  csrf?: string;
  /** Without the right to edit, the form can be looked at and tried. */
  editable?: boolean;
}

/** Designs one form of a draft. Emits `saved` {revision} and `selected` {field}. */
export function FormBuilder({ workflowId, formKey, locale: tag, csrf, editable = true, emit }: FormBuilderProps & { emit: Emit }) {
  const locale = localeOf(tag);
  const t = useMemo(() => builderTexts(locale), [locale]);
  const http = useMemo(() => createHttp(locale, csrf || pageCsrf()), [locale, csrf]);
  const draft = useFormDraft(http, workflowId, formKey);
  const { phase, problem, revision } = draft.state;
  useEffect(() => {
    if (revision > 0) emit("saved", { revision });
  }, [revision, emit]);
  if (phase === "loading") return <BuilderSkeleton />;
  if (phase === "failed") {
    return (
      <section className="tf-card m-4 grid justify-items-start gap-3" role="alert">
        <h2 className="text-base font-semibold">{t("load.failed")}</h2>
        {problem?.message && <p className="text-sm text-muted">{problem.message}</p>}
        <button type="button" className="btn btn-outline border-base-300" onClick={draft.reload}>
          <RotateCw className="size-4" aria-hidden />
          {t("load.retry")}
        </button>
      </section>
    );
  }
  return (
    <Boundary locale={locale}>
      <Workbench draft={draft} http={http} locale={locale} t={t} editable={editable} emit={emit} />
    </Boundary>
  );
}

interface WorkbenchProps {
  draft: ReturnType<typeof useFormDraft>;
  http: Http;
  locale: Locale;
  t: Translate;
  editable: boolean;
  emit: Emit;
}

function Workbench({ draft, http, locale, t, editable, emit }: WorkbenchProps) {
  const { form } = draft.state;
  const [view, setView] = useState<View>({ width: "desktop", mode: editable ? "edit" : "try" });
  const [place, setPlace] = useState<Place>();
  const chosen = place && fieldAt(form, place) ? place : undefined;
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 6 } }),
    useSensor(KeyboardSensor, { coordinateGetter: neighbourCoordinates }),
  );
  useShortcuts(draft, chosen, editable && view.mode === "edit", setPlace);
  const select = (next: Place | undefined) => {
    setPlace(next);
    emit("selected", { field: next?.name ?? null });
  };
  const add = (kind: FieldKind, index?: number, group?: string) => {
    const at = index ?? (chosen && !group ? orderedFields(form).indexOf(chosen.group ?? chosen.name) + 1 : undefined);
    const added = addField(form, kind, kindName(kind), group, at);
    draft.edit(added.form);
    select({ group, name: added.name });
  };
  const drop = ({ active, over }: DragEndEvent) => {
    if (!over) return;
    const order = orderedFields(form);
    const kind = paletteKind(active.id);
    const target = order.indexOf(String(over.id));
    if (kind) add(kind, target < 0 ? order.length : target);
    else if (active.id !== over.id && target >= 0) draft.edit(reorder(form, arrayMoved(order, String(active.id), target)));
  };
  const editing = editable && view.mode === "edit";
  return (
    <div className="flex h-full min-h-[36rem] flex-col bg-base-200">
      <Toolbar draft={draft} view={view} onView={setView} t={t} locale={locale} editable={editable} />
      <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={drop}>
        <div className={`grid min-h-0 flex-1 grid-cols-1 ${editing ? "lg:grid-cols-[13rem_minmax(0,1fr)_20rem]" : ""}`}>
          {editing && <Palette t={t} onAdd={(kind) => add(kind)} />}
          {view.mode === "json" ? (
            <JsonTab form={form} onApply={(next) => draft.edit(next)} editable={editable} t={t} />
          ) : (
            <Preview form={form} http={http} view={view} editing={editing} chosen={chosen} onSelect={select} onChange={draft.edit} locale={locale} t={t} findings={draft.state.findings}
              onDuplicate={(name) => {
                const copy = duplicateField(form, { name });
                draft.edit(copy.form);
                select({ name: copy.name });
              }}
              onRemove={(name) => {
                draft.edit(removeField(form, { name }));
                select(undefined);
              }}
            />
          )}
          {editing && <Properties form={form} place={chosen} onEdit={draft.edit} onSelect={select} onAddInner={(kind, group) => add(kind, undefined, group)} locale={locale} t={t} />}
        </div>
        <DraggedKind t={t} />
      </DndContext>
    </div>
  );
}

function arrayMoved(order: readonly string[], name: string, to: number): string[] {
  const rest = order.filter((each) => each !== name);
  rest.splice(to, 0, name);
  return rest;
}

/** Undo and redo everywhere; Delete takes the chosen field out, unless something is being typed. */
function useShortcuts(draft: ReturnType<typeof useFormDraft>, chosen: Place | undefined, editing: boolean, setPlace: (place: Place | undefined) => void): void {
  useEffect(() => {
    if (!editing) return;
    const press = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea, select, [contenteditable]");
      if (typing) return;
      const command = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      if (command && key === "z") (event.shiftKey ? draft.redo : draft.undo)();
      else if (command && key === "y") draft.redo();
      else if ((key === "delete" || key === "backspace") && chosen) {
        draft.edit(removeField(draft.state.form, chosen));
        setPlace(undefined);
      } else return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [draft, chosen, editing, setPlace]);
}

function BuilderSkeleton() {
  return (
    <div className="grid gap-4 p-4 lg:grid-cols-[13rem_1fr_20rem]" aria-busy="true">
      <div className="skeleton h-96" />
      <div className="skeleton h-96" />
      <div className="skeleton h-96" />
    </div>
  );
}

export type EditForm = (next: FormDefinition, tag?: string) => void;
