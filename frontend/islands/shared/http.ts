/** The islands' door to the HTTP API: cookie, CSRF token, language, problem details. */

import { languageTag, type Locale } from "./catalogue";

/** One finding of a refused body; `pointer` is a JSON pointer into what was sent. */
export interface ProblemError {
  pointer: string;
  code: string;
  message: string;
}

/** RFC 9457 problem of the server, or `offline` when no answer came. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: ProblemError[];
  readonly extras: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>) {
    super(String(body.detail ?? body.title ?? ""));
    this.status = status;
    this.code = String(body.code ?? "");
    this.errors = Array.isArray(body.errors) ? (body.errors as ProblemError[]) : [];
    this.extras = body;
  }

  get offline(): boolean {
    return this.status === 0;
  }
}

export interface Call {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Answer<T> {
  body: T;
  etag: string | null;
}

export interface Http {
  readonly csrf: string;
  readonly locale: Locale;
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  send<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T>;
  call<T>(path: string, call?: Call): Promise<Answer<T>>;
}

export const API = "/api/v1";

/** The CSRF token of the page shell (`<meta name="csrf">`). */
export function pageCsrf(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "";
}

/** A client for paths below `/api/v1`; throws `Problem` for every answer that is not a success. */
export function createHttp(locale: Locale, csrf: string = pageCsrf()): Http {
  async function call<T>(path: string, { method = "GET", body, headers, signal }: Call = {}): Promise<Answer<T>> {
    const init: RequestInit = {
      method,
      credentials: "same-origin",
      signal: signal ?? null,
      headers: {
        Accept: "application/json",
        "Accept-Language": languageTag(locale),
        ...(method === "GET" ? {} : { "X-CSRF-Token": csrf }),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
    };
    const response = await reach(path, init);
    const content = await readBody(response);
    if (!response.ok) throw new Problem(response.status, asObject(content));
    return { body: content as T, etag: response.headers.get("ETag") };
  }
  return {
    csrf,
    locale,
    call,
    get: async <T>(path: string, signal?: AbortSignal) => (await call<T>(path, { signal })).body,
    send: async <T>(method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
      (await call<T>(path, { method, body, headers })).body,
  };
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path.startsWith("/") && !path.startsWith(API) ? API + path : path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, { code: "offline" });
  }
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!text) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return { detail: response.statusText };
  }
}

function asObject(content: unknown): Record<string, unknown> {
  return content && typeof content === "object" ? (content as Record<string, unknown>) : {};
}
