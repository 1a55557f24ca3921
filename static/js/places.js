// The lesions of the panel: one before the commit, one after it.
import { Fields, valuesOf } from "./fields.js";

/** Before the commit: the fields stand open, and say what will be committed or signed. */
export class Place {
  constructor(element, form) {
    Object.assign(this, { element, form });
    this.lesion = element.dataset.lesion;
    this.number = element.dataset.number;
    this.fields = new Fields(element, this.lesion);
    this.untouched = this.fields.values(form);
    element.addEventListener("click", (event) => {
      if (!event.target.closest("[data-confirm]")) return;
      event.preventDefault();
      this.confirm();
    });
    element.addEventListener("change", () => this.refresh());
    element.addEventListener("input", () => this.refresh());
    this.refresh();
  }

  /** It may come later, with the model's answer. */
  get confirmButton() {
    return this.element.querySelector("[data-confirm]");
  }

  confirm() {
    if (!this.confirmButton) return false;
    this.fields.choose(this.confirmButton.dataset.confirm);
    return true;
  }

  open() {
    this.element.open = true;
  }

  /** Make the fields ready for a key; they always are before the commit. */
  reach() {
    this.open();
    return true;
  }

  missing() {
    return this.fields.missing(this.number);
  }

  refuse(name, sentence) {
    this.reach();
    this.fields.refuse(name, sentence);
  }

  refresh() {
    this.fields.refresh();
    const agrees = this.confirmButton?.dataset.confirm === this.fields.diagnosis.value;
    this.confirmButton?.setAttribute("aria-pressed", String(agrees));
    const missing = this.missing();
    const { diagnosis, management, comment } = this.fields;
    const said = diagnosis.value || management || comment.value;
    this.tell(missing ? (said ? "Begun" : "To do") : "Ready", !missing);
  }

  tell(words, isComplete) {
    const state = this.element.querySelector("[data-place-state]");
    state.className = `place-state ${isComplete ? "is-complete" : ""}`;
    state.textContent = words;
  }

  /** What will stand under the button's promise: {number, text, isOpen}. */
  summary() {
    const open = { diagnosis: "No diagnosis yet", management: "No recommendation yet", monitor_months: "No months yet" };
    const missing = open[this.missing()?.[0]];
    const text = [this.fields.words(), missing].filter(Boolean).join(". ");
    return { number: this.number, text, isOpen: Boolean(missing) };
  }
}

/** After the commit: the first opinion stands, and another one has a reason. */
export class DecidedPlace extends Place {
  constructor(element, form) {
    super(element, form);
    const first = Object.entries(JSON.parse(element.dataset.firstFields));
    this.first = valuesOf(first.flatMap(([name, values]) => values.map((value) => [name, value])), this.fields.prefix);
    this.change = element.querySelector("[data-change]");
    this.change?.addEventListener("toggle", () => {
      // Only from the line that was pressed: the event comes late, and a reader who opened it by key
      // may have left the field by then. The next key would be typed into it and lost as an opinion.
      const pressed = document.activeElement?.closest("summary")?.parentElement === this.change;
      if (this.change.open && pressed && !this.isChanged) this.fields.reason.focus();
    });
    this.refresh();
  }

  /** Whether something else is said than at first; a reason alone changes nothing. */
  get isChanged() {
    const name = `${this.fields.prefix}reason`;
    const said = this.fields.entries(this.form).filter(([one]) => one !== name);
    return valuesOf(said, this.fields.prefix) !== this.first;
  }

  reach() {
    this.open();
    if (!this.change) return false;
    this.change.open = true;
    return true;
  }

  startChange() {
    if (!this.reach()) return;
    this.fields.reason.focus();
  }

  missing() {
    if (!this.isChanged) return null;
    if (!this.fields.reason.value.trim()) {
      return ["reason", `Say why you changed your opinion on lesion ${this.number}.`];
    }
    return super.missing();
  }

  refresh() {
    if (this.change === undefined) return; // the base class is not ready for it yet
    this.fields.refresh();
    this.tell(this.isChanged ? (this.missing() ? "Begun" : "Changed") : "Kept", !this.missing());
  }

  summary() {
    if (!this.isChanged) return { number: this.number, text: this.element.dataset.first, isOpen: false };
    const missing = this.missing() && (this.fields.reason.value.trim() ? "Not complete" : "No reason yet");
    const words = this.fields.words().replace(/^\p{Lu}/u, (letter) => letter.toLowerCase());
    const text = [`Changed to ${words}`, missing].filter(Boolean).join(". ");
    return { number: this.number, text, isOpen: Boolean(missing) };
  }
}
