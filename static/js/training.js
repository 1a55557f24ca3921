// A run as it goes on: the plots follow the table of epochs, the log stays where it is read.
import { colour, inEachTheme, setUpCharts } from "./statistics/plots.js";
import { readTable } from "./statistics/table.js";

const KINDS = {
  loss: { title: "Loss", write: (value) => value.toFixed(2) },
  share: { title: "Share", min: 0, max: 1, write: (value) => value.toFixed(1) },
};
// The second line of a plot is dashed: colour alone would not tell them apart.
const LINES = [
  { ink: "accent", dash: [], point: "circle" },
  { ink: "text-quiet", dash: [6, 4], point: "triangle" },
];

function lines(figures, kind) {
  const columns = figures.columns.map((column, place) => ({ ...column, place }));
  return columns
    .filter(({ key }) => key === kind)
    .map(({ label, place }, number) => ({
      label,
      data: figures.rows.map(({ cells }) => cells[place]?.value ?? null),
      borderColor: colour(LINES[number].ink),
      backgroundColor: colour(LINES[number].ink),
      borderDash: LINES[number].dash,
      pointStyle: LINES[number].point,
      pointRadius: figures.rows.length > 60 ? 0 : 3,
      borderWidth: 2,
      spanGaps: true, // validated every few epochs
    }));
}

function config(figures, kind) {
  const { title, min, max, write } = KINDS[kind];
  const quiet = colour("text-quiet");
  return {
    type: "line",
    data: { labels: figures.rows.map(({ label }) => label), datasets: lines(figures, kind) },
    options: {
      scales: {
        x: {
          title: { display: true, text: "Epoch", color: quiet },
          ticks: { color: quiet, maxTicksLimit: 12, maxRotation: 0 },
          grid: { display: false },
        },
        y: {
          title: { display: true, text: title, color: quiet },
          min,
          max,
          ticks: { color: quiet, callback: write, maxTicksLimit: 6 },
          grid: { color: colour("line") },
        },
      },
      plugins: {
        legend: { labels: { color: colour("text"), usePointStyle: true, boxHeight: 8 } },
        tooltip: { callbacks: { title: ([item]) => `Epoch ${item.label}` } },
      },
    },
  };
}

function draw(place, figures) {
  const wanted = config(figures, place.dataset.curve);
  place.hidden = !wanted.data.datasets.length;
  if (place.hidden) return;
  let canvas = place.querySelector("canvas");
  Chart.getChart(canvas ?? "")?.destroy();
  if (!canvas) {
    canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    place.append(canvas);
  }
  const named = wanted.data.datasets.map(({ label }) => label).join(" and ");
  canvas.setAttribute("aria-label", `${named} by epoch. The table below has the same figures.`);
  new Chart(canvas, wanted);
}

let drawn = "";

function drawAll({ anew = false } = {}) {
  const table = document.querySelector("#training-epochs table");
  if (!table) return;
  const now = table.tBodies[0].textContent;
  if (now === drawn && !anew) return;
  drawn = now;
  const figures = readTable(table);
  for (const place of document.querySelectorAll("[data-curve]")) draw(place, figures);
}

// ---- The log: at its end unless somebody has scrolled away from there.

const NEAR = 24; // px
let log = { isAtEnd: true, top: 0, focused: false };

function rememberLog() {
  const place = document.getElementById("training-log");
  log = {
    isAtEnd: place.scrollHeight - place.scrollTop - place.clientHeight < NEAR,
    top: place.scrollTop,
    focused: document.activeElement === place,
  };
}

function settleLog() {
  const place = document.getElementById("training-log");
  place.scrollTop = log.isAtEnd ? place.scrollHeight : log.top;
  if (log.focused) place.focus({ preventScroll: true });
}

setUpCharts();
drawAll();
settleLog();
document.addEventListener("htmx:beforeSwap", rememberLog);
document.addEventListener("htmx:afterSettle", () => {
  drawAll();
  settleLog();
});
document.addEventListener("htmx:oobAfterSwap", () => {
  drawAll();
  settleLog();
});
inEachTheme(() => drawAll({ anew: true }));
