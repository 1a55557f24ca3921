// Shows what the criteria add up to while somebody ticks. The server adds up on its own when it
// saves; the weights and thresholds stand in the page, so both use the same ones.

export class CriteriaScore {
  constructor(element) {
    this.element = element;
    this.sevenPoint = element.querySelector("[data-seven-point]");
    this.abcd = element.querySelector("[data-abcd]");
    this.short = element.querySelector("[data-criteria-short]");
    element.addEventListener("change", (event) => {
      if (event.target.closest("[data-seven-point]")) this.onlyOneOfBoth(event.target);
      this.refresh();
    });
    this.refresh();
  }

  /** "None of these" and a feature exclude each other: the last one ticked counts. */
  onlyOneOfBoth(ticked) {
    if (!ticked.checked) return;
    for (const box of this.sevenPoint.querySelectorAll("input")) {
      if ((box.value === "none") !== (ticked.value === "none")) box.checked = false;
    }
  }

  refresh() {
    const scores = [this.countSevenPoint(), this.countAbcd()];
    this.short.textContent = scores.filter(Boolean).join(" · ");
  }

  countSevenPoint() {
    const ticked = [...this.sevenPoint.querySelectorAll("input:checked")];
    const weights = ticked.map((box) => Number(box.closest("[data-weight]").dataset.weight));
    const score = sum(weights);
    const revised = weights.filter(Boolean).length;
    const output = this.sevenPoint.querySelector("[data-score]");
    const { threshold, revisedThreshold } = output.dataset;
    write(output, "[data-sum]", score);
    write(output, "[data-revised-sum]", revised);
    show(output, "[data-at]", score >= Number(threshold));
    show(output, "[data-below]", score < Number(threshold));
    show(output, "[data-revised-at]", revised >= Number(revisedThreshold));
    show(output, "[data-revised-below]", revised < Number(revisedThreshold));
    say(output, ticked.length > 0);
    return ticked.length ? `7-point ${score}` : "";
  }

  countAbcd() {
    const parts = [...this.abcd.querySelectorAll("[data-tenths]")].map((part) => {
      const chosen = [...part.querySelectorAll("input:checked")].filter((input) => input.value !== "");
      const counted = chosen[0]?.type === "radio" ? Number(chosen[0].value) : chosen.length;
      return { isSaid: chosen.length > 0, tenths: counted * Number(part.dataset.tenths) };
    });
    const isComplete = parts.every((part) => part.isSaid);
    const tenths = sum(parts.map((part) => part.tenths));
    const output = this.abcd.querySelector("[data-score]");
    const total = (tenths / 10).toFixed(1);
    const here = band(tenths, output.dataset);
    write(output, "[data-sum]", isComplete ? total : "");
    for (const badge of output.querySelectorAll("[data-band]")) badge.hidden = badge.dataset.band !== here;
    say(output, isComplete);
    return isComplete ? `ABCD ${total}` : "";
  }
}

function band(tenths, { suspicious, highlySuspicious }) {
  if (tenths >= Number(highlySuspicious)) return "highly suspicious";
  return tenths >= Number(suspicious) ? "suspicious" : "benign";
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

/** A live region is read out when it changes, so nothing is written that is there already. */
function write(output, selector, value) {
  const place = output.querySelector(selector);
  if (place.textContent !== String(value)) place.textContent = value;
}

function show(output, selector, isShown) {
  output.querySelector(selector).hidden = !isShown;
}

function say(output, isSaid) {
  show(output, "[data-said]", isSaid);
  show(output, "[data-unsaid]", !isSaid);
}

/** Let every form of criteria in this part of the page count. */
export function countCriteria(root = document) {
  return [...root.querySelectorAll("[data-criteria]")].map((element) => new CriteriaScore(element));
}

countCriteria();
