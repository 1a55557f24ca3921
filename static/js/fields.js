// The fields of one lesion: what was said, how it is set by keys, where a refusal stands.
import { Combobox } from "./combobox.js";
import { CriteriaScore } from "./criteria.js";

const NAMES = ["reason", "diagnosis", "management", "monitor_months", "confidence", "seven_point", "comment"];

export class Fields {
  constructor(element, lesion) {
    Object.assign(this, { element, prefix: `lesion-${lesion}-` });
    const field = (name) => element.querySelector(`[name="${this.prefix}${name}"]`);
    this.diagnosis = field("diagnosis");
    this.months = field("monitor_months");
    this.comment = field("comment");
    this.reason = field("reason");
    this.version = field("version");
    this.radios = [...element.querySelectorAll(`[name="${this.prefix}management"]`)];
    this.combobox = new Combobox(this.diagnosis);
    const criteria = element.querySelector("[data-criteria]");
    if (criteria) new CriteriaScore(criteria);
    this.bind();
  }

  bind() {
    this.element.querySelector(".month-choices").hidden = false;
    for (const button of this.element.querySelectorAll("[data-months]")) {
      button.addEventListener("click", () => this.setMonths(button.dataset.months));
    }
    this.favourites = [...this.element.querySelectorAll("[data-favourite]")];
    this.element.querySelector("[data-favourites]").hidden = this.favourites.length === 0;
    for (const button of this.favourites) {
      button.addEventListener("click", () => this.choose(button.dataset.diagnosis));
    }
    this.months.addEventListener("input", () => this.months.value && this.check("monitor"));
  }

  // ---- What is said ---------------------------------------------------------------------------

  /** Everything of this lesion as the form would post it: [[name, value], …]. */
  entries(form) {
    return [...new FormData(form)].filter(([name]) => name.startsWith(this.prefix));
  }

  /** The same without the version, in one order, to compare. */
  values(form) {
    return valuesOf(this.entries(form), this.prefix);
  }

  get management() {
    return this.radios.find((radio) => radio.checked)?.value ?? "";
  }

  /** What a commit needs and does not find: the field and its sentence, or null. */
  missing(number) {
    if (!this.diagnosis.value) return ["diagnosis", `Choose a diagnosis for lesion ${number}.`];
    if (!this.management) return ["management", `Choose what should happen to lesion ${number}.`];
    if (this.management === "monitor" && !this.months.value) {
      return ["monitor_months", `Say in how many months lesion ${number} should be seen again.`];
    }
    return null;
  }

  /** "Melanoma, excise, with a comment". */
  words() {
    const name = this.diagnosis.selectedOptions[0]?.dataset.name;
    const label = this.radios.find((radio) => radio.checked)?.parentElement.querySelector("span").textContent;
    let management = label?.toLowerCase();
    if (this.management === "monitor" && this.months.value) {
      management = `monitor in ${this.months.value} month${this.months.value === "1" ? "" : "s"}`;
    }
    return [name, management, this.comment.value.trim() && "with a comment"].filter(Boolean).join(", ");
  }

  // ---- Set by keys and buttons ------------------------------------------------------------------

  choose(diagnosis) {
    this.diagnosis.value = diagnosis;
    this.diagnosis.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** The diagnosis on a number key; false where the key stands for none. */
  favourite(key) {
    const button = this.favourites.find((one) => one.dataset.favourite === key);
    if (!button) return false;
    this.choose(button.dataset.diagnosis);
    return true;
  }

  check(value) {
    const radio = this.radios.find((one) => one.value === value);
    if (radio.checked) return;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  }

  setMonths(value) {
    this.check("monitor");
    this.months.value = value;
    this.months.dispatchEvent(new Event("input", { bubbles: true }));
  }

  manage(value) {
    this.check(value);
    if (value === "monitor") this.months.select();
    else this.radios.find((radio) => radio.value === value).focus();
  }

  focusDiagnosis() {
    this.combobox.input.focus();
    this.combobox.input.select();
    this.combobox.open("");
  }

  /** Put kept values back: [[name, value], …] as `entries` gave them. */
  restore(entries) {
    const values = new Map();
    for (const [name, value] of entries) values.set(name, [...(values.get(name) ?? []), value]);
    for (const control of this.element.querySelectorAll(`[name^="${this.prefix}"]`)) {
      if (control === this.version || control.type === "submit") continue;
      const kept = values.get(control.name) ?? [];
      if (["radio", "checkbox"].includes(control.type)) control.checked = kept.includes(control.value);
      else control.value = kept[0] ?? (control.type === "hidden" ? control.value : "");
    }
    this.combobox.showChosen();
    for (const control of this.element.querySelectorAll("input:checked")) {
      if (control.closest("[data-criteria]")) control.dispatchEvent(new Event("change", { bubbles: true }));
    }
    this.comment.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // ---- Refusals ----------------------------------------------------------------------------------

  refuse(name, sentence) {
    this.showError(name, sentence);
    const target = {
      diagnosis: this.combobox.input, management: this.radios[0], monitor_months: this.months, reason: this.reason,
    };
    (target[name] ?? this.comment).focus();
  }

  showError(name, sentence) {
    const slot = this.element.querySelector(`[data-field="${name}"] [data-error]`);
    if (!slot) return;
    slot.querySelector("span").textContent = sentence;
    slot.hidden = !sentence;
    const control = {
      diagnosis: this.combobox.input, monitor_months: this.months, comment: this.comment, reason: this.reason,
    }[name];
    if (sentence) control?.setAttribute("aria-invalid", "true");
    else control?.removeAttribute("aria-invalid");
    (control ?? slot.closest("fieldset")).setAttribute("aria-describedby", slot.id);
  }

  /** Sentences by the id of their field, as the server says them; the first one that is here. */
  showErrors(errors) {
    let first = null;
    for (const name of NAMES) {
      const sentence = errors[`id_${this.prefix}${name}`] ?? errors[`id_${this.prefix}criteria-${name}`];
      if (!sentence) continue;
      this.showError(name, sentence);
      first ??= [name, sentence];
    }
    return first;
  }

  clearErrors() {
    for (const name of NAMES) this.showError(name, "");
  }

  refresh() {
    this.element.dataset.management = this.management;
    for (const button of this.favourites) {
      button.setAttribute("aria-pressed", String(button.dataset.diagnosis === this.diagnosis.value));
    }
  }
}

/** Entries as {name: [values]} without the version and what is empty, as the server compares them. */
export function valuesOf(entries, prefix) {
  const values = {};
  for (const [name, value] of entries) {
    if (name === `${prefix}version` || value === "") continue;
    (values[name] ??= []).push(String(value).replaceAll("\r\n", "\n"));
  }
  const names = Object.keys(values).sort();
  return JSON.stringify(names.map((name) => [name, values[name].sort()]));
}
