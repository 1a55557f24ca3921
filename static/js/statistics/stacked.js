// Counts on top of one another, or side by side in a row.
import { filling } from "./pattern.js";
import { wrapped } from "./table.js";

// What a part means has its colour wherever it stands; parts without a meaning go by their order.
const BY_KEY = {
  better: ["success", "plain"],
  worse: ["danger-solid", "stripes"],
  neither: ["unknown-fill", "bars"],
  unknown: ["line-strong", "dots"],
};
const BY_ORDER = [
  ["accent", "plain"],
  ["accent", "stripes"],
  ["text-quiet", "dots"],
  ["control-line", "bars"],
];

export function stacked({ columns, rows, unit }, { colour }, { across = false } = {}) {
  const counts = {
    stacked: true,
    beginAtZero: true,
    title: { display: true, text: unit, color: colour("text-quiet") },
    ticks: { precision: 0, color: colour("text-quiet") },
    grid: { color: colour("line") },
    border: { display: false },
  };
  const names = {
    stacked: true,
    ticks: { color: colour("text"), maxRotation: 0, autoSkip: !across, autoSkipPadding: 12 },
    grid: { display: false },
    border: { color: colour("line-strong") },
  };
  return {
    height: across ? 110 + 44 * rows.length : 0,
    config: {
      type: "bar",
      data: {
        labels: rows.map(({ label }) => (across ? wrapped(label) : label)),
        datasets: columns.map(({ label, key }, column) => {
          const [name, pattern] = BY_KEY[key] ?? BY_ORDER[column % BY_ORDER.length];
          return {
            label,
            data: rows.map(({ cells }) => cells[column]?.value ?? 0),
            backgroundColor: filling(pattern, colour(name), colour("surface")),
            borderColor: colour(name),
            borderWidth: 1,
            maxBarThickness: 28,
          };
        }),
      },
      options: {
        indexAxis: across ? "y" : "x",
        scales: across ? { x: counts, y: names } : { x: names, y: counts },
        plugins: { legend: legend(colour) },
      },
    },
  };
}

/** Words and fillings; not a switch, because the keyboard could not reach it. */
export const legend = (colour, labels = {}) => ({
  position: "bottom",
  align: "start",
  onClick: null,
  labels: { color: colour("text"), boxWidth: 16, boxHeight: 12, ...labels },
});
