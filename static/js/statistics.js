// Draws each table of figures as a plot. The table is the data: what it does not say is not drawn.
import { intervals } from "./statistics/intervals.js";
import { lines } from "./statistics/lines.js";
import { stacked } from "./statistics/stacked.js";
import { readTable } from "./statistics/table.js";

const KINDS = {
  intervals,
  lines,
  stacked,
  "stacked-across": (figures, look) => stacked(figures, look, { across: true }),
};

function look() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  return { colour, font: style.getPropertyValue("font-family") || "sans-serif" };
}

function draw(place) {
  const table = document.getElementById(place.dataset.plotOf);
  const figures = readTable(table);
  Chart.getChart(place.querySelector("canvas"))?.destroy();
  place.replaceChildren();
  place.hidden = figures.isEmpty;
  if (figures.isEmpty) return;
  const plot = KINDS[table.dataset.plot](figures, look());
  if (plot.height) place.style.height = `${plot.height}px`;
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${figures.caption}. The table below has the same figures.`);
  place.append(canvas);
  new Chart(canvas, plot.config);
}

function drawAll() {
  Chart.defaults.animation = false; // nothing moves that nobody moved
  Chart.defaults.maintainAspectRatio = false;
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 13;
  for (const place of document.querySelectorAll("[data-plot-of]")) draw(place);
}

drawAll();
// The theme was changed: colours are drawn into the canvas, so it is drawn again.
new MutationObserver(drawAll).observe(document.documentElement, {
  attributes: true,
  attributeFilter: ["data-bs-theme"],
});
