// The reading room: the stage, the panel, whose desk the case lies on, and the keys for all of them.
import { fetchAhead } from "./ahead.js";
import { keepTokensFresh } from "./csrf.js";
import { DeskLock } from "./desk_lock.js";
import { KeptDrafts } from "./kept_drafts.js";
import { Panel } from "./panel.js";
import { keysDialog, listen } from "./reading_keys.js";
import { fillStageKeys, showManagementKeys } from "./review_keys.js";
import { Stage } from "./stage/stage.js";

const WAIT_FOR_DESK_MS = 1_500;
const MANAGEMENT = { e: "excise", b: "biopsy", m: "monitor", r: "refer", g: "discharge" };

const room = document.getElementById("room");
const voice = document.getElementById("room-says");
const kept = new KeptDrafts(room.dataset.person, room.dataset.case);
const showKeys = keysDialog();
let stage = null;

const lock = new DeskLock(room, { onTaken: (problem) => panel.close(problem) });
let panel = makePanel();

// ---- The panel, and the one that takes its place ---------------------------------------------------

function makePanel() {
  const made = new Panel(room, { lock, kept, onFresh: freshPanel });
  showManagementKeys(made.form, MANAGEMENT);
  for (const element of made.elements) {
    element.addEventListener("toggle", () => element.open && opened(element.dataset.lesion));
  }
  return made;
}

/** Fetch the panel as the server has it now; the picture, zoomed as it is, stays. */
async function freshPanel(sentence, { toDecide = false, open = panel.openPlace?.lesion } = {}) {
  const address = new URL(panel.form.dataset.reviewUrl, window.location.href);
  const image = room.querySelector("#film-strip [aria-current]")?.dataset.image;
  if (image) address.searchParams.set("image", image);
  let page;
  try {
    const response = await window.fetch(address, { headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) throw new Error(response.statusText);
    page = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    window.location.assign(address); // the page itself says what has become of the case
    return;
  }
  panel.destroy();
  panel.form.replaceWith(page.getElementById("opinion"));
  panel = makePanel();
  if (open) panel.openLesion(open);
  window.htmx?.process(panel.form);
  addMaps();
  voice.textContent = sentence;
  if (toDecide) {
    document.getElementById("decide-title")?.focus({ preventScroll: true });
    panel.scroll.scrollTop = 0;
    // On a narrow screen the panel lies under the picture: what was shown should be in sight.
    panel.form.scrollIntoView({ block: "start" });
    fetchAhead(room.dataset.aheadUrl);
  } else {
    panel.openPlace?.element.querySelector("summary").focus();
  }
}

function addMaps() {
  for (const map of panel.form.querySelectorAll("[data-map-of]")) stage?.addMap(map.dataset.mapOf, map.value);
}

// The model may answer while the desk is open: its button and its maps come with the answer.
document.addEventListener("htmx:afterSwap", (event) => {
  addMaps();
  for (const place of panel.places) place.refresh();
  const news = [...panel.form.querySelectorAll(".suggestion")].some((one) => one.contains(event.detail.elt) && one.querySelector("[hx-post], [hx-get*='show']"));
  if (news) voice.textContent = "The model has answered.";
});

// ---- Lesions and images go together ------------------------------------------------------------------

function opened(lesion) {
  stage?.showFirstOf(lesion);
  for (const visits of room.querySelectorAll("[data-visits-of]")) visits.hidden = visits.dataset.visitsOf !== lesion;
}
room.addEventListener("stage:shown", (event) => panel.openLesion(event.detail.lesion));

// ---- Leaving: what is typed goes first, and an untouched case goes back ---------------------------------

async function settle() {
  await Promise.all([panel.draft.flush(), stage?.flush()]);
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || link.target) return;
  const address = new URL(link.href, window.location.href);
  if (address.origin !== window.location.origin || address.href.split("#")[0] === window.location.href.split("#")[0]) return;
  event.preventDefault();
  await settle();
  if (!address.pathname.startsWith(panel.form.dataset.reviewUrl)) await lock.release();
  window.location.assign(link.href);
});

for (const form of [document.getElementById("next-form"), document.getElementById("skip-form")]) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await settle();
    lock.end();
    form.submit();
  });
}

// Back in the browser's history shows the page as it was left: fetch how things stand.
window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());

// ---- Keys ------------------------------------------------------------------------------------------------

const press = (selector) => () => document.querySelector(selector)?.click();
const step = (then) => (event) => {
  if (!event.repeat) panel.steps.press(then); // held down, it must not commit and sign in one go
};

/** The open lesion if its fields can be written in; after a commit only once "Change…" is open. */
function writable() {
  const place = panel.openPlace;
  if (!place || panel.form.querySelector("[data-fields]").disabled) return null;
  return panel.shape === "decide" && !place.change?.open ? null : place;
}

function onPlace(act) {
  return () => {
    const place = writable();
    if (!place) return false;
    place.open();
    return act(place);
  };
}

const actions = {
  c: onPlace((place) => place.confirm()),
  d: onPlace((place) => place.fields.focusDiagnosis()),
  t: onPlace((place) => place.fields.comment.focus()),
  x: () => (panel.shape === "decide" ? panel.openPlace?.startChange() : false),
  l: () => panel.nextLesion(),
  n: press("[data-key='n']"),
  u: press("[data-key='u']"),
  "?": showKeys,
  "ctrl+enter": step("next"),
  "ctrl+shift+enter": step("close"),
  escape: (event) => (panel.form.contains(event.target) ? event.target.blur() : false),
};
for (const [key, value] of Object.entries(MANAGEMENT)) actions[key] = onPlace((place) => place.fields.manage(value));
for (const key of "123456789") actions[key] = onPlace((place) => place.fields.favourite(key));

listen(actions);
keepTokensFresh();
room.querySelector("[data-viewer='keys']").addEventListener("click", showKeys);

// ---- The desk and the stage --------------------------------------------------------------------------------

async function start() {
  // Who may draw depends on the desk, so the stage waits for it, though not for ever, and not where
  // the case lies on it already.
  const assigned = lock.assign();
  const late = new Promise((resolve) => window.setTimeout(resolve, WAIT_FOR_DESK_MS, null));
  const desk = "held" in room.dataset ? null : await Promise.race([assigned, late]);
  if (!document.getElementById("viewer-image")) {
    room.dataset.ready = "true";
    return;
  }
  if (desk) document.getElementById("viewer").dataset.reading = desk.reading;
  stage = new Stage(room);
  for (const [key, { run }] of Object.entries(stage.keys())) actions[key] ??= run;
  fillStageKeys(stage);
  addMaps();
  room.dataset.ready = "true";
  if (await assigned) fetchAhead(room.dataset.aheadUrl);
}
start();
