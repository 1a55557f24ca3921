// One count a row: bars below one another, or columns side by side. The number stands at its end.
import { filling } from "../statistics/pattern.js";
import { wrapped } from "../statistics/table.js";

// A meaning has its colour and its filling; the label says it in words.
const FILLINGS = { benign: "plain", indeterminate: "bars", malignant: "stripes", unknown: "dots" };

const LINE = 16; // of an axis label, in pixels
const CHARACTER = 7;

export function bars({ columns, rows, unit }, { colour, width }, { across = false } = {}) {
  // Two fifths of the plot for the names; a name that needs lines gets them.
  const characters = Math.min(34, Math.max(16, Math.floor((width * 0.4) / CHARACTER)));
  const labels = rows.map(({ label }) => wrapped(label, across ? characters : 7));
  const lines = Math.max(...labels.map((label) => label.length));
  const counts = {
    beginAtZero: true,
    grace: "12%", // room for the numbers at the ends
    title: { display: true, text: unit, color: colour("text-quiet") },
    ticks: { precision: 0, color: colour("text-quiet"), maxTicksLimit: 6 },
    grid: { color: colour("line") },
    border: { display: false },
  };
  const names = {
    // A long scale of ages may leave labels out; a handful of values may not.
    ticks: {
      color: colour("text"),
      maxRotation: 0,
      autoSkip: !across && rows.length > 8,
      autoSkipPadding: 6,
    },
    grid: { display: false },
    border: { color: colour("line-strong") },
  };
  const ink = ({ meaning }) => colour(meaning ? `${meaning}-fill` : "accent");
  return {
    height: across ? 72 + Math.max(34, LINE * lines + 10) * rows.length : 0,
    config: {
      type: "bar",
      data: {
        labels,
        datasets: [
          {
            label: columns[0].label,
            data: rows.map(({ cells }) => cells[0]?.value ?? 0),
            backgroundColor: rows.map((row) =>
              filling(FILLINGS[row.meaning] ?? "plain", ink(row), colour("surface")),
            ),
            borderColor: rows.map(ink),
            borderWidth: 1,
            maxBarThickness: 24,
            ink: colour("text"),
          },
        ],
      },
      plugins: [numbers],
      options: {
        indexAxis: across ? "y" : "x",
        scales: across ? { x: counts, y: names } : { x: names, y: counts },
        plugins: { legend: { display: false } },
      },
    },
  };
}

const numbers = {
  id: "numbers",
  afterDatasetsDraw(chart) {
    const pen = chart.ctx;
    const across = chart.options.indexAxis === "y";
    const [dataset] = chart.data.datasets;
    const drawn = chart.getDatasetMeta(0).data;
    // Columns that stand too close for their numbers go without; the table has them.
    const room = across ? Infinity : (drawn[1]?.x ?? Infinity) - (drawn[0]?.x ?? 0);
    pen.save();
    pen.font = `12px ${Chart.defaults.font.family}`;
    pen.fillStyle = dataset.ink;
    pen.textAlign = across ? "left" : "center";
    pen.textBaseline = across ? "middle" : "bottom";
    dataset.data.forEach((count, index) => {
      const text = count.toLocaleString("en-GB");
      if (!count || pen.measureText(text).width > room - 2) return;
      pen.fillText(text, drawn[index].x + (across ? 6 : 0), drawn[index].y - (across ? 0 : 4));
    });
    pen.restore();
  },
};
