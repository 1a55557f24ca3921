// Images on their way into a draft: dropped on a lesion, chosen or photographed, three at a time,
// each with its own progress, its own error and its own retry. A file stays on the page until it is
// stored or taken away, whatever happens to the session or the network.
import { csrfToken } from "./csrf.js";

const AT_ONCE = 3;
const SHOWN_BY_BROWSERS = ["image/jpeg", "image/png", "image/webp"];
const OFFLINE = "The connection broke before the file was through. Check it, then press Retry.";
const SENTENCES = {
  403: "This page is older than your sign-in. Press Retry; if that does not help, reload the page.",
  404: "This case or lesion is no longer there. Reload the page.",
  413: "This file is larger than the server accepts: export it smaller and add it again.",
  429: "Too many files in a short time. Wait a minute, then press Retry.",
};
const SERVER = "The server had a problem and did not store this file. Press Retry.";

const template = document.getElementById("uploading-tile");
const summary = document.querySelector("[data-upload-summary]");
const waiting = [];
const active = new Set();

class Upload {
  constructor(file, lesion) {
    this.file = file;
    this.lesion = lesion;
    this.key = newKey();
    this.tile = template.content.firstElementChild.cloneNode(true);
    this.#part("name").textContent = file.name;
    this.#part("name").title = file.name;
    this.#part("progress").setAttribute("aria-label", `Upload of ${file.name}`);
    this.#part("retry").addEventListener("click", () => this.retry());
    this.#part("remove").addEventListener("click", () => this.remove());
    this.#preview();
    this.#tiles().append(this.tile);
    // Nobody waits for 100 MB to hear that they are too much.
    if (file.size > Number(template.dataset.maxBytes)) this.#failed(413, template.dataset.tooLarge);
    else enqueue(this);
  }

  start() {
    this.#say("0 %");
    this.request = new XMLHttpRequest();
    this.request.open("POST", this.#form().action);
    this.request.setRequestHeader("Accept", "application/json");
    this.request.setRequestHeader("X-CSRFToken", csrfToken());
    this.request.upload.addEventListener("progress", (event) => this.#progress(event));
    this.request.addEventListener("load", () => this.#answered());
    this.request.addEventListener("error", () => this.#failed(0, OFFLINE));
    this.request.addEventListener("timeout", () => this.#failed(0, OFFLINE));
    this.request.timeout = 10 * 60 * 1000;
    this.request.send(this.#body());
  }

  retry() {
    this.#part("error").hidden = true;
    this.#part("retry").hidden = true;
    this.#part("progress").hidden = false;
    this.#part("remove").textContent = "Cancel";
    this.tile.classList.remove("tile-refused");
    this.#part("remove").focus();
    enqueue(this);
  }

  remove() {
    this.request?.abort();
    const index = waiting.indexOf(this);
    if (index >= 0) waiting.splice(index, 1);
    const next = this.tile.nextElementSibling?.querySelector("button, a") ?? this.#form().querySelector("input[type='file']");
    this.#forget();
    this.tile.remove();
    next?.focus();
    finished(this);
  }

  #body() {
    const body = new FormData();
    body.append("lesion", this.lesion);
    body.append("kind", this.#form().elements.namedItem("kind").value);
    body.append("key", this.key);
    body.append("files", this.file);
    return body;
  }

  #progress({ loaded, total }) {
    const percent = total ? Math.floor((loaded / total) * 100) : 0;
    this.#part("progress").value = percent;
    this.#say(percent < 100 ? `${percent} %` : "Checking the image");
  }

  #answered() {
    const { status } = this.request;
    const answer = this.#json();
    if (status === 201 && answer?.images?.[0]) {
      document.dispatchEvent(new CustomEvent("session-works"));
      this.#stored(answer.images[0]);
      return;
    }
    const sentence = answer?.detail ?? SENTENCES[status] ?? SERVER;
    if (status === 401) {
      document.dispatchEvent(new CustomEvent("session-ended", { detail: { sentence } }));
    }
    this.#failed(status, sentence);
  }

  #stored({ id, html }) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const tile = holder.content.firstElementChild;
    // A retry after a lost answer gets the row that is there already.
    document.getElementById(`image-${id}`)?.remove();
    const hadFocus = this.tile.contains(document.activeElement);
    this.tile.replaceWith(tile);
    window.htmx.process(tile);
    if (hadFocus) tile.querySelector("a").focus();
    this.#forget();
    finished(this);
  }

  #failed(status, sentence) {
    const again = status === 0 || status >= 500 || [401, 403, 408, 429].includes(status);
    this.tile.classList.add("tile-refused");
    this.#say("Not stored");
    this.#part("progress").hidden = true;
    this.#part("progress").value = 0;
    this.#part("sentence").textContent = sentence;
    this.#part("error").hidden = false;
    this.#part("retry").hidden = !again;
    this.#part("remove").textContent = "Remove";
    finished(this);
  }

  #json() {
    try {
      return JSON.parse(this.request.responseText);
    } catch {
      return null;
    }
  }

  #preview() {
    if (!SHOWN_BY_BROWSERS.includes(this.file.type) || !this.file.size) return;
    this.address = URL.createObjectURL(this.file);
    const image = new Image();
    image.alt = "";
    image.addEventListener("load", () => this.#picture().replaceChildren(image));
    image.src = this.address;
  }

  #picture() {
    return this.tile.querySelector(".tile-picture");
  }

  #forget() {
    if (this.address) URL.revokeObjectURL(this.address);
  }

  #say(words) {
    this.#part("state").textContent = words;
  }

  #part(name) {
    return this.tile.querySelector(`[data-${name}]`);
  }

  #card() {
    return document.querySelector(`[data-lesion="${this.lesion}"]`);
  }

  #form() {
    return this.#card().querySelector("[data-upload]");
  }

  #tiles() {
    return this.#card().querySelector("[data-tiles]");
  }
}

function enqueue(upload) {
  waiting.push(upload);
  next();
}

function finished(upload) {
  active.delete(upload);
  next();
}

function next() {
  while (active.size < AT_ONCE && waiting.length) {
    const upload = waiting.shift();
    active.add(upload);
    upload.start();
  }
  summarise();
}

function summarise() {
  const stored = document.querySelectorAll("[data-stored]").length;
  const running = active.size + waiting.length;
  const refused = document.querySelectorAll(".tile-refused").length;
  const parts = [`${stored} image${stored === 1 ? "" : "s"}`];
  if (running) parts.push(`${running} on the way`);
  if (refused) parts.push(`${refused} not stored`);
  const words = parts.join(" · ");
  if (summary.textContent !== words) summary.textContent = words;
}

function add(files, lesion) {
  for (const file of files) new Upload(file, lesion);
}

// A UUID; `crypto.randomUUID` exists only where the address is https or this machine.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

function lesionAt(target) {
  const cards = document.querySelectorAll("[data-lesion]");
  const card = target.closest?.("[data-lesion]") ?? (cards.length === 1 ? cards[0] : null);
  return card;
}

function highlight(card) {
  for (const other of document.querySelectorAll(".is-target")) {
    if (other !== card) other.classList.remove("is-target");
  }
  card?.classList.add("is-target");
}

document.addEventListener("change", (event) => {
  const input = event.target;
  if (input.type !== "file" || !input.closest("[data-upload]")) return;
  add([...input.files], input.closest("[data-lesion]").dataset.lesion);
  input.value = "";
});

document.addEventListener("dragover", (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  const card = lesionAt(event.target);
  event.dataTransfer.dropEffect = card ? "copy" : "none";
  highlight(card);
});

document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) highlight(null);
});

// Dropped beside a lesion, a file must not open instead of this page.
document.addEventListener("drop", (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  highlight(null);
  const card = lesionAt(event.target);
  if (card) add([...event.dataTransfer.files], card.dataset.lesion);
  else say("Drop the images on the lesion that they show.", "warning");
});

document.addEventListener(
  "submit",
  (event) => {
    const running = active.size + waiting.length;
    if (event.target.id !== "case-form" || !running) return;
    event.preventDefault();
    event.stopPropagation();
    const images = running === 1 ? "1 image is" : `${running} images are`;
    say(`${images} still on the way: wait a moment, or cancel what hangs.`, "warning");
  },
  { capture: true },
);

function say(sentence, kind) {
  document.dispatchEvent(new CustomEvent("toast", { detail: { sentence, kind } }));
}

window.addEventListener("beforeunload", (event) => {
  if (active.size + waiting.length) event.preventDefault();
});

new MutationObserver(summarise).observe(document.querySelector(".draft-images"), {
  childList: true,
  subtree: true,
});
