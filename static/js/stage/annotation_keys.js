// The keys of the annotation mode. They are heard before the page's own, and only while the focus
// is on the picture: the same letters mean other things in the opinion beside it.
import { isTyping, singleKeysOn } from "../reading_keys.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const NUDGE = 1; // screen pixels; with Shift
const NUDGE_FAR = 10;
const LETTERS = {
  v: "select", r: "rectangle", e: "ellipse", p: "polygon", o: "outline", l: "label", j: "list",
};

/** For the table of keys: [key, what it does]. */
export const DRAWING_KEYS = [
  ["R", "Rectangle"],
  ["E", "Ellipse"],
  ["P", "Polygon: a press for each corner"],
  ["O", "Outline drawn freehand"],
  ["V", "Select and change"],
  ["L", "Label, then its digit or arrows and Enter"],
  ["J", "List of annotations"],
  ["Arrows", "Move what is selected, or the drawing cross"],
  ["Alt+Arrows", "Change the size of what is selected"],
  ["Enter", "Press where the drawing cross is; close a polygon"],
  ["Backspace", "Take the last corner back"],
  ["Delete", "Delete what is selected"],
  ["Ctrl+Z", "Undo"],
  ["Ctrl+Shift+Z", "Redo"],
  ["Esc", "Put the tool down, then leave"],
];

export class AnnotationKeys {
  /** `onPage(target)` says whether a key there is meant for the picture. */
  constructor(annotator, onPage) {
    Object.assign(this, { annotator, onPage });
    window.addEventListener("keydown", (event) => this.key(event), { capture: true });
  }

  key(event) {
    if (event.isComposing || !event.key) return;
    const { annotator } = this;
    const command = event.ctrlKey || event.metaKey;
    const takesBack = command && ["z", "y"].includes(event.key.toLowerCase());
    // Annotorious would undo what it holds itself, which is at most one shape.
    if (takesBack && annotator.surface) event.stopImmediatePropagation();
    if (!annotator.on || isTyping(event.target) || !this.onPage(event.target)) return;
    if (document.querySelector("dialog[open], .modal.show, .dropdown-menu.show")) return;
    const used = takesBack ? this.takeBack(event) : !command && this.single(event);
    if (!used) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  takeBack(event) {
    const again = event.shiftKey || event.key.toLowerCase() === "y";
    this.annotator.edits[again ? "redo" : "undo"]();
    return true;
  }

  single(event) {
    if (event.target.closest("[role='listbox'], #stage-list, input")) return false;
    if (event.key in ARROWS) return this.arrow(event);
    if (event.altKey) return false;
    if (event.key === "Enter") return this.enter(event);
    if (event.key === "Escape") return this.escape();
    if (event.key === "Backspace" && this.annotator.surface?.tool?.back()) return true;
    if (event.key === "Delete" || event.key === "Backspace") return this.annotator.edits.remove();
    const letter = LETTERS[event.key.toLowerCase()];
    if (!letter || event.shiftKey || !singleKeysOn()) return false;
    this.annotator.bar.act(letter);
    return true;
  }

  get tool() {
    return this.annotator.tool ? this.annotator.surface?.tool : null;
  }

  arrow(event) {
    const { annotator, tool } = this;
    if (tool) return annotator.cursor.key(event, tool);
    const [x, y] = ARROWS[event.key];
    const far = event.shiftKey ? NUDGE_FAR : NUDGE;
    return annotator.edits.nudge(x * far, y * far, { size: event.altKey });
  }

  enter(event) {
    const { annotator, tool } = this;
    if (event.target.closest("button, a, summary") || !tool) return false;
    if (!annotator.cursor.at && tool.close()) return true;
    return annotator.cursor.key(event, tool);
  }

  escape() {
    const { annotator } = this;
    if (this.tool?.abandon()) annotator.cursor.hide();
    else if (annotator.tool) annotator.put(null);
    else if (annotator.picked) {
      annotator.pick(null);
      annotator.refresh();
    } else annotator.toggle(false);
    return true;
  }
}
