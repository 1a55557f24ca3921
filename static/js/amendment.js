// An amendment: type-ahead, a draft that survives a reload, and the signature.
// The draft stays in this tab (sessionStorage), under the person, the case and the answer that it is
// based on: an answer that was amended meanwhile, or another person, never gets it back.
import { Combobox } from "./combobox.js";
import { proveForSigning } from "./signing.js";

const form = document.querySelector("[data-amendment]");
const status = form.querySelector("[data-draft-status]");
const draft = { name: form.dataset.draft, basedOn: form.dataset.basedOn };
const NOT_KEPT = new Set(["csrfmiddlewaretoken", "password", "key", "based_on"]);

function fields() {
  return [...new FormData(form)].filter(([name]) => !NOT_KEPT.has(name));
}

function keep() {
  try {
    sessionStorage.setItem(
      draft.name,
      JSON.stringify({ basedOn: draft.basedOn, fields: fields() }),
    );
    status.textContent = "Kept in this window";
  } catch {
    status.textContent = ""; // no storage: the page works as it would without this
  }
}

function forget() {
  try {
    sessionStorage.removeItem(draft.name);
  } catch {
    // nothing was kept
  }
}

function restore() {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(draft.name) ?? "null");
  } catch {
    kept = null;
  }
  if (!kept) return;
  if (kept.basedOn !== draft.basedOn) return forget();
  for (const [name, value] of kept.fields) {
    const control = form.elements.namedItem(name);
    if (control) control.value = value; // a group of radio buttons checks the one with the value
  }
  status.textContent = "What you typed before is back";
}

/** What will be signed, a line a lesion. */
function said() {
  return [...form.querySelectorAll("[data-lesion]")].map((lesion) => {
    const diagnosis = lesion.querySelector("select").selectedOptions[0];
    const management = lesion.querySelector("[type='radio'][name$='management']:checked");
    const words = [diagnosis?.dataset.name, management?.closest("label").textContent.trim()];
    return `Lesion ${lesion.dataset.lesion}: ${words.filter(Boolean).join(", ")}`;
  });
}

function showMonths() {
  for (const lesion of form.querySelectorAll("[data-lesion]")) {
    const chosen = lesion.querySelector("[name$='management']:checked")?.value;
    lesion.querySelector("[name$='monitor_months']").closest(".field").hidden = chosen !== "monitor";
  }
}

if ("refused" in form.dataset) keep();
else restore();
for (const select of form.querySelectorAll("select[name$='diagnosis']")) new Combobox(select);
showMonths();
form.addEventListener("input", keep);
form.addEventListener("change", () => {
  showMonths();
  keep();
});

// Before the listener of submit_once.js, which is on the document.
let proved = false;
form.addEventListener("submit", async (event) => {
  if (proved || form.elements.password?.value) return;
  event.preventDefault();
  const { submitter } = event;
  proved = await proveForSigning({ what: said(), action: "Sign the amended answer" });
  if (proved) form.requestSubmit(submitter);
});
// Signed or left on purpose. A reload and a refusal keep it.
form.querySelector(".actions a").addEventListener("click", forget);
