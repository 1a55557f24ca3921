// A draft saves itself: what is typed goes to the server a moment later, and the page says when.
// When it cannot be saved it stays on the page, says why, and is tried again until it is.
import { csrfToken, keepTokensFresh } from "./csrf.js";

const QUIET_MS = 700;
const AGAIN_MS = [3_000, 6_000, 12_000, 30_000];
const OFFLINE = "Not saved: the server cannot be reached. It is tried again by itself.";
const BROKEN = "Not saved: the server had a problem. It is tried again by itself.";

const form = document.getElementById("case-form");
const saved = document.querySelector("[data-saved]");
const trouble = document.querySelector("[data-draft-trouble]");

let version = 0; // counts what was typed
let savedVersion = 0;
let saving = false;
let failures = 0;
let timer = 0;
let leaving = false;

function plan(delay) {
  window.clearTimeout(timer);
  timer = window.setTimeout(save, delay);
}

function changed() {
  version += 1;
  if (failures > 0) return; // the next try is planned, and takes this along
  saved.textContent = "Not saved yet";
  plan(QUIET_MS);
}

async function save() {
  if (saving || version === savedVersion || leaving) return;
  saving = true;
  const sent = version;
  saved.textContent = "Saving";
  try {
    const response = await fetch(form.dataset.saveUrl, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": csrfToken() },
      body: fieldsOnly(),
      keepalive: true,
    });
    if (response.ok) succeeded(await response.json(), sent);
    else failed(response.status, await sentenceOf(response));
  } catch {
    failed(0, OFFLINE);
  } finally {
    saving = false;
  }
  if (version !== savedVersion && failures === 0) plan(QUIET_MS);
}

// The page's token may be older than the cookie's: only the header counts.
function fieldsOnly() {
  const fields = new FormData(form);
  fields.delete("csrfmiddlewaretoken");
  return fields;
}

function succeeded({ saved_at: at }, sent) {
  savedVersion = sent;
  failures = 0;
  saved.textContent = `Draft ${form.dataset.reference}, saved ${at}`;
  trouble.hidden = true;
}

function failed(status, sentence) {
  saved.textContent = "Not saved";
  tell(sentence, { signIn: status === 401 });
  const hopeless = status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status);
  if (hopeless) return;
  plan(AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)]);
  failures += 1;
}

async function sentenceOf(response) {
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.includes("json")) return BROKEN;
  const { detail } = await response.json();
  return detail ?? BROKEN;
}

function tell(sentence, { signIn = false } = {}) {
  trouble.querySelector("[data-sentence]").textContent = sentence;
  trouble.querySelector("[data-sign-in]").hidden = !signIn;
  trouble.hidden = false;
}

function again() {
  if (document.visibilityState === "visible" && version !== savedVersion) plan(0);
}

keepTokensFresh();
form.addEventListener("input", changed);
form.addEventListener("submit", () => {
  // The post carries what is typed; when it does not lead away, saving goes on.
  leaving = true;
  window.setTimeout(() => { leaving = false; }, 10_000);
});
document.addEventListener("session-ended", (event) => tell(event.detail.sentence, { signIn: true }));
document.addEventListener("session-works", () => {
  if (version === savedVersion) trouble.hidden = true;
  else again();
});
document.addEventListener("visibilitychange", again);
window.addEventListener("online", again);
window.addEventListener("pagehide", save);
// A lesion just marked is what comes next.
document.addEventListener("htmx:afterSettle", () => {
  const marked = document.querySelector(".draft-lesion[data-focus-on-arrival]");
  marked?.removeAttribute("data-focus-on-arrival");
  marked?.focus();
});
window.addEventListener("beforeunload", (event) => {
  if (version !== savedVersion && !leaving && failures > 0) event.preventDefault();
});
