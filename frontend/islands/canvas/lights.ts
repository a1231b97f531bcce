/** What is lit on the canvas: a checker's path being walked, or the tokens of a ticket. */
import { createContext, useContext, useSyncExternalStore } from "react";
import type { DesignStore } from "./store";

export type Light = "visited" | "current" | null;

export interface Lights {
  subscribe(listener: () => void): () => void;
  ofNode(id: string): Light;
  ofEdge(source: string, target: string): Light;
}

export const DARK: Lights = { subscribe: () => () => undefined, ofNode: () => null, ofEdge: () => null };

export const LightsContext = createContext<Lights>(DARK);

export function playbackLights(store: DesignStore): Lights {
  return {
    subscribe: store.subscribe,
    ofNode(id) {
      const { playback } = store.get();
      if (!playback) return null;
      if (playback.path[playback.step] === id) return "current";
      return playback.path.slice(0, playback.step).includes(id) ? "visited" : null;
    },
    ofEdge(source, target) {
      const { playback } = store.get();
      if (!playback) return null;
      for (let step = 0; step < playback.step; step++) {
        if (playback.path[step] === source && playback.path[step + 1] === target) return "visited";
      }
      return null;
    },
  };
}

export function tokenLights(tokens: readonly string[], visited: readonly string[]): Lights {
  return {
    ...DARK,
    ofNode: (id) => (tokens.includes(id) ? "current" : visited.includes(id) ? "visited" : null),
    ofEdge: (source, target) =>
      visited.includes(source) && (visited.includes(target) || tokens.includes(target)) ? "visited" : null,
  };
}

export function useNodeLight(id: string): Light {
  const lights = useContext(LightsContext);
  return useSyncExternalStore(lights.subscribe, () => lights.ofNode(id));
}

export function useEdgeLight(source: string, target: string): Light {
  const lights = useContext(LightsContext);
  return useSyncExternalStore(lights.subscribe, () => lights.ofEdge(source, target));
}
