// A select becomes a field with type-ahead (WAI-ARIA combobox with a list, manual selection).
// The select stays in the form and carries the value, so the page works the same without this file.
const ICONS = {
  benign: "bi-check-circle-fill",
  indeterminate: "bi-diamond-half",
  malignant: "bi-exclamation-triangle-fill",
};

function words(text) {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").split(/[^\p{L}\p{N}.]+/u).filter(Boolean);
}

/** How well an option answers the words typed: 0 not at all, more is better. */
function score(option, typed) {
  const name = words(option.dataset.name);
  const others = words(`${option.dataset.codes} ${option.dataset.path}`);
  let total = 1;
  for (const [index, word] of typed.entries()) {
    if (name[0]?.startsWith(word) && index === 0) total += 4;
    else if (name.some((part) => part.startsWith(word))) total += 2;
    else if (!others.some((part) => part.startsWith(word))) return 0;
  }
  return total;
}

export class Combobox {
  constructor(select) {
    this.select = select;
    this.options = [...select.options].filter((option) => option.value);
    this.build();
    this.bind();
    this.showChosen();
  }

  build() {
    const { select } = this;
    this.box = document.createElement("div");
    this.box.className = "combobox";
    this.input = document.createElement("input");
    Object.assign(this.input, { type: "text", className: "form-control", autocomplete: "off" });
    Object.assign(this.input, { id: select.id, placeholder: "Type to search, or choose" });
    this.list = document.createElement("ul");
    Object.assign(this.list, { id: `${select.id}_list`, className: "combobox-list", hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Diagnoses");
    const attributes = {
      role: "combobox", spellcheck: "false", "aria-autocomplete": "list", "aria-expanded": "false",
      "aria-controls": this.list.id, "aria-describedby": `${select.id}_error`,
    };
    for (const [name, value] of Object.entries(attributes)) this.input.setAttribute(name, value);
    if (select.getAttribute("aria-invalid")) this.input.setAttribute("aria-invalid", "true");
    select.id = `${select.id}_select`;
    select.hidden = true;
    select.before(this.box);
    this.box.append(this.input, this.list, select);
  }

  bind() {
    this.input.addEventListener("input", () => this.open(this.input.value));
    this.input.addEventListener("click", () => this.list.hidden && this.open(""));
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.leave());
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the field keeps the focus
      const item = event.target.closest("[role='option']");
      if (item) this.choose(this.optionOf(item));
    });
    this.select.addEventListener("change", () => this.showChosen());
  }

  key(event) {
    if (event.ctrlKey || event.metaKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (this.list.hidden) this.open("");
      else this.activate(this.active + step);
    } else if (event.key === "Enter") {
      event.preventDefault(); // never submits the form
      if (!this.list.hidden && this.items[this.active]) this.choose(this.optionOf(this.items[this.active]));
    } else if (event.key === "Tab" && !this.list.hidden && this.typed && this.items[this.active]) {
      this.choose(this.optionOf(this.items[this.active]));
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
      this.showChosen();
    }
  }

  /** Show what matches; with nothing typed the whole tree, headings and all. */
  open(text) {
    const typed = words(text);
    this.typed = typed.length > 0;
    const found = this.typed ? this.ranked(typed) : this.options;
    let heading = "";
    this.list.replaceChildren();
    for (const option of found) {
      const group = option.parentElement.label ?? "";
      if (!this.typed && group !== heading) this.list.append(this.headingRow(group));
      heading = group;
      this.list.append(this.row(option));
    }
    if (!found.length) this.list.append(this.emptyRow());
    this.items = [...this.list.querySelectorAll("[role='option']")];
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    const chosen = this.items.findIndex((item) => this.optionOf(item).selected);
    this.list.scrollIntoView({ block: "nearest" });
    this.activate(this.typed ? 0 : chosen);
  }

  ranked(typed) {
    const scored = this.options.map((option) => [score(option, typed), option]);
    return scored.filter(([points]) => points).sort((a, b) => b[0] - a[0]).map(([, option]) => option);
  }

  row(option) {
    const item = document.createElement("li");
    const { name, path, meaning, depth } = option.dataset;
    item.id = `${this.list.id}_${option.value}`;
    item.dataset.value = option.value;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", String(option.selected));
    if (!this.typed && depth > 1) item.classList.add("combobox-deeper");
    const icon = document.createElement("i");
    icon.className = `bi ${ICONS[meaning]} text-${meaning}`;
    icon.setAttribute("aria-hidden", "true");
    const label = document.createElement("span");
    label.textContent = name;
    const note = document.createElement("small");
    note.textContent = this.typed && path ? `${path.split(" › ")[0]} · ${meaning}` : meaning;
    item.append(icon, label, note);
    return item;
  }

  headingRow(text) {
    const item = document.createElement("li");
    Object.assign(item, { className: "combobox-heading", textContent: text });
    item.setAttribute("role", "presentation");
    return item;
  }

  emptyRow() {
    const item = this.headingRow("No diagnosis has that name. Try fewer letters.");
    item.className = "combobox-none";
    return item;
  }

  activate(index) {
    this.items[this.active]?.classList.remove("is-active");
    this.active = this.items.length ? Math.min(Math.max(index, -1), this.items.length - 1) : -1;
    const item = this.items[this.active];
    if (!item) return this.input.removeAttribute("aria-activedescendant");
    item.classList.add("is-active");
    this.input.setAttribute("aria-activedescendant", item.id);
    return item.scrollIntoView({ block: "nearest" });
  }

  optionOf(item) {
    return this.options.find((option) => option.value === item.dataset.value);
  }

  choose(option) {
    this.close();
    this.select.value = option?.value ?? "";
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** On leaving: a name typed in full counts, an emptied field clears, anything else goes back. */
  leave() {
    const typed = this.input.value.trim().toLowerCase();
    const same = this.options.find((option) => option.dataset.name.toLowerCase() === typed);
    const chosen = this.select.selectedOptions[0];
    this.close();
    if (typed === "" ? chosen?.value : same && same !== chosen) this.choose(same);
    else this.showChosen();
  }

  close() {
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  showChosen() {
    const chosen = this.select.selectedOptions[0];
    this.input.value = chosen?.value ? chosen.dataset.name : "";
    this.input.title = this.input.value;
    this.box.dataset.meaning = chosen?.dataset.meaning ?? "";
  }
}
