// The annotations of one image: what this person wants, what the server has, and the way from one
// to the other. One request at a time; what does not arrive is kept and tried again.
//
// An entry is {key, content, kept, version, mine, creator, problem}: `content` is what is wanted
// ({label, text, selector}, or null for "gone"), `kept` what the server has in its `version`.
import { Unsent } from "./unsent.js";

const TRY_AGAIN_MS = [2_000, 5_000, 10_000, 20_000];
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

export class Ledger extends EventTarget {
  constructor(server, image, reading) {
    super();
    Object.assign(this, { server, image, entries: new Map(), mayAnnotate: false, failures: 0 });
    this.state = { kind: "loading" };
    this.unsent = new Unsent(image, reading);
    window.addEventListener("online", () => this.send());
  }

  /** Ask the server. What was left unsent by an earlier page is wanted again. */
  async load() {
    try {
      const { entries, mayAnnotate } = await this.server.list();
      this.failures = 0;
      this.mayAnnotate = mayAnnotate;
      for (const one of entries) this.entries.set(one.key, { ...one, kept: one.content, problem: null });
      if (mayAnnotate) for (const [key, left] of this.unsent.load()) this.takeUp(key, left);
      this.say({ kind: "ready" });
      this.dispatchEvent(new Event("change"));
      this.send();
    } catch ({ kind, sentence }) {
      this.say({ kind: "unread", sentence });
      if (kind !== "closed") this.timer = setTimeout(() => this.load(), this.pause());
    }
  }

  /** How long to wait before the next attempt: longer each time. */
  pause() {
    return TRY_AGAIN_MS[Math.min(this.failures++, TRY_AGAIN_MS.length - 1)];
  }

  takeUp(key, { version, content }) {
    const entry = this.entries.get(key);
    if (entry && !entry.mine) return;
    if (!entry) this.entries.set(key, this.fresh(key));
    const here = this.entries.get(key);
    // The version it was drawn on, so that the server notices what happened since.
    Object.assign(here, { content: content ?? null, version });
    if (same(here.content, here.kept)) here.version = entry?.version ?? version;
  }

  fresh(key) {
    return { key, content: null, kept: null, version: 0, mine: true, creator: "", problem: null };
  }

  get live() {
    return [...this.entries.values()].filter((entry) => entry.content);
  }

  get(key) {
    return this.entries.get(key) ?? null;
  }

  /** Want this content for a key (null: gone). Returns what was wanted before. */
  want(key, content) {
    if (!this.entries.has(key)) this.entries.set(key, this.fresh(key));
    const entry = this.entries.get(key);
    const before = entry.content;
    entry.content = content;
    if (entry.problem?.kind === "refused") entry.problem = null;
    this.remember();
    this.dispatchEvent(new CustomEvent("change", { detail: { key } }));
    this.send();
    return before;
  }

  waits(entry) {
    return !same(entry.content, entry.kept) && (entry.content ? entry.content.label : entry.version > 0);
  }

  /** Drawn, but not yet named: the server takes nothing without a label. */
  get unnamed() {
    return this.live.filter(({ content }) => !content.label);
  }

  get waiting() {
    return [...this.entries.values()].filter((entry) => this.waits(entry));
  }

  get conflicts() {
    return [...this.entries.values()].filter((entry) => entry.problem?.kind === "conflict");
  }

  /** Everything that would be lost with the page. */
  get atRisk() {
    return [...this.waiting, ...this.unnamed];
  }

  remember() {
    this.unsent.save(this.atRisk.map(({ key, version, content }) => [key, { version, content }]));
  }

  /** Send what waits; resolves when it has arrived or cannot now. */
  send() {
    if (!this.mayAnnotate) return null;
    window.clearTimeout(this.timer);
    this.sending ??= this.deliver().finally(() => {
      this.sending = null;
    });
    return this.sending;
  }

  async deliver() {
    for (;;) {
      const next = this.waiting.find((entry) => !entry.problem);
      if (!next) break;
      this.say({ kind: "saving" });
      const sent = next.content;
      try {
        const { server } = this;
        const answer = sent
          ? await server.put(next.key, next.version, sent)
          : await server.remove(next.key, next.version);
        this.arrived(next, sent, answer);
      } catch (refusal) {
        if (!this.refused(next, sent, refusal)) return;
      }
    }
    this.remember();
    this.say(this.waiting.length ? { kind: "stuck" } : { kind: this.savedAt ? "saved" : "ready" });
  }

  arrived(entry, sent, { version, content }) {
    this.failures = 0;
    this.savedAt = new Date();
    // The server may have moved a shape to the edge of the image: then that is what stands here too.
    const kept = sent && content ? content : sent;
    if (same(entry.content, sent) && !same(kept, entry.content)) {
      entry.content = kept;
      this.dispatchEvent(new CustomEvent("change", { detail: { key: entry.key } }));
    }
    Object.assign(entry, { version, kept });
    this.remember();
  }

  /** Whether to go on with the others. */
  refused(entry, sent, refusal) {
    const { kind, sentence, current } = refusal;
    if (kind === "conflict" && same(current.content, sent)) {
      this.arrived(entry, sent, current); // it had arrived; only the answer was lost
      return true;
    }
    if (kind === "conflict") entry.problem = { kind, current };
    else if (kind === "refused") entry.problem = { kind, sentence };
    if (entry.problem) {
      this.dispatchEvent(new CustomEvent("change", { detail: { key: entry.key } }));
      return true;
    }
    this.remember();
    this.say({ kind, sentence });
    if (kind === "closed") this.mayAnnotate = false;
    else this.timer = setTimeout(() => this.send(), this.pause());
    this.dispatchEvent(new Event("change"));
    return false;
  }

  /** The person has chosen: "mine" builds on what the server has, "theirs" gives mine up. */
  settle(key, choice) {
    const entry = this.entries.get(key);
    const { current } = entry.problem;
    Object.assign(entry, { problem: null, version: current.version, kept: current.content });
    if (choice === "theirs") entry.content = current.content;
    this.remember();
    this.dispatchEvent(new CustomEvent("change", { detail: { key } }));
    this.send();
  }

  say(state) {
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}
