/** One request with its three states. */
import { useCallback, useEffect, useState } from "react";
import { Problem } from "../shared/http";

export interface Loaded<T> {
  value: T | null;
  problem: string | null;
  reload: () => void;
}

export function useLoad<T>(load: () => Promise<T>): Loaded<T> {
  const [round, setRound] = useState(0);
  const [state, setState] = useState<{ value: T | null; problem: string | null }>({ value: null, problem: null });
  useEffect(() => {
    let isCurrent = true;
    setState((known) => ({ ...known, problem: null }));
    load().then(
      (value) => isCurrent && setState({ value, problem: null }),
      (error: unknown) => {
        if (!(error instanceof Problem)) throw error;
        if (isCurrent) setState({ value: null, problem: error.message });
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [load, round]);
  const reload = useCallback(() => setRound((count) => count + 1), []);
  return { ...state, reload };
}
