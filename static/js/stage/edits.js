// What is done to annotations: every change goes to the ledger and can be taken back.
import { History } from "./history.js";
import { boundsOf, moved, NAMES, stretched } from "./shapes.js";

const NUDGED_MS = 600; // after the last arrow a moved shape is saved, once

export class Edits {
  constructor(annotator) {
    this.annotator = annotator;
    this.histories = new WeakMap();
    this.next = { label: "", text: "" }; // what the next shape is called
  }

  get ledger() {
    return this.annotator.ledger;
  }

  get history() {
    if (!this.ledger) return null;
    if (!this.histories.has(this.ledger)) this.histories.set(this.ledger, new History());
    return this.histories.get(this.ledger);
  }

  commit(key, content) {
    const before = this.ledger.get(key)?.content ?? null;
    this.history.add({ key, before, after: content });
    this.ledger.want(key, content);
  }

  /** A shape was drawn. The first of a page has no label yet: then the menu asks. */
  add(key, shape) {
    const { annotator } = this;
    const selector = annotator.formats.selectorOf(shape);
    // The tool stays in the hand for the next one; the shape is drawn by the outlines from now on.
    annotator.surface.edit(null);
    this.commit(key, { ...this.next, selector });
    this.last = key;
    annotator.picked = this.next.label ? null : key; // a label chosen now is for the one without
    annotator.refresh();
    annotator.say(`${annotator.vocabulary.name(this.next)}, ${NAMES[shape.type]}, drawn.`);
    if (!this.next.label) annotator.menu.open(this.next);
  }

  /** Put the tool down and go on with what was drawn last. */
  select() {
    const { annotator } = this;
    const held = annotator.tool;
    annotator.put(null);
    if (held && this.ledger.get(this.last)?.content) annotator.pick(this.last);
  }

  reshape(key, shape) {
    const entry = this.ledger.get(key);
    if (!entry?.content) return;
    this.commit(key, { ...entry.content, selector: this.annotator.formats.selectorOf(shape) });
  }

  /** Name the selected one, or, where there is none, what is drawn next. */
  name(label, text) {
    const { annotator } = this;
    this.next = { label, text };
    const { entry } = annotator;
    if (entry?.mine && annotator.mayAnnotate && entry.content) {
      const { content } = entry;
      if (content.label !== label || content.text !== text) this.commit(entry.key, { ...content, label, text });
      annotator.say(`${annotator.vocabulary.name({ label, text })}.`);
    }
    annotator.refresh();
  }

  askLabel() {
    const { annotator } = this;
    this.settle();
    annotator.menu.toggle(annotator.entry?.content ?? this.next);
  }

  remove(key = this.annotator.picked) {
    const entry = key && this.ledger.get(key);
    if (!entry?.mine || !entry.content || !this.annotator.mayAnnotate) return false;
    this.drop();
    const name = this.annotator.vocabulary.name(entry.content);
    this.commit(key, null);
    this.annotator.say(`${name}, deleted. Control Z brings it back.`);
    return true;
  }

  undo() {
    this.settle();
    this.restore(this.history?.undo(), "before", "Undone.");
  }

  redo() {
    this.settle();
    this.restore(this.history?.redo(), "after", "Done again.");
  }

  restore(step, which, words) {
    const { annotator } = this;
    if (!step || !annotator.mayAnnotate) return;
    this.ledger.want(step.key, step[which]);
    if (step[which] && !annotator.tool) annotator.pick(step.key, { show: true });
    annotator.refresh();
    annotator.say(words);
  }

  // ---- By arrows -------------------------------------------------------------------------------

  /** Move the selected one by screen pixels; with `size` true its lower right corner. */
  nudge(x, y, { size = false } = {}) {
    const { annotator } = this;
    const { view, entry } = annotator;
    const shape = this.nudged?.shape ?? annotator.form(entry?.content)?.shape;
    if (!shape || annotator.surface?.key !== entry.key) return false;
    const by = view.turned(x / view.scale, y / view.scale, -view.turn);
    this.drop();
    const next = size ? stretched(shape, larger(boundsOf(shape), by, view)) : moved(shape, by.x, by.y, view.size);
    annotator.surface.edit(entry.key, next);
    this.nudged = { key: entry.key, shape: next };
    this.timer = setTimeout(() => this.settle(), NUDGED_MS);
    return true;
  }

  /** What the arrows did is one change. */
  settle() {
    const { nudged } = this;
    this.drop();
    if (nudged) this.reshape(nudged.key, nudged.shape);
  }

  drop() {
    window.clearTimeout(this.timer);
    this.nudged = null;
  }
}

/** Turned pictures grow towards what is right and below on the screen. */
function larger(bounds, { x, y }, view) {
  const least = 4 / view.scale;
  const grown = { ...bounds };
  const corner = view.turned(1, 1, -view.turn);
  if (corner.x > 0) grown.maxX = Math.max(bounds.minX + least, Math.min(bounds.maxX + x, view.size.width));
  else grown.minX = Math.min(bounds.maxX - least, Math.max(bounds.minX + x, 0));
  if (corner.y > 0) grown.maxY = Math.max(bounds.minY + least, Math.min(bounds.maxY + y, view.size.height));
  else grown.minY = Math.min(bounds.maxY - least, Math.max(bounds.minY + y, 0));
  return grown;
}
