// The annotations of one image as the server has them, over HTTP. Every answer is checked: what is
// not what was agreed is a `Refusal` of kind "failed", and never reaches the page.
import { csrfToken } from "../csrf.js";

const PATIENCE_MS = 20_000;

/** kind: unreachable, failed, expired, closed, refused (with a sentence), conflict (with current). */
export class Refusal extends Error {
  constructor(kind, { sentence = "", current = null } = {}) {
    super(sentence || kind);
    Object.assign(this, { kind, sentence, current });
  }
}

export class Server {
  /** `address` of the image's list; that of one annotation is below it. */
  constructor(address) {
    this.address = address;
  }

  /** {entries: [{key, version, content, creator, mine}], mayAnnotate} */
  async list() {
    const answer = await this.ask(this.address);
    if (!Array.isArray(answer?.annotations)) throw new Refusal("failed");
    const entries = answer.annotations.map(entryOf).filter(Boolean);
    return { entries, mayAnnotate: answer.may_annotate === true };
  }

  /** The entry as it now stands. `version` is the one this builds on, 0 for a new one. */
  async put(key, version, { label, text, selector }) {
    const body = JSON.stringify({ version, label, text, target: { selector } });
    return this.stored(await this.ask(this.one(key), { method: "PUT", body }), key);
  }

  async remove(key, version) {
    return this.stored(await this.ask(`${this.one(key)}?version=${version}`, { method: "DELETE" }), key);
  }

  /** One's own regions as black and white pictures, a zip. */
  get masks() {
    return this.address.replace(/annotations\/$/, "masks/?mine=1");
  }

  one(key) {
    return `${this.address}${encodeURIComponent(key)}/`;
  }

  stored(answer, key) {
    if (answer?.key !== key || !Number.isInteger(answer.version)) throw new Refusal("failed");
    return { version: answer.version, content: contentOf(answer) };
  }

  async ask(address, { method = "GET", body } = {}) {
    const headers = { Accept: "application/json" };
    if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
    if (body) headers["Content-Type"] = "application/json";
    let response;
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      response = await fetch(address, { method, headers, body, signal, redirect: "error" });
    } catch {
      throw new Refusal("unreachable");
    }
    const answer = await response.json().catch(() => null);
    if (response.ok && answer) return answer;
    throw refusalOf(response.status, answer);
  }
}

function refusalOf(status, answer) {
  const sentence = typeof answer?.detail === "string" ? answer.detail : "";
  if (status === 401) return new Refusal("expired");
  if (status === 403 || status === 404) return new Refusal("closed", { sentence });
  if (status === 409) {
    const current = entryOf(answer?.current);
    return current ? new Refusal("conflict", { sentence, current }) : new Refusal("failed");
  }
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) return new Refusal("refused", { sentence });
  return new Refusal("failed");
}

function entryOf(one) {
  if (typeof one?.key !== "string" || !Number.isInteger(one.version)) return null;
  const creator = typeof one.creator === "string" ? one.creator : "";
  return { key: one.key, version: one.version, content: contentOf(one), creator, mine: one.mine === true };
}

/** null for a tombstone: an annotation without a shape. */
function contentOf({ annotation, label, text }) {
  const target = Array.isArray(annotation?.target) ? annotation.target[0] : annotation?.target;
  const selector = Array.isArray(target?.selector) ? target.selector[0] : target?.selector;
  if (typeof selector?.value !== "string") return null;
  return { label: String(label ?? ""), text: String(text ?? ""), selector };
}
