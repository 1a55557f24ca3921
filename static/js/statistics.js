// The figures of readers, model and service, each table as a plot.
import { intervals } from "./statistics/intervals.js";
import { lines } from "./statistics/lines.js";
import { drawTables, inEachTheme, setUpCharts } from "./statistics/plots.js";
import { stacked } from "./statistics/stacked.js";

const KINDS = {
  intervals,
  lines,
  stacked,
  "stacked-across": (figures, look) => stacked(figures, look, { across: true }),
};

setUpCharts();
drawTables(KINDS);
inEachTheme(() => drawTables(KINDS));
