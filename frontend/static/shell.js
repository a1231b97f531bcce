// Starts ReactPy's client and does for its pages what only the browser can: links without reloading, the state of
// the connection, language and theme of the document, focus in dialogs.
import { mountReactPy } from "/reactpy/static/index.js";

const root = document.documentElement;
const host = document.getElementById("app");

// --- connection ---------------------------------------------------------------------------------------------

const SIGNED_OUT = 4401;
const RIGHTS_CHANGED = 4403;
const QUIET = 1200;
let everOpen = false;
let notice = 0;

function connected() {
  everOpen = true;
  clearTimeout(notice);
  root.dataset.socket = "open";
}

function lost(event) {
  clearTimeout(notice);
  if (event.code === RIGHTS_CHANGED) {
    location.reload();
    return;
  }
  notice = setTimeout(() => {
    root.dataset.socket = "lost";
  }, QUIET);
  checkSession(event.code === SIGNED_OUT);
}

async function checkSession(ended) {
  try {
    const answer = await fetch("/api/v1/session", { headers: { accept: "application/json" } });
    if (answer.status === 401 || ended) {
      location.assign(`/login?ended=1&next=${encodeURIComponent(location.pathname + location.search)}`);
    } else if (answer.ok && !everOpen) {
      // ReactPy's client does not try again when its very first socket fails.
      setTimeout(() => location.reload(), 3000);
    }
  } catch {
    if (!everOpen) setTimeout(() => checkSession(false), 3000);
  }
}

const NativeSocket = window.WebSocket;
window.WebSocket = class extends NativeSocket {
  constructor(url, protocols) {
    super(url, protocols);
    if (!String(url).includes("/reactpy/")) return;
    this.addEventListener("open", connected);
    this.addEventListener("close", lost);
  }
};

// --- events -------------------------------------------------------------------------------------------------

// ReactPy's client sends the nodes around the selection with every event: hundreds of kilobytes once the field that
// held it has left the page, more than a socket takes. No handler reads them; who needs the selection asks `document`.
window.getSelection = () => null;

// --- uploads ------------------------------------------------------------------------------------------------

// `input[data-upload]` sends its file at once; the page at `data-then` + id of the answer shows what became of it. A
// refusal stands in the nearest `[data-upload-fault]`.
document.addEventListener("change", async (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !input.dataset.upload || !input.files?.length) return;
  const fault = input.closest("section, form, main")?.querySelector("[data-upload-fault]");
  const body = new FormData();
  body.append("file", input.files[0]);
  input.disabled = true;
  try {
    const headers = {
      "accept-language": root.lang,
      "x-csrf-token": document.querySelector('meta[name="csrf"]')?.content ?? "",
    };
    const answer = await fetch(input.dataset.upload, { method: "POST", body, headers });
    const found = await answer.json();
    if (answer.ok) location.assign(input.dataset.then + encodeURIComponent(found.id));
    else if (fault) fault.textContent = found.errors?.[0]?.message || found.detail || found.title;
  } finally {
    input.disabled = false;
    input.value = "";
  }
});

// --- links --------------------------------------------------------------------------------------------------

const OTHER_PAGES = ["/api/", "/static/", "/f/", "/t/", "/login", "/logout", "/setup", "/schema"];

// ReactPy's router listens to `popstate`, but only once its own module has been loaded, which may be long after the
// first links stand on the page: where nobody listens yet, the move is told as soon as somebody does.
let listeners = 0;
let isMissed = false;
const listen = window.addEventListener;
const stopListening = window.removeEventListener;
window.addEventListener = function (type, ...rest) {
  listen.call(this ?? window, type, ...rest);
  if (type !== "popstate") return;
  listeners += 1;
  if (isMissed) queueMicrotask(tellMove);
};
window.removeEventListener = function (type, ...rest) {
  stopListening.call(this ?? window, type, ...rest);
  if (type === "popstate") listeners -= 1;
};

function tellMove() {
  isMissed = listeners === 0;
  if (!isMissed) dispatchEvent(new PopStateEvent("popstate"));
}

/** Goes to a path of ours without loading a page. */
function go(path) {
  const url = new URL(path, location.href);
  if (url.origin !== location.origin) return;
  if (url.href === location.href) return;
  history.pushState(null, "", url);
  tellMove();
  scrollTo(0, 0);
  document.getElementById("main")?.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest?.("a[href]");
  if (!link || link.target || link.hasAttribute("download")) return;
  const url = new URL(link.href, location.href);
  if (url.origin !== location.origin || OTHER_PAGES.some((prefix) => url.pathname.startsWith(prefix))) return;
  if (url.hash && url.pathname === location.pathname && url.search === location.search) return;
  event.preventDefault();
  link.closest("details[open]")?.removeAttribute("open");
  go(url.href);
});

// Islands navigate by this event.
addEventListener("tierflow:go", (event) => go(event.detail));

// --- choices ------------------------------------------------------------------------------------------------

// ReactPy serialises the target of an event. A select counts as a list there: every option would travel with all its
// properties (50 KiB for nine of them) and the chosen value not at all. Its event shows a plain object instead; islands
// need the element itself.
document.addEventListener(
  "change",
  (event) => {
    const select = event.target;
    if (!(select instanceof HTMLSelectElement) || select.closest("[data-island]")) return;
    const shown = { enumerable: true, value: { value: select.value, name: select.name } };
    for (const name of ["target", "currentTarget", "srcElement"]) Object.defineProperty(event, name, shown);
  },
  true,
);

// --- what Python asks of the document -----------------------------------------------------------------------

let answered = null;

function obey() {
  const wish = document.getElementById("tf-document");
  if (!wish) return;
  const { appearance, locale, title, go: target, goNumber } = wish.dataset;
  if (appearance) root.dataset.appearance = appearance;
  if (locale) root.lang = locale === "zh" ? "zh-CN" : "en";
  if (title) document.title = title;
  if (target && goNumber !== answered) {
    answered = goNumber;
    go(target);
  }
}

// --- dialogs and menus --------------------------------------------------------------------------------------

let dialog = null;
let before = null;

function followDialog() {
  const open = [...document.querySelectorAll("[role=dialog][aria-modal=true]")].pop() ?? null;
  if (open === dialog) return;
  if (open && !dialog) before = document.activeElement;
  dialog = open;
  if (dialog) {
    const first = dialog.querySelector("[autofocus], input, select, textarea, .modal-action button") ?? focusable(dialog)[0];
    first?.focus();
  } else {
    before?.focus?.();
    before = null;
  }
}

function focusable(area) {
  const found = area.querySelectorAll("a[href], button:not([disabled]), input, select, textarea, [tabindex='0']");
  return [...found].filter((each) => each.offsetParent !== null);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    document.querySelectorAll("details.dropdown[open]").forEach((menu) => menu.removeAttribute("open"));
    dialog?.querySelector("[data-dialog-close]")?.click();
  }
  if (event.key !== "Tab" || !dialog) return;
  const stops = focusable(dialog);
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement === edge) {
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
  }
});

document.addEventListener("pointerdown", (event) => {
  document.querySelectorAll("details.dropdown[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  });
});

new MutationObserver(() => {
  obey();
  followDialog();
}).observe(host, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-appearance", "data-locale", "data-title", "data-go-number"] });

mountReactPy({
  mountElement: host,
  pathPrefix: "/reactpy/",
  componentPath: "frontend.root.root/",
  reconnectInterval: 500,
  reconnectMaxInterval: 10000,
  reconnectMaxRetries: 1000000,
  reconnectBackoffMultiplier: 1.4,
});
