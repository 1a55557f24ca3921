// What the keys are called, in the panel and in the dialog.
const NAMES = {
  arrowleft: "←", arrowright: "→", arrowup: "↑", arrowdown: "↓", "-": "−",
  escape: "Esc", delete: "Del", enter: "Enter", tab: "Tab",
};

/** The letter of each recommendation beside its words. */
export function showManagementKeys(form, management) {
  for (const label of form.querySelectorAll("label[data-management]")) {
    const key = Object.keys(management).find((one) => management[one] === label.dataset.management);
    label.querySelector("kbd").textContent = key.toUpperCase();
  }
}

/** The stage's own keys; those with one meaning share a line. */
export function fillStageKeys(stage) {
  const byLabel = new Map();
  for (const [key, { label }] of Object.entries(stage.keys())) {
    if (key === "=") continue; // "+" without the shift key
    byLabel.set(label, [...(byLabel.get(label) ?? []), key]);
  }
  fill("[data-stage-keys]", [...byLabel].map(([label, keys]) => [keys, label]));
  fill("[data-drawing-keys]", stage.drawingKeys.map(([key, label]) => [[key], label]));
}

function fill(selector, rows) {
  const list = document.querySelector(selector);
  const parts = rows.flatMap(([keys, label]) => {
    const term = document.createElement("dt");
    for (const key of keys) term.append(keyOf(key), " ");
    return [term, Object.assign(document.createElement("dd"), { textContent: label })];
  });
  list.replaceChildren(...parts);
  list.parentElement.hidden = rows.length === 0;
}

function keyOf(key) {
  const name = NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  return Object.assign(document.createElement("kbd"), { textContent: name });
}
