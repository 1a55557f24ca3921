// j and k move through the worklist; Enter is the link's own.
import { keysDialog, listen } from "./reading_keys.js";

const links = [...document.querySelectorAll(".worklist-link")];
const showKeys = keysDialog();
const button = document.getElementById("show-keys");

function move(step) {
  if (!links.length) return false;
  const here = links.indexOf(document.activeElement.closest(".worklist-row")?.querySelector("a"));
  const start = here === -1 && step < 0 ? links.length : here;
  const target = links[Math.min(Math.max(start + step, 0), links.length - 1)];
  target.focus();
  target.closest(".worklist-row").scrollIntoView({ block: "nearest" });
  return true;
}

button.hidden = false;
button.addEventListener("click", showKeys);
listen({
  j: () => move(1),
  k: () => move(-1),
  n: () => document.querySelector("[data-key='n']")?.click(),
  f: () => document.getElementById("id_text")?.focus(),
  "?": showKeys,
});
