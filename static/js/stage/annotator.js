// Annotating: which image's annotations are shown, the mode with its tools, and what is selected.
// Shapes are drawn by the surface, changed by the edits, kept by the ledger, painted by the outlines.
import { AnnotateBar } from "./annotate_bar.js";
import { AnnotationList } from "./annotation_list.js";
import { Conflicts } from "./conflicts.js";
import { Edits } from "./edits.js";
import { LabelMenu } from "./label_menu.js";
import { Ledger } from "./ledger.js";
import { Outlines, pathOf } from "./outlines.js";
import { SavedNote } from "./saved_note.js";
import { Server } from "./server.js";
import { boundsOf, contains, extent } from "./shapes.js";
import { SKETCHES } from "./sketches.js";
import { Vocabulary } from "./vocabulary.js";

const NEAR = 6; // CSS pixels within which a press still meets an outline
const NEAR_FINGER = 14;

export class Annotator {
  /** `onTool()` when a tool is taken up or put down, `onChange()` when something was drawn or saved. */
  constructor(root, view, ink, cursor, { onTool, onChange }) {
    Object.assign(this, { root, view, ink, cursor, onTool, onChange, on: false, hidden: false });
    this.layer = root.querySelector("#stage-layer");
    this.voice = root.querySelector("#stage-says");
    this.ledgers = new Map();
    this.forms = new WeakMap(); // an annotation's content -> {shape, path}, or null
    [this.picked, this.tool, this.ledger] = [null, null, null];
    this.vocabulary = new Vocabulary(document.getElementById("annotation-vocabulary"));
    this.outlines = new Outlines(ink, this.vocabulary, () => this.drawn());
    this.edits = new Edits(this);
    this.menu = new LabelMenu(root, this.vocabulary, { onChosen: (...label) => this.edits.name(...label) });
    this.bar = new AnnotateBar(root, this);
    this.list = new AnnotationList(root, this);
    this.conflicts = new Conflicts(root, this);
    this.note = new SavedNote(root, this);
    window.addEventListener("beforeunload", (event) => {
      this.edits.settle();
      if (this.atRisk) event.preventDefault();
    });
  }

  // ---- Which image ---------------------------------------------------------------------------

  /** Show the annotations of another image; what is unsent of the last one goes on being sent. */
  async use(image, address) {
    this.put(null);
    this.pick(null);
    this.surface?.destroy();
    this.surface = null;
    if (!this.ledgers.has(image)) this.ledgers.set(image, this.open(image, address));
    this.ledger = this.ledgers.get(image);
    this.refresh();
    await this.fetchTools();
    this.conflicts.ask();
  }

  /** The tools come after the picture. Where the connection was lost meanwhile, when it is back. */
  async fetchTools() {
    if (this.formats) return;
    try {
      const parts = await Promise.all([import("./w3c.js"), import("./surface.js")]);
      [this.formats, { Surface: this.Surface }] = parts;
      this.refresh();
    } catch {
      window.addEventListener("online", () => this.fetchTools(), { once: true });
    }
  }

  open(image, address) {
    const ledger = new Ledger(new Server(address), image, this.root.dataset.reading);
    ledger.addEventListener("change", (event) => ledger === this.ledger && this.changed(event.detail?.key));
    ledger.addEventListener("state", () => {
      this.note.show();
      this.onChange();
    });
    ledger.load();
    return ledger;
  }

  /** How many annotations would be lost with the page, of all its images. */
  get atRisk() {
    return [...this.ledgers.values()].reduce((sum, ledger) => sum + ledger.atRisk.length, 0);
  }

  /** Everything that can be sent now has been. */
  async flush() {
    this.edits.settle();
    await Promise.all([...this.ledgers.values()].map((ledger) => ledger.send()));
  }

  /** {shape, path} of a content; null where its shape is none that can be shown. */
  form(content) {
    if (!this.formats || !content) return null;
    if (!this.forms.has(content)) {
      const shape = this.formats.shapeOf(content.selector);
      this.forms.set(content, shape && { shape, path: pathOf(shape) });
    }
    return this.forms.get(content);
  }

  /** What is painted: everything but the one in the editor, the picked one last. */
  drawn() {
    if (this.hidden || !this.ledger) return [];
    const shown = [];
    for (const { key, content } of this.ledger.live) {
      const form = this.form(content);
      if (form && key !== this.surface?.key) shown.push({ key, content, ...form });
    }
    return shown;
  }

  changed(key) {
    if (this.picked && !this.entry?.content) this.pick(null);
    else if (key === this.picked) this.showEditor();
    this.refresh();
    this.conflicts.ask();
    this.onChange();
  }

  refresh() {
    this.outlines.picked = this.picked;
    this.outlines.change();
    this.ink.request();
    for (const part of [this.bar, this.list, this.note]) part.show();
  }

  say(sentence) {
    this.voice.textContent = sentence;
  }

  // ---- The mode and its tools ------------------------------------------------------------------

  get mayAnnotate() {
    return Boolean(this.ledger?.mayAnnotate && this.formats);
  }

  toggle(on = !this.on) {
    this.on = on;
    if (on) this.hidden = false;
    else {
      this.put(null);
      this.menu.close();
      this.list.close();
      this.edits.settle();
      this.surface?.destroy();
      this.surface = null;
    }
    this.showEditor();
    this.refresh();
    this.onTool();
  }

  hide(hidden = !this.hidden) {
    if (hidden) {
      this.put(null);
      this.pick(null);
    }
    this.hidden = hidden;
    this.say(hidden ? "Annotations are hidden." : "Annotations are shown.");
    this.refresh();
  }

  /** Take a drawing tool into the hand; null puts it down. */
  put(tool) {
    const wanted = tool in SKETCHES && this.mayAnnotate ? tool : null;
    if (wanted === this.tool) return;
    if (wanted) {
      this.pick(null);
      this.hidden = false;
    }
    this.tool = wanted;
    this.ready()?.draw(wanted);
    this.cursor.hide();
    this.onTool();
    this.refresh();
  }

  /** Annotorious on this image: made when it is first needed. */
  ready() {
    if (!this.surface && this.mayAnnotate) {
      this.surface = new this.Surface(this.view, this.layer, {
        onDrawn: (key, shape) => this.edits.add(key, shape),
        onEdited: (key, shape) => this.edits.reshape(key, shape),
        line: () => this.vocabulary.line(this.entry?.content?.label),
      });
    }
    return this.surface;
  }

  /** Who takes a pointer on the canvas: a drawing tool, the editor's handles, or nobody. */
  owner(event) {
    return this.on ? (this.surface?.owner(event) ?? null) : null;
  }

  // ---- What is selected --------------------------------------------------------------------------

  get entry() {
    return this.picked ? this.ledger.get(this.picked) : null;
  }

  pick(key, { show = false } = {}) {
    if (key !== this.picked) this.edits.settle();
    this.picked = key;
    this.showEditor();
    if (!key || !this.ledger) return;
    const form = this.form(this.entry.content);
    if (show && form) this.bringIntoView(form.shape);
    this.refresh();
    this.say(`${this.vocabulary.name(this.entry.content)}, selected.`);
  }

  /** The smallest annotation under a pointer is selected; nothing where there is none. */
  pickAt(event) {
    const at = this.view.toImage(event.clientX, event.clientY);
    const near = (event.pointerType === "touch" ? NEAR_FINGER : NEAR) / this.view.scale;
    const hits = this.drawn().filter(({ shape }) => contains(shape, at, near));
    hits.sort((a, b) => extent(a.shape) - extent(b.shape));
    const before = this.picked;
    this.pick(hits[0]?.key ?? null);
    if (before && !this.picked) this.refresh();
  }

  /** The editor is on the selected one, where it is mine and the mode is on. */
  showEditor() {
    const form = this.form(this.entry?.content);
    const editable = this.on && this.mayAnnotate && !this.tool && form && this.entry.mine;
    if (editable) this.ready().edit(this.picked, form.shape);
    else this.surface?.edit(null);
    this.outlines.change();
    this.ink.request();
  }

  bringIntoView(shape) {
    const { minX, minY, maxX, maxY } = boundsOf(shape);
    const middle = this.view.toCanvas((minX + maxX) / 2, (minY + maxY) / 2);
    const { width, height } = this.view.box;
    const outside = middle.x < 20 || middle.y < 20 || middle.x > width - 20 || middle.y > height - 20;
    if (outside) this.view.panBy(width / 2 - middle.x, height / 2 - middle.y);
  }
}
