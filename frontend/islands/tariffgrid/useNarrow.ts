import { useSyncExternalStore } from "react";

const NARROW = "(max-width: 767px)";

/** Whether the screen has no room for a grid. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(NARROW);
      media.addEventListener("change", changed);
      return () => media.removeEventListener("change", changed);
    },
    () => matchMedia(NARROW).matches,
  );
}
