/** The node types by family: dragged onto the canvas, or added by click and Enter. */
import { Search } from "lucide-react";
import { useMemo, useState, type KeyboardEvent } from "react";
import { localized } from "../shared/catalogue";
import { useActions } from "./actions";
import { DRAG_TYPE, PALETTE_SEARCH_ID } from "./anchors";
import { useDesign, useTexts } from "./context";
import { FamilyIcon } from "./icons";
import { FAMILIES, newestTypes, typeKey, type NodeType } from "./model";

export function Palette() {
  const { locale, t } = useTexts();
  const typeList = useDesign((state) => state.typeList);
  const { add } = useActions();
  const [query, setQuery] = useState("");
  const found = useMemo(() => search(newestTypes(typeList), query), [typeList, query]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && found[0]) add(found[0]);
    if (event.key === "Escape") setQuery("");
  };
  return (
    <aside aria-label={t("palette.label")} className="flex w-48 shrink-0 flex-col border-r border-base-300 bg-base-100 max-md:hidden">
      <label className="input input-sm m-2 flex w-auto items-center gap-2">
        <Search className="size-3.5 shrink-0 text-muted" aria-hidden />
        <input
          id={PALETTE_SEARCH_ID}
          type="search"
          className="min-w-0 grow"
          placeholder={t("palette.search")}
          aria-label={t("palette.search")}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <kbd className="kbd kbd-xs">/</kbd>
      </label>
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
        {FAMILIES.map((family) => {
          const members = found.filter((type) => type.family === family);
          return members.length === 0 ? null : (
            <section key={family} aria-label={t(`family.${family}`)}>
              <h3 className="px-1 pt-3 pb-1 text-xs text-muted">{t(`family.${family}`)}</h3>
              {members.map((type) => (
                <Entry key={type.type} type={type} label={localized(type.label, locale)} hint={localized(type.summary, locale)} onAdd={() => add(type)} />
              ))}
            </section>
          );
        })}
        {found.length === 0 && <p className="px-1 pt-4 text-sm text-muted">{t("palette.none", { query })}</p>}
      </div>
    </aside>
  );
}

function Entry({ type, label, hint, onAdd }: { type: NodeType; label: string; hint: string; onAdd: () => void }) {
  return (
    <button
      type="button"
      draggable
      title={hint}
      className="flex w-full cursor-grab items-center gap-2.5 rounded-field px-1 py-1 text-left text-sm hover:bg-base-200 active:cursor-grabbing"
      onClick={onAdd}
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAG_TYPE, typeKey(type.type, type.v));
        event.dataTransfer.effectAllowed = "copy";
      }}
    >
      <FamilyIcon icon={type.icon} family={type.family} size={28} />
      <span className="min-w-0 truncate">{label}</span>
    </button>
  );
}

function search(types: NodeType[], query: string): NodeType[] {
  const words = query.trim().toLowerCase();
  if (!words) return types;
  return types.filter((type) =>
    [type.type, type.label.zh, type.label.en, type.summary.zh, type.summary.en].some((text) => text?.toLowerCase().includes(words)),
  );
}
