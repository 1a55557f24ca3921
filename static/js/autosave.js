// Keeps drafts on the server while they are written: one request at a time, tried again until it
// arrives. What has not arrived stays in the form and in the browser (kept_drafts.js). Every draft
// carries the version that it is based on, so that no window overwrites another unseen.
import { csrfToken } from "./csrf.js";
import { valuesOf } from "./fields.js";
import { clock, readProblem, signInLink } from "./answers_of_server.js";

const AFTER_MS = 700;
const TRY_AGAIN_MS = [2_000, 5_000, 10_000, 20_000];
const KEPT_THERE = new Set(["case_taken", "too_late"]);
const WORDS = {
  unreachable: "Not saved: the server cannot be reached. It is kept here and tried again.",
  failed: "Not saved: the server had a problem. It is kept here and tried again.",
  expired: "Not saved: your session has ended. What you typed is kept here.",
  apart: "Not saved: changed in another window.",
  refused: "Not saved.",
};

export class Autosave {
  /**
   * `onErrors(errors)` gets sentences by field id; `onApart(conflicts)` both texts of a lesion;
   * `onClosed(problem)` ends the saving.
   */
  constructor(form, places, kept, { onErrors, onApart, onClosed }) {
    Object.assign(this, { form, places, kept, onErrors, onApart, onClosed });
    this.state = form.querySelector("#save-state");
    this.stage = form.dataset.shape === "decide" ? "changed" : "first";
    this.waiting = new Set(); // lesions with something new
    this.apart = new Map(); // lesions whose two texts wait for a choice
    this.unanswered = new Map(); // what was sent when the connection went: it may have arrived
    this.inFlight = null;
    this.failures = 0;
    this.ended = false;
    this.listeners = new AbortController();
    // After the commit there is nothing to save until somebody changes their mind.
    this.say("idle", this.stage === "first" ? "Your draft saves itself" : "");
    const { signal } = this.listeners;
    window.addEventListener("online", () => this.send(), { signal });
    window.addEventListener(
      "beforeunload",
      (event) => {
        if (!this.ended && (this.waiting.size || this.inFlight)) event.preventDefault();
      },
      { signal },
    );
  }

  /** The panel goes: another one takes its place. */
  destroy() {
    this.end();
    this.listeners.abort();
  }

  place(lesion) {
    return this.places.find((place) => place.lesion === lesion);
  }

  /** Something of this lesion has changed. */
  changed(place) {
    if (this.ended) return;
    this.kept.keep(place.lesion, this.stage, place.fields.entries(this.form));
    this.waiting.add(place.lesion);
    this.later(AFTER_MS);
    if (this.state.dataset.state !== "failed") this.say("pending", "Not saved yet");
  }

  later(wait) {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.send(), wait);
  }

  /** The whole form goes now; what is under way is waited for, because it moves the versions on. */
  async settle() {
    window.clearTimeout(this.timer);
    await this.inFlight;
  }

  /** It went: nothing waits any more. */
  end() {
    this.ended = true;
    this.waiting.clear();
    window.clearTimeout(this.timer);
  }

  /** Everything that waits is sent before the page is left. */
  async flush() {
    while (!this.ended && !this.failures && (this.inFlight || this.sendable.length)) await this.send();
  }

  get sendable() {
    return [...this.waiting].filter((lesion) => !this.apart.has(lesion));
  }

  /** Send what waits; resolves when the request under way has been answered. */
  send() {
    if (this.inFlight || this.ended || !this.sendable.length) return this.inFlight;
    window.clearTimeout(this.timer);
    this.inFlight = this.deliver(this.sendable).finally(() => {
      this.inFlight = null;
      if (this.sendable.length && !this.failures) this.later(AFTER_MS);
    });
    return this.inFlight;
  }

  async deliver(lesions) {
    const sent = new Map(lesions.map((lesion) => [lesion, this.place(lesion).fields.entries(this.form)]));
    for (const lesion of lesions) this.waiting.delete(lesion);
    this.say("saving", "Saving");
    try {
      await this.answered(await this.post(sent), sent);
    } catch {
      for (const [lesion, entries] of sent) this.unanswered.set(lesion, this.compare(lesion, entries));
      this.keep(sent);
      this.tryAgain(WORDS.unreachable);
    }
  }

  compare(lesion, entries) {
    return valuesOf(entries, `lesion-${lesion}-`);
  }

  keep(sent) {
    for (const lesion of sent.keys()) this.waiting.add(lesion);
  }

  post(sent) {
    const data = new FormData();
    data.set("reader", this.form.elements.reader.value); // not whoever may have signed in since
    for (const [name, value] of [...sent.values()].flat()) data.append(name, value);
    return window.fetch(this.form.dataset.saveUrl, {
      method: "POST",
      body: data,
      headers: { Accept: "application/json", "X-CSRFToken": csrfToken() },
      signal: AbortSignal.timeout(20_000),
    });
  }

  async answered(response, sent) {
    if (response.ok || response.status === 422) {
      const answer = await response.json();
      this.failures = 0;
      this.arrived(answer.versions, sent);
      this.onErrors(answer.errors);
      const first = Object.values(answer.errors)[0];
      if (first) this.say("failed", `Not saved: ${first}`);
      else if (this.sendable.length) this.say("pending", "Not saved yet"); // typed since it was sent
      else if (!this.apart.size) this.say("saved", `Saved ${clock(answer.saved_at)}`);
      return;
    }
    const problem = await readProblem(response);
    if (problem.code === "draft_conflict") {
      this.failures = 0;
      this.arrived(problem.versions, sent);
      this.parted(problem.conflicts);
    } else if (response.status === 409) {
      this.end();
      // A draft that came too late is kept by the server all the same.
      if (KEPT_THERE.has(problem.code)) for (const lesion of sent.keys()) this.kept.forget(lesion, this.stage);
      this.say("failed", KEPT_THERE.has(problem.code) ? "Kept as a draft, unsigned." : "Not saved.");
      this.onClosed(problem);
    } else {
      this.keep(sent);
      if (response.status === 401) this.tryAgain(WORDS.expired, { signIn: true });
      else if (response.status >= 500) this.tryAgain(WORDS.failed);
      else this.tryAgain(`${WORDS.refused} ${problem.detail ?? ""}`.trim());
    }
  }

  /** These reached the server; what was typed since still waits. */
  arrived(versions, sent) {
    for (const [lesion, version] of Object.entries(versions)) {
      const { fields } = this.place(lesion);
      fields.version.value = version;
      this.unanswered.delete(lesion);
      const now = fields.entries(this.form);
      if (this.compare(lesion, now) === this.compare(lesion, sent.get(lesion) ?? now)) {
        this.kept.forget(lesion, this.stage);
        this.waiting.delete(lesion);
      } else {
        this.waiting.add(lesion);
      }
    }
  }

  /** Two texts of a lesion; one's own, whose answer was lost on the way, is no other. */
  parted(conflicts) {
    const others = [];
    for (const conflict of conflicts) {
      const { lesion } = conflict;
      this.waiting.add(lesion);
      const fields = Object.entries(conflict.fields);
      const stored = fields.flatMap(([name, values]) => values.map((value) => [name, value]));
      if (this.unanswered.get(lesion) === this.compare(lesion, stored)) {
        this.unanswered.delete(lesion);
        this.place(lesion).fields.version.value = conflict.version;
      } else {
        this.apart.set(lesion, conflict);
        others.push(conflict);
      }
    }
    if (!others.length) return;
    this.say("failed", WORDS.apart, { choose: true });
    this.onApart([...this.apart.values()]);
  }

  /** The choice for one lesion. Taking the other leaves what the server has. */
  choose(lesion, which) {
    const { version } = this.apart.get(lesion);
    this.apart.delete(lesion);
    if (which === "mine") {
      this.place(lesion).fields.version.value = version;
      this.waiting.add(lesion);
    } else {
      this.waiting.delete(lesion);
      this.kept.forget(lesion, this.stage);
    }
    return this.apart.size === 0;
  }

  tryAgain(sentence, { signIn = false } = {}) {
    const wait = TRY_AGAIN_MS[Math.min(this.failures, TRY_AGAIN_MS.length - 1)];
    this.failures += 1;
    this.say("failed", sentence, { signIn });
    this.later(wait);
  }

  say(kind, sentence, { signIn = false, choose = false } = {}) {
    this.state.dataset.state = kind;
    // Each saving is not worth interrupting anybody; a failure is.
    this.state.setAttribute("role", kind === "failed" ? "alert" : "none");
    const words = this.state.querySelector("[data-save-words]");
    words.textContent = sentence;
    if (signIn) words.append(" ", signInLink());
    if (!choose) return;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "link-current btn-link-plain", textContent: "Choose which to keep" });
    button.addEventListener("click", () => this.onApart([...this.apart.values()]));
    words.append(" ", button);
  }
}
