import { SortableContext, rectSortingStrategy, useSortable } from "@dnd-kit/sortable";
import { useDroppable } from "@dnd-kit/core";
import { CircleAlert, Copy, Eye, GripVertical, MousePointerClick, Trash2, TriangleAlert, type LucideIcon } from "lucide-react";
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { localized, type Locale, type Translate } from "../shared/catalogue";
import type { Http } from "../shared/http";
import type { FormContext } from "../form/context";
import { answers, shownSchema, visibleFields } from "../form/rules";
import { kindOf, orderedFields, uiOf, type FormData, type FormDefinition } from "../form/schema";
import { regionLoader } from "../form/source";
import { SchemaForm } from "../form/SchemaForm";
import { formTexts } from "../form/texts";
import { findErrors, type FieldError } from "../form/validator";
import type { Place } from "./edits";
import type { EditForm } from "./FormBuilder";
import { paletteKind } from "./Palette";
import type { View } from "./Toolbar";
import type { Finding } from "./useFormDraft";

interface PreviewProps {
  form: FormDefinition;
  http: Http;
  view: View;
  editing: boolean;
  chosen: Place | undefined;
  onSelect: (place: Place | undefined) => void;
  onChange: EditForm;
  onDuplicate: (name: string) => void;
  onRemove: (name: string) => void;
  findings: readonly Finding[];
  locale: Locale;
  t: Translate;
}

/** What the frames around the fields need; they are drawn deep inside the renderer. */
const Frames = createContext<PreviewProps | undefined>(undefined);

export function Preview(props: PreviewProps) {
  const { form, http, view, editing, onSelect, findings, locale, t } = props;
  const order = orderedFields(form);
  const { setNodeRef } = useDroppable({ id: "preview" });
  return (
    <main className="overflow-y-auto p-4 lg:p-6" onClick={(event) => event.target === event.currentTarget && onSelect(undefined)}>
      <div ref={setNodeRef} className={`mx-auto ${view.width === "phone" ? "max-w-[390px]" : "max-w-3xl"}`}>
        <section className="tf-card">
          <h3 className="mb-4 text-lg font-semibold">{localized(form.title, locale) || t("form.untitled")}</h3>
          {order.length === 0 && <Empty t={t} />}
          {editing ? (
            <Frames.Provider value={props}>
              <SortableContext items={order} strategy={rectSortingStrategy}>
                <Edited form={form} http={http} locale={locale} />
              </SortableContext>
            </Frames.Provider>
          ) : (
            <Tried form={form} http={http} locale={locale} t={t} />
          )}
        </section>
        <Findings findings={findings} onSelect={onSelect} />
      </div>
    </main>
  );
}

function Empty({ t }: { t: Translate }) {
  return (
    <div className="grid justify-items-center gap-2 rounded-box border border-dashed border-base-300 px-4 py-12 text-center text-muted">
      <MousePointerClick className="size-8" strokeWidth={1.5} aria-hidden />
      <p>{t("preview.empty")}</p>
    </div>
  );
}

/** Repeated groups show one item, so that their columns can be seen. */
function sample(form: FormDefinition): FormData {
  const groups = Object.entries(form.schema.properties ?? {}).filter(([name, schema]) => kindOf(schema, uiOf(form.ui, name)) === "group");
  return Object.fromEntries(groups.map(([name]) => [name, [{}]]));
}

function Edited({ form, http, locale }: { form: FormDefinition; http: Http; locale: Locale }) {
  const context = useMemo((): FormContext => ({ locale, t: formTexts(locale), variant: "form", loadRegions: regionLoader(http), FieldFrame: Frame }), [http, locale]);
  const value = useMemo(() => sample(form), [form]);
  return <SchemaForm schema={form.schema} ui={form.ui} value={value} onChange={() => undefined} context={context} idPrefix="edit" />;
}

/** The form as people will meet it: rules live, faults told, nothing sent. */
function Tried({ form, http, locale, t }: { form: FormDefinition; http: Http; locale: Locale; t: Translate }) {
  const texts = useMemo(() => formTexts(locale), [locale]);
  const [data, setData] = useState<FormData>({});
  const [errors, setErrors] = useState<FieldError[]>();
  const context = useMemo((): FormContext => ({ locale, t: texts, variant: "form", loadRegions: regionLoader(http) }), [http, locale, texts]);
  const shown = [...visibleFields(form, data)].sort().join("\n");
  const schema = useMemo(() => shownSchema(form, new Set(shown.split("\n"))), [form, shown]);
  const check = (next: FormData) => findErrors(shownSchema(form, visibleFields(form, next)), answers(form, next), texts);
  const change = (next: FormData) => {
    setData(next);
    if (errors) setErrors(check(next));
  };
  return (
    <>
      <SchemaForm schema={schema} ui={form.ui} value={data} onChange={change} errors={errors} context={context} idPrefix="try" />
      <div className="mt-5 flex items-center gap-3">
        <button type="button" className="btn btn-primary" onClick={() => setErrors(check(data))}>{texts("submit.default")}</button>
        {errors && <p role="status" className={`text-sm ${errors.length > 0 ? "text-error" : "text-success"}`}>{errors.length > 0 ? texts("submit.invalid", { count: errors.length }) : t("try.valid")}</p>}
      </div>
    </>
  );
}

function Frame({ name, wide, children }: { name: string; wide: boolean; children: ReactNode }) {
  const props = useContext(Frames);
  const { setNodeRef, setActivatorNodeRef, attributes, listeners, transform, transition, isDragging, isOver, active: dragged } = useSortable({ id: name });
  const box = useRef<HTMLDivElement>(null);
  const isChosen = props?.chosen !== undefined && (props.chosen.group ?? props.chosen.name) === name;
  useEffect(() => {
    if (isChosen) box.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  if (!props) return <>{children}</>;
  const { form, onSelect, onDuplicate, onRemove, t, findings, locale } = props;
  const active = isChosen;
  const isInsertion = isOver && dragged !== null && paletteKind(dragged.id) !== undefined;
  const schema = form.schema.properties?.[name];
  const label = localized(schema?.["x-title"], locale) || schema?.title || name;
  const faulty = findings.some((finding) => finding.pointer?.includes(`/properties/${name}`));
  const style = { transform: transform ? `translate(${transform.x}px, ${transform.y}px)` : undefined, transition };
  const border = active ? "border-primary bg-accent/40" : faulty ? "border-error" : "border-transparent hover:border-base-300";
  return (
    <div ref={setNodeRef} style={style} className={`group relative min-w-0 ${wide ? "col-span-full" : ""} ${isDragging ? "z-20 opacity-80" : ""}`}>
      {isInsertion && <span className="absolute inset-x-0 -top-3.5 z-20 h-1 rounded-full bg-primary" aria-hidden />}
      <div ref={box} className={`relative -m-2 scroll-my-6 rounded-box border p-2 ${border}`}>
        <button type="button" className="absolute inset-0 z-10 rounded-box" aria-label={t("preview.select", { label })} aria-pressed={active} onClick={() => onSelect({ name })} />
        <div inert>{children}</div>
        <div className={`absolute -top-3 right-2 z-20 flex rounded-field border border-base-300 bg-base-100 ${active ? "" : "opacity-0 group-focus-within:opacity-100 group-hover:opacity-100"}`}>
          {uiOf(form.ui, name)["ui:showIf"] !== undefined && <span className="grid size-7 place-items-center text-muted" title={t("field.rule")}><Eye className="size-4" aria-label={t("field.rule")} /></span>}
          <button ref={setActivatorNodeRef} type="button" {...attributes} {...listeners} className="grid size-7 cursor-grab place-items-center text-muted" aria-label={t("preview.move", { label })} title={t("preview.move", { label })}>
            <GripVertical className="size-4" aria-hidden />
          </button>
          <FrameButton icon={Copy} label={t("preview.duplicate", { label })} onClick={() => onDuplicate(name)} />
          <FrameButton icon={Trash2} label={t("preview.remove", { label })} onClick={() => onRemove(name)} />
        </div>
      </div>
    </div>
  );
}

function FrameButton({ icon: Icon, label, onClick }: { icon: LucideIcon; label: string; onClick: () => void }) {
  return (
    <button type="button" className="grid size-7 place-items-center text-muted hover:text-base-content" aria-label={label} title={label} onClick={onClick}>
      <Icon className="size-4" aria-hidden />
    </button>
  );
}

function Findings({ findings, onSelect }: { findings: readonly Finding[]; onSelect: (place: Place) => void }) {
  if (findings.length === 0) return null;
  return (
    <ul className="mt-4 grid gap-2">
      {findings.map((finding) => {
        const name = /\/properties\/([^/]+)/.exec(finding.pointer ?? "")?.[1];
        const Icon = finding.severity === "error" ? CircleAlert : TriangleAlert;
        return (
          <li key={`${finding.code}${finding.pointer}${finding.message}`}>
            <button type="button" className="flex w-full items-center gap-2 rounded-field border border-base-300 bg-base-100 px-3 py-2 text-start text-sm" onClick={() => name && onSelect({ name })}>
              <Icon className={`size-4 shrink-0 ${finding.severity === "error" ? "text-error" : "text-warning"}`} aria-hidden />
              {finding.message}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
