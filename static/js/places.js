// The lesions of the review screen: what was said, what is missing, and the summary above the
// signature.
import { Combobox } from "./combobox.js";

export class Place {
  constructor(element) {
    this.element = element;
    this.lesion = element.dataset.lesion;
    this.number = element.dataset.number;
    this.prefix = `lesion-${this.lesion}-`;
    this.diagnosis = element.querySelector(`[name="${this.prefix}diagnosis"]`);
    this.months = element.querySelector(`[name="${this.prefix}monitor_months"]`);
    this.comment = element.querySelector(`[name="${this.prefix}comment"]`);
    this.radios = [...element.querySelectorAll(`[name="${this.prefix}management"]`)];
    this.combobox = new Combobox(this.diagnosis);
    this.bind();
    this.refresh();
  }

  bind() {
    this.element.addEventListener("click", (event) => {
      if (!event.target.closest("[data-confirm]")) return;
      event.preventDefault();
      this.confirm();
    });
    this.element.querySelector(".month-choices").hidden = false;
    for (const button of this.element.querySelectorAll("[data-months]")) {
      button.addEventListener("click", () => this.setMonths(button.dataset.months));
    }
    this.months.addEventListener("input", () => this.months.value && this.check("monitor"));
    this.element.addEventListener("change", () => this.refresh());
    this.element.addEventListener("input", () => this.refresh());
  }

  /** It may come later, with the model's answer. */
  get confirmButton() {
    return this.element.querySelector("[data-confirm]");
  }

  get management() {
    return this.radios.find((radio) => radio.checked)?.value ?? "";
  }

  check(value) {
    const radio = this.radios.find((one) => one.value === value);
    if (radio.checked) return;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  }

  confirm() {
    if (!this.confirmButton) return false;
    this.diagnosis.value = this.confirmButton.dataset.confirm;
    this.diagnosis.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }

  setMonths(value) {
    this.check("monitor");
    this.months.value = value;
    this.months.dispatchEvent(new Event("input", { bubbles: true }));
  }

  open() {
    this.element.open = true;
  }

  focusDiagnosis() {
    this.open();
    this.combobox.input.focus();
    this.combobox.input.select();
    this.combobox.open("");
  }

  focusComment() {
    this.open();
    this.comment.focus();
  }

  manage(value) {
    this.open();
    this.check(value);
    if (value === "monitor") this.months.select();
    else this.radios.find((radio) => radio.value === value).focus();
  }

  /** What a signature needs and does not find: the field and its sentence, or null. */
  missing() {
    if (!this.diagnosis.value) {
      return ["diagnosis", `Choose a diagnosis for lesion ${this.number} before you sign.`];
    }
    if (!this.management) {
      return ["management", `Choose what should happen to lesion ${this.number} before you sign.`];
    }
    if (this.management === "monitor" && !this.months.value) {
      return ["monitor_months", `Say in how many months lesion ${this.number} should be seen again.`];
    }
    return null;
  }

  /** Put a sentence at a field and go there. */
  refuse(field, sentence) {
    this.open();
    this.showError(field, sentence);
    const target = { diagnosis: this.combobox.input, management: this.radios[0], monitor_months: this.months };
    (target[field] ?? this.comment).focus();
  }

  showError(field, sentence) {
    const slot = this.element.querySelector(`[data-field="${field}"] [data-error]`);
    slot.querySelector("span").textContent = sentence;
    slot.hidden = !sentence;
    const control = { diagnosis: this.combobox.input, monitor_months: this.months, comment: this.comment }[field];
    control?.toggleAttribute("aria-invalid", Boolean(sentence));
    if (sentence) control?.setAttribute("aria-invalid", "true");
    control?.setAttribute("aria-describedby", slot.id);
    if (field === "management") slot.closest("fieldset").setAttribute("aria-describedby", slot.id);
  }

  clearErrors() {
    for (const field of ["diagnosis", "management", "monitor_months", "comment"]) this.showError(field, "");
  }

  refresh() {
    const agrees = this.confirmButton?.dataset.confirm === this.diagnosis.value;
    this.confirmButton?.setAttribute("aria-pressed", String(agrees));
    this.element.dataset.management = this.management;
    const state = this.element.querySelector("[data-place-state]");
    const missing = this.missing();
    state.className = `place-state ${missing ? "" : "is-complete"}`;
    const said = this.diagnosis.value || this.management || this.comment.value;
    state.textContent = missing ? (said ? "Begun" : "To do") : "Ready";
  }

  /** "Melanoma, excise" or what is missing, for the summary. */
  summary() {
    const name = this.diagnosis.selectedOptions[0]?.dataset.name;
    const label = this.radios.find((radio) => radio.checked)?.parentElement.querySelector("span").textContent;
    let management = label?.toLowerCase();
    if (this.management === "monitor" && this.months.value) {
      management = `monitor in ${this.months.value} month${this.months.value === "1" ? "" : "s"}`;
    }
    const open = { diagnosis: "No diagnosis yet", management: "No recommendation yet", monitor_months: "No months yet" };
    const said = [name, management, this.comment.value.trim() && "with a comment"];
    const missing = open[this.missing()?.[0]];
    const text = [said.filter(Boolean).join(", "), missing].filter(Boolean).join(". ");
    return { number: this.number, text, isOpen: Boolean(missing) };
  }
}
