// Plots of tables: what all pages with figures have in common. The table is the data: what it does
// not say is not drawn.
import { readTable } from "./table.js";

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Set Chart.js to the page's own look; once, before the first plot. */
export function setUpCharts() {
  Chart.defaults.animation = false; // nothing moves that nobody moved
  Chart.defaults.maintainAspectRatio = false;
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 13;
}

/** The theme was changed: colours are drawn into the canvas, so it is drawn again. */
export function inEachTheme(draw) {
  new MutationObserver(draw).observe(document.documentElement, {
    attributes: true,
    attributeFilter: ["data-bs-theme"],
  });
}

/** Draw every place that names a table; `kinds` say how, by the table's data-plot. */
export function drawTables(kinds) {
  for (const place of document.querySelectorAll("[data-plot-of]")) drawTable(place, kinds);
}

function drawTable(place, kinds) {
  const table = document.getElementById(place.dataset.plotOf);
  const figures = readTable(table);
  Chart.getChart(place.querySelector("canvas"))?.destroy();
  place.replaceChildren();
  place.hidden = figures.isEmpty;
  if (figures.isEmpty) return;
  const plot = kinds[table.dataset.plot](figures, { colour, width: place.clientWidth });
  if (plot.height) place.style.height = `${plot.height}px`;
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${figures.caption}. The table below has the same figures.`);
  place.append(canvas);
  new Chart(canvas, plot.config);
}
