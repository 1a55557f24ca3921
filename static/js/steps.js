// What the main button does: commit, show the model's answer, sign. Each is one request; whatever
// is refused leaves the page, and all that was typed, as it is.
import { readProblem } from "./answers_of_server.js";
import { csrfToken } from "./csrf.js";
import { proveForSigning } from "./signing.js";

const WORDS = {
  unreachable: "Nothing was sent: the server cannot be reached. It is all still here; try again.",
  failed: "The server had a problem, and nothing was done. It is all still here; try again.",
  expired: "Your session has ended, and nothing was done.",
};

export class Steps {
  constructor(panel) {
    Object.assign(this, { panel, form: panel.form, busy: false });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = event.submitter;
      if (button?.dataset.step) this.take(button);
      else if (button && "keepFirst" in button.dataset) this.keepFirst(button);
      else panel.draft.flush();
    });
    // The button that signs takes the place of the one that commits: the second click of a slow
    // double one was not meant for it.
    this.form.addEventListener("click", (event) => {
      if (event.detail > 1 && event.target.closest("[data-step]")) event.preventDefault();
    });
  }

  /** The button of a step with this ending: Ctrl+Enter, Ctrl+Shift+Enter. */
  press(then) {
    const buttons = [...this.form.querySelectorAll("[data-actions]:not([hidden]) [data-step]")];
    const button = buttons.find((one) => one.value === then) ?? (then === "next" ? buttons.at(-1) : null);
    if (button) this.form.requestSubmit(button);
  }

  async take(button) {
    if (this.busy || this.panel.refuseIncomplete()) return;
    this.busy = true;
    button.setAttribute("aria-disabled", "true");
    this.form.setAttribute("aria-busy", "true");
    try {
      await this[button.dataset.step](button);
    } finally {
      this.busy = false;
      button.removeAttribute("aria-disabled");
      this.form.removeAttribute("aria-busy");
    }
  }

  async commit() {
    const answer = await this.send(this.form.action);
    if (!answer) return;
    this.panel.draft.end();
    this.panel.kept.forgetAll();
    await this.panel.onFresh("Your opinion is committed. The model's answer is shown.", { toDecide: true });
  }

  async reveal(button) {
    const answer = await this.send(button.formAction);
    if (answer) await this.panel.onFresh("The model's answer is shown.", { toDecide: true });
  }

  async sign(button) {
    const { panel } = this;
    const what = panel.lines().map((line) => line.text);
    const action = (button.querySelector("[data-sign-words]") ?? button).textContent.trim();
    const prove = () => proveForSigning({ what, action });
    if (!(await prove())) return;
    const fields = { then: button.value };
    let answer = await this.send(this.form.action, fields, { mayAskForProof: true });
    // The proof ran out between the question and the signature: asked once more.
    if (answer?.code === "signing_proof_required") {
      if (!(await prove())) return;
      answer = await this.send(this.form.action, fields);
    }
    if (!answer?.url) return;
    panel.draft.end();
    panel.lock.end();
    panel.kept.forgetAll();
    window.location.assign(answer.url);
  }

  async keepFirst(button) {
    if (this.busy) return;
    this.busy = true;
    const place = this.panel.places.find((one) => one.element.contains(button));
    const answer = await this.send(button.formAction, {}, { withFields: false });
    this.busy = false;
    if (!answer) return;
    this.panel.draft.waiting.delete(place.lesion);
    this.panel.kept.forget(place.lesion, this.panel.draft.stage);
    await this.panel.onFresh("Your first opinion stands.", { open: place.lesion });
  }

  /** Post the form; the answer, or null where it was refused and said. */
  async send(url, fields = {}, { mayAskForProof = false, withFields = true } = {}) {
    const { draft, lock } = this.panel;
    await draft.settle();
    const seconds = lock.takeSeconds();
    const data = withFields ? new FormData(this.form) : new FormData();
    const more = { ...fields, active_seconds: seconds, reader: this.form.elements.reader.value };
    for (const [name, value] of Object.entries(more)) data.set(name, value);
    const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
    let response;
    try {
      response = await window.fetch(url, { method: "POST", body: data, headers });
    } catch {
      lock.active += seconds;
      draft.say("failed", WORDS.unreachable);
      if (draft.waiting.size) draft.later(2_000);
      return null;
    }
    if (response.ok) return response.json();
    return this.refused(response, mayAskForProof);
  }

  async refused(response, mayAskForProof) {
    const { panel } = this;
    const problem = await readProblem(response);
    if (mayAskForProof && problem.code === "signing_proof_required") return problem;
    if (response.status === 422) {
      panel.draft.say("failed", "Please check what is marked.");
      panel.showErrors(problem.errors ?? {}, { goThere: true });
    } else if (problem.code === "draft_conflict") {
      panel.draft.arrived(problem.versions, new Map());
      panel.draft.parted(problem.conflicts);
      if (!panel.draft.apart.size) await panel.draft.flush(); // it was one's own: press again
    } else if (response.status === 409) {
      panel.close(problem);
    } else if (response.status === 401) {
      panel.draft.say("failed", WORDS.expired, { signIn: true });
    } else {
      panel.draft.say("failed", problem.detail || WORDS.failed);
    }
    return null;
  }
}
