import { DragOverlay, useDndContext, useDraggable, type UniqueIdentifier } from "@dnd-kit/core";
import type { Translate } from "../shared/catalogue";
import type { FieldKind } from "../form/schema";
import { KINDS, PALETTE } from "./kinds";

const MARK = "palette:";

/** The kind that is being dragged out of the palette, if it is one. */
export function paletteKind(id: UniqueIdentifier): FieldKind | undefined {
  const text = String(id);
  return text.startsWith(MARK) ? (text.slice(MARK.length) as FieldKind) : undefined;
}

export function Palette({ t, onAdd }: { t: Translate; onAdd: (kind: FieldKind) => void }) {
  return (
    <nav aria-label={t("palette.title")} className="overflow-y-auto border-base-300 bg-base-100 p-3 max-lg:border-b lg:border-e">
      {PALETTE.map(({ group, kinds }) => (
        <section key={group} className="mb-4">
          <h3 className="mb-1 px-2 text-xs text-muted">{t(`palette.${group}`)}</h3>
          <ul className="grid grid-cols-3 gap-1 sm:grid-cols-5 lg:grid-cols-1">
            {kinds.map((kind) => <li key={kind}><PaletteItem kind={kind} label={t(`kind.${kind}`)} onAdd={onAdd} /></li>)}
          </ul>
        </section>
      ))}
    </nav>
  );
}

function PaletteItem({ kind, label, onAdd }: { kind: FieldKind; label: string; onAdd: (kind: FieldKind) => void }) {
  const { setNodeRef, listeners, attributes, isDragging } = useDraggable({ id: MARK + kind });
  return (
    <button
      ref={setNodeRef}
      type="button"
      {...attributes}
      onPointerDown={listeners?.onPointerDown as React.PointerEventHandler | undefined}
      aria-roledescription={undefined}
      className={`flex min-h-9 w-full cursor-grab items-center gap-3 rounded-field px-2 text-start text-sm hover:bg-base-200 ${isDragging ? "opacity-50" : ""}`}
      onClick={() => onAdd(kind)}
    >
      <Face kind={kind} label={label} />
    </button>
  );
}

function Face({ kind, label }: { kind: FieldKind; label: string }) {
  const Icon = KINDS[kind].icon;
  return (
    <>
      <span className="grid size-7 shrink-0 place-items-center rounded-field bg-family-human text-family-human-ink">
        <Icon className="size-4" aria-hidden />
      </span>
      <span className="truncate">{label}</span>
    </>
  );
}

/** What is under the pointer while a kind is dragged to its place; the palette itself would cut it off. */
export function DraggedKind({ t }: { t: Translate }) {
  const { active } = useDndContext();
  const kind = active ? paletteKind(active.id) : undefined;
  return (
    <DragOverlay dropAnimation={null}>
      {kind && (
        <div className="flex h-11 w-44 cursor-grabbing items-center gap-3 rounded-field border border-primary bg-base-100 px-2 text-sm">
          <Face kind={kind} label={t(`kind.${kind}`)} />
        </div>
      )}
    </DragOverlay>
  );
}
