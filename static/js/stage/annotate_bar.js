// The row of drawing tools: which are there, which is in the hand, what the next shape is called.
import { SKETCHES } from "./sketches.js";

const READ_ONLY = "Only the reader on whose desk the case lies can draw.";

export class AnnotateBar {
  constructor(root, annotator) {
    this.annotator = annotator;
    this.row = root.querySelector("#stage-annotate");
    this.switch = root.querySelector("[data-viewer='annotate']");
    this.buttons = [...root.querySelectorAll("[data-annotate]")];
    this.label = this.row.querySelector("[data-label-name]");
    this.readOnly = this.row.querySelector("[data-read-only]");
    root.addEventListener("click", (event) => {
      const command = event.target.closest("[data-annotate]")?.dataset.annotate;
      if (command) this.act(command);
    });
  }

  act(command) {
    const { annotator } = this;
    const { edits } = annotator;
    const commands = {
      select: () => edits.select(),
      undo: () => edits.undo(),
      redo: () => edits.redo(),
      delete: () => edits.remove(),
      label: () => edits.askLabel(),
      list: () => annotator.list.toggle(),
      hide: () => annotator.hide(),
    };
    if (command in SKETCHES) annotator.put(annotator.tool === command ? null : command);
    else commands[command]?.();
  }

  show() {
    const { annotator } = this;
    const { edits, entry, mayAnnotate: may, tool } = annotator;
    this.row.hidden = !annotator.on;
    this.switch.setAttribute("aria-pressed", String(annotator.on));
    const known = annotator.ledger && annotator.ledger.state.kind !== "loading";
    this.readOnly.textContent = known && annotator.formats && !may ? READ_ONLY : "";
    const able = {
      list: true,
      hide: true,
      undo: may && edits.history?.done.length > 0,
      redo: may && edits.history?.undone.length > 0,
      delete: may && Boolean(entry?.mine),
      label: may && (!entry || entry.mine),
    };
    const pressed = { select: may && !tool, hide: annotator.hidden, list: annotator.list?.isOpen };
    for (const button of this.buttons) {
      const command = button.dataset.annotate;
      button.disabled = !(command in able ? able[command] : may);
      const down = command in SKETCHES ? tool === command : pressed[command];
      if (button.hasAttribute("aria-pressed")) button.setAttribute("aria-pressed", String(Boolean(down)));
    }
    const { label, text } = entry?.content ?? edits.next;
    this.label.textContent = label ? annotator.vocabulary.name({ label, text }) : "Choose a label";
  }
}
