// What has become of what was drawn: "Saved 10:42:07", or why it is not saved yet.
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const WORDS = {
  saving: () => "Saving",
  unreachable: () => "Not saved: the server cannot be reached. It is kept here and tried again.",
  failed: () => "Not saved: the server had a problem. It is kept here and tried again.",
  expired: () => "Not saved: your session has ended. It is kept here until you have signed in.",
  closed: ({ sentence }) => `Not saved. ${sentence || "This case is no longer open to you."}`,
  unread: ({ sentence }) => sentence || "The annotations could not be loaded. They are asked for again.",
};
const QUIET = new Set(["saving", "saved", "ready", "loading"]);

export class SavedNote {
  constructor(root, annotator) {
    this.annotator = annotator;
    this.place = root.querySelector("#stage-saved");
  }

  show() {
    const { ledger } = this.annotator;
    if (!ledger) return;
    const words = this.words(ledger);
    const bad = !QUIET.has(ledger.state.kind) || ledger.atRisk.some((entry) => entry.problem || !entry.content?.label);
    this.place.dataset.state = bad ? "failed" : ledger.state.kind;
    // Nothing to say is no sentence; and the same one is not said twice.
    if (this.place.textContent !== words) this.place.textContent = words;
  }

  words(ledger) {
    const { kind } = ledger.state;
    if (kind in WORDS) return WORDS[kind](ledger.state);
    const refused = ledger.waiting.find((entry) => entry.problem?.kind === "refused");
    if (refused) return `Not saved: ${refused.problem.sentence || "the server did not take this annotation."}`;
    if (ledger.conflicts.length) return "Not saved: it was changed in another window. Choose which to keep.";
    if (ledger.unnamed.length) return "Not saved yet: choose a label (L).";
    return ledger.savedAt ? `Saved ${clock.format(ledger.savedAt)}` : "";
  }
}
