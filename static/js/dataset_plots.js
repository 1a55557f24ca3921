// What a data set holds, drawn from its tables: at the start, after each preview, in a new theme.
import { bars } from "./datasets/bars.js";
import { intervals } from "./statistics/intervals.js";
import { stacked } from "./statistics/stacked.js";
import { readTable } from "./statistics/table.js";

const KINDS = {
  bars: (figures, look) => bars(figures, look, { across: true }),
  columns: bars,
  intervals,
  "stacked-across": (figures, look) => stacked(figures, look, { across: true }),
};

function look(place) {
  const style = getComputedStyle(document.documentElement);
  return {
    colour: (name) => style.getPropertyValue(`--${name}`).trim(),
    width: place.clientWidth,
  };
}

function draw(place) {
  const table = document.getElementById(place.dataset.plotOf);
  const figures = readTable(table);
  Chart.getChart(place.querySelector("canvas"))?.destroy();
  place.replaceChildren();
  place.hidden = figures.isEmpty;
  if (figures.isEmpty) return;
  const plot = KINDS[table.dataset.plot](figures, look(place));
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

// A preview replaces the plots: charts are let go of, and tables that were open stay open.
const opened = new Set();

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "dataset-preview") return;
  for (const table of detail.target.querySelectorAll("details[data-remember]")) {
    if (table.open) opened.add(table.dataset.remember);
    else opened.delete(table.dataset.remember);
  }
  for (const canvas of detail.target.querySelectorAll("canvas")) Chart.getChart(canvas)?.destroy();
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "dataset-preview") return;
  for (const table of detail.target.querySelectorAll("details[data-remember]")) {
    table.open = opened.has(table.dataset.remember);
  }
  drawAll();
});

drawAll();
new MutationObserver(drawAll).observe(document.documentElement, {
  attributes: true,
  attributeFilter: ["data-bs-theme"],
});
