/** A box right below an element, over everything else, inside the window. */
import { useLayoutEffect, useRef, useState, type ReactNode, type RefObject } from "react";

export function Floating({ below, children }: { below: RefObject<HTMLElement | null>; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<{ left: number; top: number; width: number } | null>(null);
  useLayoutEffect(() => {
    const follow = () => {
      const over = below.current?.getBoundingClientRect();
      const own = box.current?.getBoundingClientRect();
      if (!over || !own) return;
      const isLow = over.bottom + own.height + 8 > innerHeight && over.top > own.height;
      setPlace({ left: Math.max(8, Math.min(over.left, innerWidth - own.width - 8)), top: isLow ? over.top - own.height - 4 : over.bottom + 4, width: over.width });
    };
    follow();
    const watch = new ResizeObserver(follow);
    if (box.current) watch.observe(box.current);
    addEventListener("scroll", follow, true);
    return () => {
      watch.disconnect();
      removeEventListener("scroll", follow, true);
    };
  }, [below]);
  return (
    <div
      ref={box}
      className="fixed z-50 max-h-72 overflow-y-auto rounded-box border border-base-300 bg-base-100 shadow-lg"
      style={{ left: place?.left ?? 0, top: place?.top ?? 0, minWidth: place?.width, visibility: place ? "visible" : "hidden" }}
    >
      {children}
    </div>
  );
}
