/**
 * The one file that knows ReactPy's client.
 *
 * ReactPy imports an island's module, calls `bind(node, config)` for the element it renders into, and then
 * `create`, `render` and `unmount` of what it got. The client unmounts and renders again while it mounts, so a
 * root is made only when something is rendered, kept per DOM node, and made anew after an unmount.
 * Source: ReactPy 2.0.0b13, `@reactpy/client` (`bind.js`, `vdom.js`).
 */
import { createElement, useCallback, useRef, type ComponentType, type ReactElement, type ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";

/** Tells the page about something that happened; the event leaves as one JSON string `{"type": ..., ...detail}`. */
export type Emit = (type: string, detail?: Record<string, unknown>) => void;

/** What ReactPy hands an island: its own props and one event handler that takes a JSON string. */
export type HostProps<P> = P & { onEvent?: (message: string) => void };

export interface Binding {
  create(type: ComponentType | string, props: Record<string, unknown>, children?: ReactNode[]): ReactElement;
  render(element: ReactElement): void;
  unmount(): void;
}

const roots = new WeakMap<Element, Root>();
/** Several islands stand in one page; their generated ids must differ. */
let made = 0;

/** Contract of ReactPy: how to render React elements into `node`. */
export function bind(node: Element): Binding {
  return {
    create: (type, props, children) => createElement(type, props, ...(children ?? [])),
    render: (element) => render(node, element),
    unmount: () => {
      roots.get(node)?.unmount();
      roots.delete(node);
    },
  };
}

/** Renders into a plain DOM node, for pages without ReactPy. */
export function render(node: Element, element: ReactElement): void {
  let root = roots.get(node);
  if (!root) {
    made += 1;
    root = createRoot(node, { identifierPrefix: `island${made}` });
    roots.set(node, root);
  }
  root.render(element);
}

/** Makes an island out of a component of `(props, emit)`; an object would go through a lossy event serialiser. */
export function island<P extends object>(
  Component: ComponentType<P & { emit: Emit }>,
): ComponentType<HostProps<P>> {
  return function Island({ onEvent, ...props }: HostProps<P>) {
    const handler = useRef(onEvent);
    handler.current = onEvent;
    const emit = useCallback<Emit>((type, detail = {}) => {
      handler.current?.(JSON.stringify({ type, ...detail }));
    }, []);
    return createElement(Component, { ...(props as unknown as P), emit });
  };
}
