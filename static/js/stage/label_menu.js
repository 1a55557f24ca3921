// The menu of labels: digits or arrows and Enter choose; where a label is free text, a field asks.
import { element, swatch } from "./parts.js";

const DIGITS = "1234567890";

export class LabelMenu {
  /** `onChosen(label, text)`. */
  constructor(root, vocabulary, { onChosen }) {
    Object.assign(this, { vocabulary, onChosen });
    this.panel = root.querySelector("#stage-labels");
    this.options = this.panel.querySelector("[role='listbox']");
    this.words = this.panel.querySelector("[data-words]");
    this.field = this.words.querySelector("input");
    this.back = root.querySelector("#viewer-canvas");
    this.build();
    this.options.addEventListener("keydown", (event) => this.key(event));
    this.options.addEventListener("click", (event) => {
      const option = event.target.closest("[role='option']");
      if (option) this.choose(option);
    });
    this.panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.close();
    });
    this.panel.addEventListener("click", (event) => event.target.closest("[data-close]") && this.close());
    this.field.addEventListener("keydown", (event) => event.key === "Enter" && this.write(event));
    this.words.querySelector("button").addEventListener("click", (event) => this.write(event));
  }

  build() {
    const groups = this.vocabulary.groups.map(({ code, name, line }) => {
      const group = element("div", { role: "group", "aria-label": name });
      group.append(element("p", { class: "stage-group", "aria-hidden": "true" }, name));
      for (const label of this.vocabulary.labels.filter((one) => one.group === code)) {
        group.append(this.option(label, line));
      }
      return group;
    });
    this.options.replaceChildren(...groups);
    this.all = [...this.options.querySelectorAll("[role='option']")];
    this.all.forEach((option, place) => {
      option.id = `stage-label-${place}`;
      option.querySelector("kbd").textContent = DIGITS[place] ?? "";
    });
  }

  option(label, line) {
    const option = element("div", { role: "option", class: "stage-label", "aria-selected": "false" });
    option.dataset.code = label.code;
    option.append(swatch(line), element("span", {}, label.name), element("kbd", { "aria-hidden": "true" }));
    return option;
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  toggle(content) {
    if (this.isOpen) this.close();
    else this.open(content);
  }

  /** Open it on the label that a content has now. */
  open({ label, text }) {
    this.panel.hidden = false;
    this.words.hidden = true;
    this.field.value = text;
    for (const option of this.all) option.setAttribute("aria-selected", String(option.dataset.code === label));
    this.light(this.all.find((option) => option.dataset.code === label) ?? this.all[0]);
    this.options.focus();
  }

  /** The picture gets the keyboard back. */
  close() {
    if (!this.isOpen) return;
    const inside = this.panel.contains(document.activeElement);
    this.panel.hidden = true;
    if (inside) this.back.focus({ preventScroll: true });
  }

  light(option) {
    for (const one of this.all) one.classList.toggle("is-lit", one === option);
    this.lit = option;
    this.options.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = this.all.indexOf(this.lit);
    const steps = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: this.all.length - 1 };
    const digit = DIGITS.indexOf(event.key);
    if (event.key in steps) this.light(this.all.at(steps[event.key] % this.all.length));
    else if (event.key === "Enter" || event.key === " ") this.choose(this.lit);
    else if (digit >= 0 && this.all[digit]) this.choose(this.all[digit]);
    else if (/^[a-z]$/i.test(event.key)) this.begin(event.key, here);
    else return;
    event.preventDefault();
  }

  /** A letter goes to the next label that begins with it. */
  begin(letter, here) {
    const order = [...this.all.slice(here + 1), ...this.all.slice(0, here + 1)];
    const found = order.find((one) => this.nameOf(one).toLowerCase().startsWith(letter.toLowerCase()));
    if (found) this.light(found);
  }

  nameOf(option) {
    return this.vocabulary.label(option.dataset.code).name;
  }

  choose(option) {
    this.light(option);
    const { code, needs_text: needsText } = this.vocabulary.label(option.dataset.code);
    if (!needsText) {
      this.close();
      this.onChosen(code, "");
      return;
    }
    this.words.hidden = false;
    this.field.focus();
    this.field.select();
  }

  write(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    this.words.querySelector("[data-empty]").hidden = Boolean(text);
    if (!text) {
      this.field.focus();
      return;
    }
    this.close();
    this.onChosen(this.lit.dataset.code, text);
  }
}
