/** The height that is left for the designer below whatever the page puts above it. */
import { useEffect, useRef, useState, type RefObject } from "react";

const LEAST = 420;

export function useRoom(): { room: RefObject<HTMLDivElement | null>; height: number } {
  const room = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(() => window.innerHeight - 64);
  useEffect(() => {
    const measure = (): void => {
      const box = room.current;
      if (!box) return;
      const top = box.getBoundingClientRect().top + window.scrollY;
      const below = Number.parseFloat(getComputedStyle(box).getPropertyValue("--designer-below")) || 0;
      setHeight(Math.max(LEAST, window.innerHeight - top - below));
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(document.body);
    window.addEventListener("resize", measure);
    return () => {
      watch.disconnect();
      window.removeEventListener("resize", measure);
    };
  }, []);
  return { room, height };
}
