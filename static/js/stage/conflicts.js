// The same annotation was changed in two windows: both are shown, and the person chooses.
import { NAMES, boundsOf, trace } from "./shapes.js";

const SIDE = 150; // CSS pixels of each little picture
const AROUND = 0.35; // how much of the skin around the shapes is shown

export class Conflicts {
  constructor(root, annotator) {
    Object.assign(this, { annotator, root });
    this.dialog = root.querySelector("#stage-conflict");
    this.dialog.addEventListener("click", (event) => {
      const choice = event.target.closest("[data-choice]")?.dataset.choice;
      if (choice) this.settle(choice);
    });
  }

  /** Ask about the first that is open, if any. */
  ask() {
    const [entry] = this.annotator.ledger?.conflicts ?? [];
    if (!entry || this.dialog.open || !this.annotator.formats) return;
    this.key = entry.key;
    this.annotator.edits.drop();
    const sides = { mine: entry.content, theirs: entry.problem.current.content };
    const window = this.region(Object.values(sides));
    for (const [side, content] of Object.entries(sides)) this.fill(side, content, window);
    this.dialog.showModal();
  }

  settle(choice) {
    this.dialog.close();
    this.annotator.ledger.settle(this.key, choice);
    if (choice === "theirs") this.annotator.edits.history.forget(this.key);
    this.annotator.showEditor();
    this.annotator.refresh();
    this.annotator.say(choice === "mine" ? "Your version is kept." : "The other version is taken.");
  }

  fill(side, content, window) {
    const card = this.dialog.querySelector(`[data-side="${side}"]`);
    const form = this.annotator.form(content);
    const words = content ? this.annotator.vocabulary.name(content) : "Deleted";
    const shape = form ? `, ${NAMES[form.shape.type]}` : "";
    card.querySelector("[data-said]").textContent = words + shape;
    this.paint(card.querySelector("canvas"), form?.shape, window);
  }

  /** The square of the image around both shapes. */
  region(contents) {
    const all = contents.map((content) => this.annotator.form(content)?.shape).filter(Boolean).map(boundsOf);
    const { width, height } = this.annotator.view.size;
    const bounds = all.length ? all : [{ minX: 0, minY: 0, maxX: width, maxY: height }];
    const [left, top] = [Math.min(...bounds.map((one) => one.minX)), Math.min(...bounds.map((one) => one.minY))];
    const [right, bottom] = [Math.max(...bounds.map((one) => one.maxX)), Math.max(...bounds.map((one) => one.maxY))];
    const side = Math.max(right - left, bottom - top, 20) * (1 + 2 * AROUND);
    return { x: (left + right - side) / 2, y: (top + bottom - side) / 2, side };
  }

  paint(canvas, shape, { x, y, side }) {
    const ratio = window.devicePixelRatio;
    canvas.width = canvas.height = SIDE * ratio;
    const context = canvas.getContext("2d");
    const scale = (SIDE * ratio) / side;
    context.setTransform(scale, 0, 0, scale, -x * scale, -y * scale);
    const { width, height } = this.annotator.view.size;
    context.drawImage(this.root.querySelector("#viewer-image"), 0, 0, width, height);
    if (!shape) return;
    for (const [line, colour] of [[5, "#0b0e0f"], [2.5, "#ffffff"]]) {
      context.lineWidth = (line * ratio) / scale;
      context.strokeStyle = colour;
      context.beginPath();
      trace(context, shape);
      context.stroke();
    }
  }
}
