// Keeps a draft on the server while it is written: one request at a time, tried again until it
// arrives. What has not arrived stays in the form, and leaving the page asks first.
import { csrfToken } from "./csrf.js";

const AFTER_MS = 700;
const TRY_AGAIN_MS = [2_000, 5_000, 10_000, 20_000];
const WORDS = {
  unreachable: "Not saved: the server cannot be reached. It stays on this page and is tried again.",
  failed: "Not saved: the server had a problem. It stays on this page and is tried again.",
  expired: "Not saved: your session has ended. What you typed stays on this page.",
  refused: "Not saved.",
};

export class Autosave {
  /** `onErrors(errors)` gets sentences by field id; `onConflict(sentence)` ends the saving. */
  constructor(form, state, { onErrors, onConflict }) {
    Object.assign(this, { form, state, onErrors, onConflict });
    this.waiting = new Set(); // keys of lesions with something new
    this.saved = new Map(); // what of each lesion the server has
    this.inFlight = null;
    this.failures = 0;
    this.ended = false;
    this.say("idle", "Your draft saves itself");
    window.addEventListener("online", () => this.waiting.size && this.send());
    window.addEventListener("beforeunload", (event) => {
      if (!this.ended && (this.waiting.size || this.inFlight)) event.preventDefault();
    });
  }

  /** Something of this lesion has changed. */
  changed(lesion) {
    if (!this.waiting.size && !this.inFlight && this.saved.get(lesion) === this.valuesOf(lesion)) return;
    this.waiting.add(lesion);
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.send(), AFTER_MS);
    if (this.state.dataset.state !== "failed") this.say("pending", "Not saved yet");
  }

  /** The form itself is being sent: it carries everything. */
  end() {
    this.ended = true;
    window.clearTimeout(this.timer);
  }

  /** Everything that waits is sent before the page is left. */
  async flush() {
    while (!this.ended && !this.failures && (this.inFlight || this.waiting.size)) await this.send();
  }

  /** Send what waits; resolves when the request under way has been answered. */
  send() {
    if (this.inFlight || this.ended || !this.waiting.size) return this.inFlight;
    window.clearTimeout(this.timer);
    this.inFlight = this.deliver().finally(() => {
      this.inFlight = null;
      if (this.waiting.size && !this.failures) this.send();
    });
    return this.inFlight;
  }

  async deliver() {
    const lesions = [...this.waiting];
    const values = lesions.map((lesion) => [lesion, this.valuesOf(lesion)]);
    this.waiting.clear();
    this.say("saving", "Saving");
    const keep = () => lesions.forEach((lesion) => this.waiting.add(lesion));
    try {
      const response = await this.post(lesions);
      if (response.ok) values.forEach(([lesion, value]) => this.saved.set(lesion, value));
      await this.answered(response, keep);
    } catch {
      keep();
      this.tryAgain(WORDS.unreachable);
    }
  }

  entriesOf(lesion) {
    return [...new FormData(this.form)].filter(([name]) => name.startsWith(`lesion-${lesion}-`));
  }

  valuesOf(lesion) {
    return JSON.stringify(this.entriesOf(lesion));
  }

  post(lesions) {
    const data = new FormData();
    for (const lesion of lesions) {
      for (const [name, value] of this.entriesOf(lesion)) data.append(name, value);
    }
    return window.fetch(this.form.dataset.saveUrl, {
      method: "POST",
      body: data,
      headers: { Accept: "application/json", "X-CSRFToken": csrfToken() },
      signal: AbortSignal.timeout(20_000),
    });
  }

  async answered(response, keep) {
    if (response.ok || response.status === 422) {
      const { saved_at: at, errors } = await response.json();
      this.failures = 0;
      this.onErrors(errors);
      const first = Object.values(errors)[0];
      if (first) this.say("failed", `Not saved: ${first}`);
      else this.say("saved", `Saved ${clock(at)}`);
    } else if (response.status === 409) {
      this.end();
      this.say("failed", "This case is closed.");
      this.onConflict((await problem(response)) || WORDS.refused);
    } else if (response.status === 401) {
      keep();
      this.tryAgain(WORDS.expired, { signIn: true });
    } else if (response.status >= 500) {
      keep();
      this.tryAgain(WORDS.failed);
    } else {
      keep();
      this.tryAgain(`${WORDS.refused} ${await problem(response)}`.trim());
    }
  }

  tryAgain(sentence, { signIn = false } = {}) {
    const wait = TRY_AGAIN_MS[Math.min(this.failures, TRY_AGAIN_MS.length - 1)];
    this.failures += 1;
    this.say("failed", sentence, { signIn });
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.send(), wait);
  }

  say(kind, sentence, { signIn = false } = {}) {
    this.state.dataset.state = kind;
    // Each saving is not worth interrupting anybody; a failure is.
    this.state.setAttribute("role", kind === "failed" ? "alert" : "none");
    const words = this.state.querySelector("[data-save-words]");
    words.textContent = sentence;
    if (!signIn) return;
    const link = document.createElement("a");
    link.href = document.querySelector("meta[name='login-url']").content;
    Object.assign(link, { target: "_blank", rel: "noopener", textContent: "Sign in in a new tab" });
    words.append(" ", link);
  }
}

function clock(iso) {
  return new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}

async function problem(response) {
  try {
    return (await response.json()).detail ?? "";
  } catch {
    return "";
  }
}
