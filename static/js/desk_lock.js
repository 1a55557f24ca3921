// Whose desk the case lies on: taken when the page opens, kept while it is looked at, given back
// when it is left untouched.
import { readProblem } from "./answers_of_server.js";
import { csrfToken } from "./csrf.js";

const BEAT_MS = 60_000;

export class DeskLock {
  /** `onTaken(problem)` when a colleague has the case, or nobody can read it any more. */
  constructor(room, { onTaken }) {
    Object.assign(this, { urls: room.dataset, onTaken, active: 0, ended: "taken" in room.dataset });
    if (this.ended) return;
    window.setInterval(() => {
      if (!document.hidden) this.active += 1;
    }, 1_000);
    this.timer = window.setInterval(() => !document.hidden && this.beat(), BEAT_MS);
    // A laptop that was closed: the lock may have gone to somebody else meanwhile.
    document.addEventListener("visibilitychange", () => !document.hidden && this.beat());
  }

  /** Take the case; {reading} where that went well, null otherwise. */
  async assign() {
    if (this.ended) return null;
    return this.post(this.urls.assignUrl);
  }

  beat() {
    if (this.ended) return null;
    const seconds = this.takeSeconds();
    return this.post(this.urls.lockUrl, { active_seconds: seconds }).then((answer) => {
      if (!answer) this.active += seconds; // it goes with the next one
    });
  }

  /** The seconds since they were last reported, for a step that reports them itself. */
  takeSeconds() {
    const seconds = this.active;
    this.active = 0;
    return seconds;
  }

  end() {
    this.ended = true;
    window.clearInterval(this.timer);
  }

  /** Leaving: the server gives back what nothing was written on. */
  async release() {
    if (this.ended) return;
    this.end();
    await this.post(this.urls.releaseUrl, {}, { keepalive: true });
  }

  async post(url, fields = {}, options = {}) {
    let response;
    try {
      response = await window.fetch(url, {
        method: "POST",
        body: new URLSearchParams({ ...fields, reader: this.urls.person }),
        headers: { Accept: "application/json", "X-CSRFToken": csrfToken() },
        ...options,
      });
    } catch {
      return null; // the next beat, or the saving, finds out
    }
    if (response.ok) return response.json();
    if (response.status === 409 && !this.ended) {
      this.end();
      this.onTaken(await readProblem(response));
    }
    return null;
  }
}
