// Both texts of an opinion that two windows wrote on, and the choice between them.
export class DraftsApart {
  /** `onChosen(lesion, "mine" | "theirs")` returns whether that was the last one. */
  constructor({ onChosen, onDone }) {
    Object.assign(this, { onChosen, onDone });
    this.dialog = document.getElementById("apart");
    this.lesions = this.dialog.querySelector("[data-apart-lesions]");
    this.template = document.getElementById("apart-lesion");
    this.lesions.addEventListener("click", (event) => {
      const button = event.target.closest("[data-keep]");
      if (button) this.choose(button.closest("[data-lesion]"), button.dataset.keep);
    });
  }

  show(conflicts) {
    this.isOneTaken = this.dialog.open && this.isOneTaken;
    this.lesions.replaceChildren(...conflicts.map((conflict) => this.section(conflict)));
    if (this.dialog.open) return;
    this.dialog.showModal();
    // Not on a button: whoever is typing would press it with the next space.
    document.getElementById("apart-title").focus();
  }

  section(conflict) {
    const section = this.template.content.firstElementChild.cloneNode(true);
    section.dataset.lesion = conflict.lesion;
    section.querySelector("[data-title]").textContent = `Lesion ${conflict.number}, ${conflict.site}`;
    fillFacts(section.querySelector("[data-mine]"), conflict.mine);
    fillFacts(section.querySelector("[data-theirs]"), conflict.theirs);
    for (const button of section.querySelectorAll("[data-keep]")) {
      button.setAttribute("aria-label", `${button.textContent}, lesion ${conflict.number}`);
    }
    return section;
  }

  choose(section, which) {
    this.isOneTaken ||= which === "theirs";
    const isLast = this.onChosen(section.dataset.lesion, which);
    section.remove();
    if (!isLast) {
      document.getElementById("apart-title").focus();
      return;
    }
    this.dialog.close();
    this.onDone({ isOneTaken: this.isOneTaken });
    this.isOneTaken = false;
  }
}

/** [[label, words], …] into a <dl>. */
export function fillFacts(list, facts) {
  const parts = facts.flatMap(([label, words]) => [
    Object.assign(document.createElement("dt"), { textContent: label }),
    Object.assign(document.createElement("dd"), { textContent: words }),
  ]);
  list.replaceChildren(...parts);
}
