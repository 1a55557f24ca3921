// What a data set holds, drawn from its tables: at the start, after each preview, in a new theme.
import { bars } from "./datasets/bars.js";
import { intervals } from "./statistics/intervals.js";
import { drawTables, inEachTheme, setUpCharts } from "./statistics/plots.js";
import { stacked } from "./statistics/stacked.js";

const KINDS = {
  bars: (figures, look) => bars(figures, look, { across: true }),
  columns: bars,
  intervals,
  "stacked-across": (figures, look) => stacked(figures, look, { across: true }),
};

const drawAll = () => drawTables(KINDS);

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

setUpCharts();
drawAll();
inEachTheme(drawAll);
