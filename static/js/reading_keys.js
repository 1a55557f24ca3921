// Keys of the worklist and the review screen: never while somebody types, and single keys can be
// switched off on a device (speech input and slips of the hand press them too).
const STORE = "single-keys";

export function singleKeysOn() {
  try {
    return window.localStorage.getItem(STORE) !== "off";
  } catch {
    return true; // storage is blocked: as if nothing had been chosen
  }
}

export function isTyping(element) {
  if (element.closest("textarea, select, [contenteditable='true'], [role='combobox']")) return true;
  const input = element.closest("input");
  return Boolean(input) && !["radio", "checkbox", "button", "submit", "range"].includes(input.type);
}

/** A key as the tables below name it: "j", "?", "+", "ctrl+enter", "escape", "arrowleft". */
function nameOf(event) {
  const key = event.key.length === 1 ? event.key : event.key.toLowerCase();
  const command = event.ctrlKey || event.metaKey;
  return (command ? "ctrl+" : "") + (command && event.shiftKey ? "shift+" : "") + key.toLowerCase();
}

/**
 * Call `actions[name](event)` when a key is pressed. An action that returns false has not used it.
 * Names with "ctrl+" and "escape" work while typing; all others are single keys.
 */
export function listen(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.isComposing || !event.key) return;
    if (document.querySelector("dialog[open], .modal.show, .dropdown-menu.show")) return;
    const name = nameOf(event);
    const action = actions[name];
    if (!action) return;
    const single = !name.startsWith("ctrl+") && name !== "escape";
    if (single && (isTyping(event.target) || !singleKeysOn())) return;
    if (action(event) !== false) event.preventDefault();
  });
}

function showWhetherOn() {
  document.getElementById("room")?.classList.toggle("has-single-keys", singleKeysOn());
}

/** The dialog with the keys and its switch. Returns the function that opens it. */
export function keysDialog() {
  const dialog = document.getElementById("keys");
  for (const input of dialog.querySelectorAll("[data-single-keys]")) {
    input.closest("[hidden]")?.removeAttribute("hidden");
    input.checked = singleKeysOn();
    input.addEventListener("change", () => {
      try {
        window.localStorage.setItem(STORE, input.checked ? "on" : "off");
      } catch {
        input.checked = true;
      }
      showWhetherOn();
    });
  }
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // the backdrop
  });
  showWhetherOn();
  return () => dialog.showModal();
}
