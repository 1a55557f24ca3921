// The review screen: viewer, lesions, draft and signature, and the keys for all of them.
import { Autosave } from "./autosave.js";
import { keepTokensFresh } from "./csrf.js";
import { Place } from "./places.js";
import { keysDialog, listen } from "./reading_keys.js";
import { Viewer } from "./viewer.js";

const room = document.getElementById("room");
const form = document.getElementById("opinion");
const places = [...form.querySelectorAll(".place")].map((element) => new Place(element));
const viewer = room.querySelector("#viewer-image") ? new Viewer(room) : null;
const showKeys = keysDialog();
const draft = new Autosave(form, document.getElementById("save-state"), {
  onErrors: showErrors,
  onConflict: closeDesk,
});

function openPlace() {
  return places.find((place) => place.element.open) ?? places[0];
}

function placeOf(element) {
  return places.find((place) => place.element.contains(element));
}

// ---- What will be signed ---------------------------------------------------------------------

function showSummary() {
  // Lesions of which the same is said share a line.
  const groups = new Map();
  for (const { number, text, isOpen } of places.map((place) => place.summary())) {
    const group = groups.get(text) ?? { numbers: [], isOpen };
    group.numbers.push(number);
    groups.set(text, group);
  }
  const lines = [...groups].map(([text, { numbers, isOpen }]) => {
    const line = document.createElement("li");
    const which = `Lesion${numbers.length > 1 ? "s" : ""} ${new Intl.ListFormat("en-GB").format(numbers)}: `;
    line.textContent = places.length > 1 ? which + text : text;
    line.classList.toggle("is-open", isOpen);
    return line;
  });
  const list = document.getElementById("sign-lines");
  list.replaceChildren(...lines);
  // A list that scrolls must be reachable; one that does not would be a stop for nothing.
  list.toggleAttribute("tabindex", false);
  if (list.scrollHeight > list.clientHeight) list.tabIndex = 0;
}

// ---- The draft -------------------------------------------------------------------------------

function showErrors(errors) {
  for (const place of places) {
    for (const field of ["diagnosis", "management", "monitor_months", "comment"]) {
      const sentence = errors[`id_${place.prefix}${field}`];
      if (sentence) place.showError(field, sentence);
    }
  }
}

function closeDesk(sentence) {
  const notice = document.getElementById("closed-notice");
  notice.querySelector("[data-sentence]").textContent = sentence;
  notice.hidden = false;
  notice.focus();
  for (const button of form.querySelectorAll(".sign-actions button")) button.disabled = true;
}

for (const kind of ["input", "change"]) {
  form.addEventListener(kind, (event) => {
    const place = placeOf(event.target);
    if (!place || event.target.closest(".combobox")?.querySelector("input") === event.target) return;
    place.clearErrors();
    showSummary();
    draft.changed(place.lesion);
  });
}

// Leaving by a link of the room: the draft goes first, so that nobody is asked.
room.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || link.target) return;
  event.preventDefault();
  await draft.flush();
  window.location.assign(link.href);
});

form.addEventListener("keydown", (event) => {
  const alone = event.key === "Enter" && !event.ctrlKey && !event.metaKey;
  if (alone && event.target.matches("input")) event.preventDefault(); // it would press a button
});

form.addEventListener("submit", (event) => {
  for (const place of places) {
    const missing = place.missing();
    if (missing) {
      event.preventDefault();
      place.refuse(...missing);
      return;
    }
  }
  draft.end();
});

// The page between is for readers without this script: here the summary stands beside the button.
const seen = Object.assign(document.createElement("input"), { type: "hidden", name: "seen", value: "1" });
form.append(seen);
form.querySelector("[data-without-script]").hidden = true;

// ---- Lesions and images go together ------------------------------------------------------------

for (const place of places) {
  place.element.addEventListener("toggle", () => place.element.open && viewer?.showFirstOf(place.lesion));
}
room.addEventListener("viewer:shown", (event) => {
  places.find((place) => place.lesion === event.detail.lesion)?.open();
});

// The model may answer while the desk is open: its button and its maps come with the answer.
document.addEventListener("htmx:afterSwap", () => {
  for (const map of form.querySelectorAll("[data-map-of]")) viewer?.addMap(map.dataset.mapOf, map.value);
  for (const place of places) place.refresh();
});

function nextLesion() {
  const next = places[(places.indexOf(openPlace()) + 1) % places.length];
  next.open();
  next.element.querySelector("summary").focus();
}

// ---- Keys ----------------------------------------------------------------------------------------

const press = (selector) => () => document.querySelector(selector)?.click();
const sign = (then) => () => form.requestSubmit(form.querySelector(`[name="then"][value="${then}"]`));
const management = { e: "excise", b: "biopsy", m: "monitor", r: "refer", g: "discharge" };

const actions = {
  c: () => openPlace().confirm(),
  d: () => openPlace().focusDiagnosis(),
  t: () => openPlace().focusComment(),
  l: nextLesion,
  n: press("[data-key='n']"),
  u: press("[data-key='u']"),
  "?": showKeys,
  "ctrl+enter": sign("next"),
  "ctrl+shift+enter": sign("close"),
  escape: (event) => (form.contains(event.target) ? event.target.blur() : false),
};
for (const [key, value] of Object.entries(management)) actions[key] = () => openPlace().manage(value);
if (viewer) {
  for (const [key, { run }] of Object.entries(viewer.keys())) actions[key] = run;
}
listen(actions);
keepTokensFresh();

for (const label of form.querySelectorAll("label[data-management]")) {
  const key = Object.keys(management).find((one) => management[one] === label.dataset.management);
  label.querySelector("kbd").textContent = key.toUpperCase();
}
room.querySelector("[data-viewer='keys']").addEventListener("click", showKeys);
showSummary();
form.querySelector("[aria-invalid='true'], .field-error:not([hidden])")?.closest(".read-field")
  ?.querySelector("input:not([hidden]), textarea")?.focus();
