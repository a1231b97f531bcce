/** The keyboard of the designer. Keys typed into a field or a dialog belong to that field. */
import { useReactFlow } from "@xyflow/react";
import { useEffect } from "react";
import { useActions, type Actions } from "./actions";
import { FIT } from "./Canvas";
import { useDesigner } from "./context";
import { NAME_ID, PALETTE_SEARCH_ID } from "./anchors";
import type { DesignStore } from "./store";
import type { DialogName } from "./Toolbar";

const isApple = navigator.platform.startsWith("Mac");
const MOD = isApple ? "⌘" : "Ctrl";

/** The help sheet: `text` is a key of the catalogue below "shortcuts.". */
export const SHORTCUTS: { keys: string[]; text: string }[] = [
  { keys: ["/"], text: "search" },
  { keys: ["Enter"], text: "add" },
  { keys: ["C"], text: "connect" },
  { keys: ["F2"], text: "rename" },
  { keys: ["←", "↑", "→", "↓"], text: "move" },
  { keys: ["Shift"], text: "box" },
  { keys: [MOD, "Click"], text: "multi" },
  { keys: [MOD, "A"], text: "all" },
  { keys: [MOD, "C"], text: "copy" },
  { keys: [MOD, "V"], text: "paste" },
  { keys: [MOD, "D"], text: "duplicate" },
  { keys: ["Delete"], text: "remove" },
  { keys: [MOD, "Z"], text: "undo" },
  { keys: [MOD, "Shift", "Z"], text: "redo" },
  { keys: ["F"], text: "fit" },
  { keys: ["L"], text: "arrange" },
  { keys: ["Esc"], text: "clear" },
  { keys: ["?"], text: "help" },
];

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("input, textarea, select, dialog, [role=dialog]") !== null;
}

interface Commands {
  store: DesignStore;
  actions: Actions;
  open: (dialog: DialogName) => void;
  fit: () => void;
}

function focus(id: string): void {
  document.getElementById(id)?.focus();
}

/** Command of a key, or null. `mod` is Ctrl, or ⌘ on Apple machines. */
function commandOf(event: KeyboardEvent, { store, actions, open, fit }: Commands): (() => void) | null {
  const mod = isApple ? event.metaKey : event.ctrlKey;
  const key = event.key.toLowerCase();
  if (mod) {
    const withMod: Record<string, () => void> = {
      z: () => (event.shiftKey ? store.redo() : store.undo()),
      y: () => store.redo(),
      d: actions.duplicate,
      a: actions.selectAll,
      k: () => focus(PALETTE_SEARCH_ID),
    };
    return withMod[key] ?? null;
  }
  if (event.altKey) return null;
  const plain: Record<string, () => void> = {
    delete: actions.remove,
    backspace: actions.remove,
    "/": () => focus(PALETTE_SEARCH_ID),
    "?": () => open("shortcuts"),
    c: () => store.get().selection.nodes.length === 1 && open("connect"),
    f: fit,
    l: () => void actions.arrangeAll(),
    f2: () => focus(`${NAME_ID}-${document.documentElement.lang.startsWith("en") ? "en" : "zh"}`),
    escape: () => (store.get().playback ? store.stopPlaying() : store.select([], [])),
  };
  return plain[key] ?? null;
}

const READ_ONLY_KEYS = new Set(["f", "escape", "?"]);

export function useShortcuts(open: (dialog: DialogName) => void, readOnly: boolean): void {
  const { store } = useDesigner();
  const actions = useActions();
  const flow = useReactFlow();
  useEffect(() => {
    const commands: Commands = { store, actions, open, fit: () => void flow.fitView({ ...FIT, duration: 250 }) };
    const onKeyDown = (event: KeyboardEvent): void => {
      if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
      if (readOnly && !READ_ONLY_KEYS.has(event.key.toLowerCase())) return;
      const command = commandOf(event, commands);
      if (!command) return;
      event.preventDefault();
      command();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [store, actions, open, flow, readOnly]);
  useClipboard(actions, readOnly);
}

/** Copy and paste by the browser's own events, so that no permission is asked for. */
function useClipboard(actions: Actions, readOnly: boolean): void {
  useEffect(() => {
    const isOurs = (event: Event): boolean => !isTyping(event.target) && (document.getSelection()?.isCollapsed ?? true);
    const onCopy = (event: ClipboardEvent): void => {
      const text = isOurs(event) ? actions.copy() : null;
      if (text === null) return;
      event.clipboardData?.setData("text/plain", text);
      event.preventDefault();
      if (event.type === "cut" && !readOnly) actions.remove();
    };
    const onPaste = (event: ClipboardEvent): void => {
      if (readOnly || !isOurs(event)) return;
      if (actions.paste(event.clipboardData?.getData("text/plain") ?? "")) event.preventDefault();
    };
    window.addEventListener("copy", onCopy);
    window.addEventListener("cut", onCopy);
    window.addEventListener("paste", onPaste);
    return () => {
      window.removeEventListener("copy", onCopy);
      window.removeEventListener("cut", onCopy);
      window.removeEventListener("paste", onPaste);
    };
  }, [actions, readOnly]);
}
