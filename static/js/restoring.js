// What was typed here and never arrived is offered again when the case is opened.
import { fillFacts } from "./drafts_apart.js";
import { valuesOf } from "./fields.js";

const when = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
});

/** Offer the kept draft of a place, if it says something else than the page does. */
export function offerKept(place, kept, stage) {
  const found = kept.find(place.lesion, stage);
  if (!found) return;
  const { fields } = place;
  if (valuesOf(found.entries, fields.prefix) === place.untouched) {
    kept.forget(place.lesion, stage);
    return;
  }
  const notice = document.getElementById("kept-draft").content.firstElementChild.cloneNode(true);
  notice.querySelector("[data-sentence]").textContent =
    `You typed this on ${when.format(new Date(found.at))} and it never arrived.`;
  fillFacts(notice.querySelector("[data-words]"), factsOf(found.entries, fields));
  notice.querySelector("[data-restore]").addEventListener("click", () => {
    place.reach();
    fields.restore(found.entries);
    notice.remove();
    fields.combobox.input.focus();
  });
  notice.querySelector("[data-discard]").addEventListener("click", () => {
    kept.forget(place.lesion, stage);
    notice.remove();
    place.element.querySelector("summary").focus();
  });
  place.element.querySelector(".place-body").prepend(notice);
  place.open();
}

function factsOf(entries, fields) {
  const value = (name) => entries.find(([one]) => one === fields.prefix + name)?.[1] ?? "";
  const option = [...fields.diagnosis.options].find((one) => one.value && one.value === value("diagnosis"));
  const radio = fields.radios.find((one) => one.value === value("management"));
  const facts = [
    ["Diagnosis", option?.dataset.name ?? ""],
    ["Recommendation", radio?.parentElement.querySelector("span").textContent ?? ""],
    ["Comment", value("comment")],
    ["Reason", value("reason")],
  ];
  return facts.filter(([, words]) => words.trim());
}
