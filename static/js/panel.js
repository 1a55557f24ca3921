// The panel beside the picture: the lesions, the promise above the main button, and the step that
// the button takes. After a commit another panel takes its place, and the picture stays as it is.
import { Autosave } from "./autosave.js";
import { DecidedPlace, Place } from "./places.js";
import { DraftsApart } from "./drafts_apart.js";
import { offerKept } from "./restoring.js";
import { Steps } from "./steps.js";

export class Panel {
  /** `onCommitted()` and `onChanged(sentence)` ask the page for a fresh panel. */
  constructor(room, { lock, kept, onFresh }) {
    Object.assign(this, { room, lock, kept, onFresh });
    this.form = document.getElementById("opinion");
    this.shape = this.form.dataset.shape;
    this.scroll = document.getElementById("opinion-scroll");
    const Kind = this.shape === "decide" ? DecidedPlace : Place;
    this.elements = [...this.form.querySelectorAll(".place")];
    const withFields = this.elements.filter((element) => element.querySelector("select"));
    this.places = withFields.map((element) => new Kind(element, this.form));
    this.apart = new DraftsApart({
      onChosen: (lesion, which) => this.draft.choose(lesion, which),
      onDone: (choice) => this.chosen(choice),
    });
    this.draft = new Autosave(this.form, this.places, kept, {
      onErrors: (errors) => this.showErrors(errors),
      onApart: (conflicts) => this.apart.show(conflicts),
      onClosed: (problem) => this.close(problem),
    });
    this.steps = new Steps(this);
    this.bind();
    if ("taken" in this.form.dataset) this.draft.end();
    else for (const place of this.places) offerKept(place, kept, this.draft.stage);
    this.showSummary();
  }

  bind() {
    for (const kind of ["input", "change"]) {
      this.form.addEventListener(kind, (event) => this.heard(event.target));
    }
    this.form.addEventListener("keydown", (event) => {
      const alone = event.key === "Enter" && !event.ctrlKey && !event.metaKey;
      if (alone && event.target.matches("input")) event.preventDefault(); // it would press a button
    });
    for (const button of this.form.querySelectorAll("[data-without-script]")) button.hidden = true;
    this.form.querySelector("[aria-invalid='true'], .field-error:not([hidden])")?.closest(".read-field")
      ?.querySelector("input:not([hidden]), textarea")?.focus();
  }

  heard(target) {
    const place = this.places.find((one) => one.element.contains(target));
    if (!place || !target.name?.startsWith(place.fields.prefix)) return;
    place.fields.clearErrors();
    this.showSummary();
    this.draft.changed(place);
  }

  destroy() {
    this.draft.destroy();
  }

  get openPlace() {
    return this.places.find((place) => place.element.open) ?? this.places[0];
  }

  /** Open a lesion, with or without fields. */
  openLesion(lesion) {
    const element = this.elements.find((one) => one.dataset.lesion === lesion);
    if (element) element.open = true;
  }

  nextLesion() {
    const here = this.elements.findIndex((element) => element.open);
    const next = this.elements[(here + 1) % this.elements.length];
    next.open = true;
    next.querySelector("summary").focus();
  }

  // ---- What the main button will do ---------------------------------------------------------------

  /** One line for what is said of lesions; lesions of which the same is said share it. */
  lines() {
    const groups = new Map();
    for (const { number, text, isOpen } of this.places.map((place) => place.summary())) {
      const group = groups.get(text) ?? { numbers: [], isOpen };
      group.numbers.push(number);
      groups.set(text, group);
    }
    return [...groups].map(([text, { numbers, isOpen }]) => {
      const which = `Lesion${numbers.length > 1 ? "s" : ""} ${new Intl.ListFormat("en-GB").format(numbers)}: `;
      return { text: this.places.length > 1 ? which + text : text, isOpen };
    });
  }

  showSummary() {
    if (!this.places.length) return;
    const list = document.getElementById("sign-lines");
    const lines = this.lines().map(({ text, isOpen }) => {
      const line = Object.assign(document.createElement("li"), { textContent: text });
      line.classList.toggle("is-open", isOpen);
      return line;
    });
    list.replaceChildren(...lines);
    // A list that scrolls must be reachable; one that does not would be a stop for nothing.
    list.toggleAttribute("tabindex", false);
    if (list.scrollHeight > list.clientHeight) list.tabIndex = 0;
    const words = this.form.querySelector("[data-sign-words]");
    if (words && this.shape === "decide") {
      const isChanged = this.places.some((place) => place.isChanged);
      words.textContent = isChanged ? "Change and sign" : "Keep and sign";
    }
  }

  /** The first lesion that lacks something: told at its field, which gets the focus. */
  refuseIncomplete() {
    for (const place of this.places) {
      const missing = place.missing();
      if (missing) {
        place.refuse(...missing);
        return true;
      }
    }
    return false;
  }

  showErrors(errors, { goThere = false } = {}) {
    for (const place of this.places) {
      const first = place.fields.showErrors(errors);
      if (!first || !goThere) continue;
      place.refuse(...first);
      goThere = false;
    }
  }

  // ---- Two windows, two readers ---------------------------------------------------------------------

  async chosen({ isOneTaken }) {
    await this.draft.flush();
    if (isOneTaken) await this.onFresh("The other window's text is here now.");
    else this.openPlace.element.querySelector("summary").focus();
  }

  /** Nobody writes here any more: a colleague has the case, or it has moved on. */
  close({ code, detail = "" }) {
    this.draft.end();
    this.lock.end();
    const isLate = ["too_late", "committed", "already_read", "case_state"].includes(code);
    const notice = document.getElementById("closed-notice");
    notice.querySelector("[data-sentence]").textContent = detail;
    notice.hidden = false;
    this.form.querySelector("[data-fields]").disabled = true;
    this.form.querySelector("[data-actions]").hidden = true;
    this.form.querySelector("[data-closed-actions]").hidden = false;
    const link = this.form.querySelector("[data-see-both]");
    link.hidden = !isLate;
    link.textContent = code === "too_late" ? "See both opinions" : "See how it stands";
    this.scroll.scrollTop = 0;
    notice.focus();
  }
}
