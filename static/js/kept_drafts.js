// What was typed and has not reached the server, kept in this browser: by person, case, lesion and
// stage, so that nobody else who reads on this computer finds it. sign_out.js takes it away.
const PREFIX = "unsent-read";

export class KeptDrafts {
  constructor(person, caseKey) {
    this.start = `${PREFIX}:${person}:${caseKey}`;
  }

  name(lesion, stage) {
    return `${this.start}:${lesion}:${stage}`;
  }

  /** `entries` as the form would post them. */
  keep(lesion, stage, entries) {
    try {
      const kept = { at: new Date().toISOString(), entries };
      window.localStorage.setItem(this.name(lesion, stage), JSON.stringify(kept));
    } catch {
      // Storage is full or blocked: it is still in the form, and leaving the page asks first.
    }
  }

  /** {at, entries} or null. */
  find(lesion, stage) {
    try {
      const kept = JSON.parse(window.localStorage.getItem(this.name(lesion, stage)) ?? "null");
      return Array.isArray(kept?.entries) && !Number.isNaN(Date.parse(kept.at)) ? kept : null;
    } catch {
      return null;
    }
  }

  forget(lesion, stage) {
    try {
      window.localStorage.removeItem(this.name(lesion, stage));
    } catch {
      // Storage is blocked: nothing was kept either.
    }
  }

  /** The case is committed or signed: nothing of it waits any more. */
  forgetAll() {
    try {
      for (const name of Object.keys(window.localStorage)) {
        if (name.startsWith(`${this.start}:`)) window.localStorage.removeItem(name);
      }
    } catch {
      // As above.
    }
  }
}
