// The stage: one picture, large, with everything that helps to look at it and to draw on it.
//
//   const stage = new Stage(room);   // holds #viewer (_viewer.html) and #film-strip
//   stage.act("zoom-in")             // what a button with data-viewer="…" does
//   stage.keys()                     // {key: {label, run(event)}} for the page's own table of keys
//   stage.drawingKeys                // [key, label]: of the annotation mode, which hears them itself
//   stage.step(1), stage.showFirstOf(lesion), stage.addMap(image, url)
//   stage.atRisk                     // annotations that would be lost with the page
//   await stage.flush()              // everything that can be sent now has been
//
// A link of the film strip carries data-image, -lesion, -width, -height, -alt, -caption, -src (the
// original), and where there are such -screen (a rendition as large as a screen), -saliency and
// -spacing (micrometres per pixel).
//
// Events on #viewer, which bubble: "stage:shown" {image, lesion} when another picture is chosen;
// "stage:annotations" {image, count, atRisk, state} when annotations are drawn or saved.
import { isTyping } from "../reading_keys.js";
import { DRAWING_KEYS, AnnotationKeys } from "./annotation_keys.js";
import { Annotator } from "./annotator.js";
import { Cursor } from "./cursor.js";
import { Gestures } from "./gestures.js";
import { Ink } from "./ink.js";
import { keyTable } from "./key_table.js";
import { Light } from "./light.js";
import { Picture } from "./picture.js";
import { Ruler } from "./ruler.js";
import { Saliency } from "./saliency.js";
import { View } from "./view.js";

const ARROW = 80; // screen pixels a key press moves
const NO_IMAGE = "00000000-0000-0000-0000-000000000000"; // stands for the key in data-annotations

export class Stage {
  constructor(room) {
    const find = (id) => room.querySelector(`#${id}`);
    const tool = (name) => room.querySelector(`[data-viewer='${name}']`);
    this.room = room;
    this.root = find("viewer");
    this.links = [...room.querySelectorAll("#film-strip a")];
    [this.canvas, this.caption, this.zoomNote] = ["viewer-canvas", "viewer-caption", "viewer-zoom"].map(find);
    this.view = new View(this.canvas, find("viewer-picture"));
    this.ink = new Ink(this.view, find("stage-ink"));
    this.cursor = new Cursor(this.view, this.ink);
    this.ruler = new Ruler(this.root, this.view, this.ink, tool("ruler"));
    this.light = new Light(this.root);
    this.saliency = new Saliency(this.root, tool("saliency"));
    this.picture = new Picture(this.root, this.view, { film: () => this.neighbours(), onState: () => this.say() });
    this.gestures = new Gestures(this.view, {
      owner: (event) => (this.ruler.on ? this.ruler : (this.annotator?.owner(event) ?? null)),
      tapped: (event) => this.annotator?.pickAt(event),
    });
    this.annotations = this.root.dataset.annotations ?? "";
    tool("annotate").hidden = tool("annotations").hidden = !this.annotations;
    if (this.annotations) this.annotator = this.annotate();
    this.bind();
    const first = this.links.find((link) => link.hasAttribute("aria-current")) ?? this.links[0];
    this.picture.adopt(first);
    this.use(first);
  }

  annotate() {
    const annotator = new Annotator(this.root, this.view, this.ink, this.cursor, {
      onTool: () => this.handed(),
      onChange: () => this.announce(),
    });
    new AnnotationKeys(annotator, (target) => this.isHere(target));
    return annotator;
  }

  bind() {
    this.view.addEventListener("change", () => this.say());
    this.root.addEventListener("click", (event) => {
      const action = event.target.closest("[data-viewer]")?.dataset.viewer;
      if (action && action !== "keys") this.act(action);
    });
    window.addEventListener("keydown", (event) => this.measureByKeys(event), { capture: true });
    this.light.panel.addEventListener("keydown", (event) => event.key === "Escape" && this.openLight(false));
    document.addEventListener("fullscreenchange", () => {
      const full = Boolean(document.fullscreenElement);
      this.root.querySelector("[data-viewer='full-screen']").setAttribute("aria-pressed", String(full));
    });
    for (const link of this.links) {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.show(link);
      });
    }
    this.root.querySelector("#viewer-tools").hidden = false;
    this.zoomNote.hidden = false;
  }

  // ---- What it does ----------------------------------------------------------------------------

  act(action) {
    const actions = {
      "zoom-in": () => this.view.zoomIn(),
      "zoom-out": () => this.view.zoomOut(),
      fit: () => this.view.fit(),
      pixels: () => this.view.onePixel(),
      "turn-left": () => this.view.rotate(-1),
      "turn-right": () => this.view.rotate(1),
      light: () => this.openLight(),
      ruler: () => this.measure(!this.ruler.on),
      saliency: () => this.saliency.toggle(),
      annotate: () => this.startAnnotating(),
      annotations: () => this.annotator?.hide(),
      "full-screen": () => this.fillScreen(),
      retry: () => this.picture.load(),
    };
    actions[action]?.();
  }

  keys() {
    return keyTable(this);
  }

  get drawingKeys() {
    return this.annotations ? DRAWING_KEYS : [];
  }

  /** Move over the image, in steps: right shows what lies to the right. */
  move(x, y) {
    this.view.panBy(-x * ARROW, -y * ARROW);
  }

  startAnnotating() {
    if (!this.annotator) return;
    this.measure(false);
    this.annotator.toggle();
  }

  measure(on) {
    if (on) this.annotator?.put(null);
    this.ruler.toggle(on);
    this.cursor.hide();
    this.handed();
  }

  /** A tool was taken up or put down: the pointer means something else now. */
  handed() {
    const busy = this.ruler.on || Boolean(this.annotator?.tool);
    this.gestures.hold({ busy, kept: Boolean(this.annotator?.on) });
    this.canvas.classList.toggle("is-drawing", busy);
  }

  measureByKeys(event) {
    if (!this.ruler.on || isTyping(event.target) || !this.isHere(event.target)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("button, a, input")) return;
    if (event.key === "Escape") this.measure(false);
    else if (!this.cursor.key(event, this.ruler)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  openLight(open = this.light.panel.hidden) {
    this.light.panel.hidden = !open;
    this.root.querySelector("[data-viewer='light']").setAttribute("aria-expanded", String(open));
    (open ? this.light.sliders[0] : this.canvas).focus({ preventScroll: true });
  }

  fillScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.closest("section").requestFullscreen?.().catch(() => {}); // refused: it stays as it is
  }

  /** Whether a key pressed there is meant for the picture. */
  isHere(target) {
    return target === document.body || Boolean(target.closest?.("#viewer, .film-strip"));
  }

  // ---- Which picture ---------------------------------------------------------------------------

  step(by) {
    const next = this.links[this.links.indexOf(this.link) + by];
    if (next) this.show(next);
  }

  showFirstOf(lesion) {
    const first = this.links.find((link) => link.dataset.lesion === lesion);
    if (first && this.link.dataset.lesion !== lesion) this.show(first);
  }

  show(link) {
    if (link === this.link) return;
    this.picture.show(link);
    this.use(link);
    window.history.replaceState(null, "", link.href);
    this.tell("stage:shown", { image: link.dataset.image, lesion: link.dataset.lesion });
  }

  use(link) {
    this.link = link;
    for (const other of this.links) other.toggleAttribute("aria-current", false);
    link.setAttribute("aria-current", "true");
    link.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.caption.textContent = link.dataset.caption;
    this.light.reset();
    this.saliency.use(link.dataset.saliency);
    this.ruler.use(link.dataset.spacing);
    const { image } = link.dataset;
    this.annotator?.use(image, this.annotations.replace(NO_IMAGE, image));
  }

  addMap(image, url) {
    const link = this.links.find((one) => one.dataset.image === image);
    if (link) link.dataset.saliency = url;
    if (link === this.link) this.saliency.arrive(url);
  }

  neighbours() {
    const here = this.links.indexOf(this.link);
    return [this.links[here + 1], this.links[here - 1]];
  }

  say() {
    this.root.dataset.zoom = (this.view.scale / this.view.fitScale).toFixed(3);
    this.zoomNote.textContent = `${Math.round(100 * this.view.magnification)}\u00a0%`;
  }

  // ---- Annotations, for the rest of the page ------------------------------------------------------

  get atRisk() {
    return this.annotator?.atRisk ?? 0;
  }

  async flush() {
    await this.annotator?.flush();
  }

  announce() {
    const { ledger, atRisk } = this.annotator;
    if (!ledger) return;
    const detail = { image: ledger.image, count: ledger.live.length, atRisk, state: ledger.state.kind };
    this.tell("stage:annotations", detail);
  }

  tell(kind, detail) {
    this.root.dispatchEvent(new CustomEvent(kind, { bubbles: true, detail }));
  }
}
