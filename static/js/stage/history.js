// What was done to the annotations of one image, to be undone and done again. A step is a key with
// what stood before and after; what a step means for the server is the ledger's business.
const MOST = 500;

export class History {
  constructor() {
    this.clear();
  }

  clear() {
    this.done = [];
    this.undone = [];
  }

  add(step) {
    this.done.push(step);
    if (this.done.length > MOST) this.done.shift();
    this.undone = [];
  }

  /** The step to take back, or null. */
  undo() {
    return this.shift(this.done, this.undone);
  }

  redo() {
    return this.shift(this.undone, this.done);
  }

  shift(from, to) {
    const step = from.pop() ?? null;
    if (step) to.push(step);
    return step;
  }

  /** Others have changed it: what this person did to it before no longer fits. */
  forget(key) {
    this.done = this.done.filter((step) => step.key !== key);
    this.undone = this.undone.filter((step) => step.key !== key);
  }
}
