// Every annotation of the image as a list: the way to each without a mouse, and what a screen
// reader reads.
import { element, swatch } from "./parts.js";
import { NAMES } from "./shapes.js";

export class AnnotationList {
  constructor(root, annotator) {
    this.annotator = annotator;
    this.panel = root.querySelector("#stage-list");
    this.rows = element("ol");
    this.panel.append(this.rows);
    this.none = this.panel.querySelector("[data-none]");
    this.masks = this.panel.querySelector("[data-masks]");
    this.panel.append(this.masks);
    this.canvas = root.querySelector("#viewer-canvas");
    this.panel.addEventListener("click", (event) => this.press(event));
    this.panel.addEventListener("keydown", (event) => this.key(event));
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  open() {
    this.panel.hidden = false;
    this.annotator.refresh();
    const row = this.rows.querySelector("[aria-current]") ?? this.rows.firstElementChild;
    (row?.querySelector("[data-pick]") ?? this.panel.querySelector("[data-close]")).focus();
  }

  close() {
    if (!this.isOpen) return;
    const inside = this.panel.contains(document.activeElement);
    this.panel.hidden = true;
    if (inside) this.canvas.focus({ preventScroll: true });
    this.annotator.refresh();
  }

  press(event) {
    const { annotator } = this;
    if (event.target.closest("[data-close]")) {
      this.close();
      return;
    }
    const key = event.target.closest("li")?.dataset.key;
    if (!key) return;
    if (event.target.closest("[data-delete]")) this.remove(key);
    else {
      annotator.put(null);
      annotator.pick(key, { show: true });
      if (event.target.closest("[data-relabel]")) annotator.edits.askLabel();
    }
  }

  key(event) {
    const here = event.target.closest("li");
    if (event.key === "Escape") this.close();
    else if (event.key === "Delete" && here) this.remove(here.dataset.key);
    else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && here) {
      const next = event.key === "ArrowDown" ? here.nextElementSibling : here.previousElementSibling;
      next?.querySelector("[data-pick]").focus();
    } else return;
    event.preventDefault();
  }

  /** The focus goes on to the row that moves up. */
  remove(key) {
    const keys = [...this.rows.children].map((row) => row.dataset.key);
    const place = keys.indexOf(key);
    if (!this.annotator.edits.remove(key)) return;
    const next = this.rows.children[Math.min(place, this.rows.children.length - 1)];
    (next?.querySelector("[data-pick]") ?? this.panel.querySelector("[data-close]")).focus();
  }

  show() {
    if (!this.isOpen) return;
    const live = this.annotator.ledger?.live ?? [];
    const active = document.activeElement;
    const held = active?.closest("#stage-list li") ? [active.closest("li").dataset.key, active.dataset] : null;
    this.rows.replaceChildren(...live.map((entry, index) => this.row(entry, index + 1)));
    this.none.hidden = live.length > 0;
    this.masks.hidden = !live.some((entry) => entry.mine);
    if (!this.masks.hidden) this.masks.href = this.annotator.ledger.server.masks;
    if (!held) return;
    const [key, data] = held;
    const row = [...this.rows.children].find((one) => one.dataset.key === key);
    row?.querySelector(`[data-${Object.keys(data)[0]}]`)?.focus({ preventScroll: true });
  }

  row(entry, number) {
    const { vocabulary, picked, mayAnnotate } = this.annotator;
    const name = vocabulary.name(entry.content);
    const row = element("li", { class: "stage-row" });
    row.dataset.key = entry.key;
    row.toggleAttribute("aria-current", entry.key === picked);
    if (entry.key === picked) row.setAttribute("aria-current", "true");
    const choose = element("button", { type: "button", class: "stage-pick", "data-pick": "" });
    choose.append(swatch(vocabulary.line(entry.content.label)), element("span", {}, `${number}. ${name}`));
    choose.append(element("small", {}, this.about(entry)));
    row.append(choose);
    if (entry.mine && mayAnnotate) {
      row.append(button("relabel", "bi-tag", `Change the label of ${number}, ${name}`));
      row.append(button("delete", "bi-trash", `Delete ${number}, ${name}`));
    }
    return row;
  }

  about(entry) {
    const form = this.annotator.form(entry.content);
    const shape = form ? NAMES[form.shape.type] : "a shape that cannot be shown here";
    const problem = { conflict: "changed in another window", refused: entry.problem?.sentence }[entry.problem?.kind];
    const unsaved = entry.content.label && this.annotator.ledger.waits(entry) ? "not saved yet" : "";
    return [shape, entry.mine ? "" : entry.creator, problem || unsaved].filter(Boolean).join(", ");
  }
}

function button(name, icon, label) {
  const made = element("button", { type: "button", class: "btn btn-icon", title: label, [`data-${name}`]: "" });
  made.append(element("i", { class: `bi ${icon}`, "aria-hidden": "true" }), element("span", { class: "visually-hidden" }, label));
  return made;
}
