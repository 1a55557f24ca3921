// What the server has not got yet, kept in the browser for when the page is gone: by image and
// reading, so that nobody else who reads on this computer finds or sends it.
const PREFIX = "unsent-annotations";

export class Unsent {
  constructor(image, reading) {
    // Without a reading it is nobody's, and stays in memory.
    this.name = reading ? `${PREFIX}:${image}:${reading}` : null;
  }

  /** [[key, {version, content}], …] */
  load() {
    try {
      const found = JSON.parse(window.localStorage.getItem(this.name) ?? "[]");
      return this.name && Array.isArray(found) ? found.filter(isEntry) : [];
    } catch {
      return [];
    }
  }

  save(entries) {
    if (!this.name) return;
    try {
      if (entries.length) window.localStorage.setItem(this.name, JSON.stringify(entries));
      else window.localStorage.removeItem(this.name);
    } catch {
      // Storage is full or blocked: it is still in memory, and leaving the page asks first.
    }
  }
}

function isEntry(one) {
  return Array.isArray(one) && typeof one[0] === "string" && Number.isInteger(one[1]?.version);
}
