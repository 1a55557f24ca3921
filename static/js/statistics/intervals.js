// Figures with their intervals: a mark for the value, a bar from the low to the high end.
import { legend } from "./stacked.js";
import { wrapped } from "./table.js";

const SHAPES = ["circle", "triangle", "rect", "rectRot"];
// Not the colours of the four meanings: a row has such a colour where it means something.
const SERIES = ["accent", "text-quiet", "text", "control-line"];
const AXES = {
  percent: { max: 1, write: (value) => `${Math.round(100 * value)} %` },
  years: { write: (value) => `${value}`, title: "years" },
  kappa: { max: 1, write: (value) => value.toFixed(1).replace("-", "−"), title: "kappa" },
  stability: { write: (value) => value.toFixed(2), title: "stability index" },
  seconds: {
    // Steps that a clock has, at most six of them.
    step: (highest) => (highest < 120 ? 30 : 60 * Math.ceil(highest / 360)),
    write: (value) => (value % 60 ? `${value} s` : `${value / 60} min`),
  },
};

export function intervals({ columns, rows, unit }, { colour }) {
  const axis = AXES[unit];
  const lowest = Math.min(0, ...rows.flatMap(({ cells }) => cells.map((cell) => cell?.low ?? 0)));
  const highest = Math.max(0, ...rows.flatMap(({ cells }) => cells.map((cell) => cell?.high ?? 0)));
  const inkOf = (row, column) =>
    row.meaning ? colour(`${row.meaning}-fill`) : colour(SERIES[column]);
  const datasets = columns.map(({ label }, column) => ({
    label,
    data: rows.map(({ cells }) => (cells[column] ? [cells[column].low, cells[column].high] : null)),
    figures: rows.map(({ cells }) => cells[column]),
    shape: SHAPES[column],
    pointStyle: SHAPES[column],
    backgroundColor: rows.map((row) => inkOf(row, column)),
    // A hollow mark: the second reader or the second column, where the colour is the class's.
    hollow: column % 2 === 1,
    surface: colour("surface"),
    maxBarThickness: 3, // not barThickness, which would put the series on top of each other
    categoryPercentage: 0.8,
    minBarLength: 3,
  }));
  return {
    height: 96 + rows.length * Math.max(34, 24 * columns.length),
    config: {
      type: "bar",
      data: { labels: rows.map(({ label }) => wrapped(label)), datasets },
      plugins: [marks],
      options: {
        indexAxis: "y",
        layout: { padding: { right: 16 } },
        scales: {
          x: {
            min: lowest < 0 ? Math.max(-1, Math.floor(lowest * 5) / 5) : 0,
            max: axis.max,
            ticks: {
              color: colour("text-quiet"),
              callback: axis.write,
              stepSize: axis.step?.(highest),
            },
            grid: { color: colour("line") },
            border: { display: false },
          },
          y: {
            ticks: { color: colour("text"), autoSkip: false },
            grid: { display: false },
            border: { color: colour("line-strong") },
          },
        },
        plugins: {
          legend: {
            ...legend(colour, {
              usePointStyle: true,
              boxHeight: 8,
              generateLabels: (chart) => labels(chart, colour),
            }),
            display: columns.length > 1,
          },
          tooltip: {
            usePointStyle: true,
            callbacks: {
              label: ({ dataset, dataIndex }) =>
                `${dataset.label}: ${dataset.figures[dataIndex]?.words ?? ""}`,
            },
          },
        },
      },
    },
  };
}

const labels = (chart, colour) =>
  chart.data.datasets.map(({ label, shape, hollow }, index) => ({
    text: label,
    pointStyle: shape,
    fillStyle: hollow ? colour("surface") : colour(SERIES[index]),
    strokeStyle: colour(SERIES[index]),
    fontColor: colour("text"),
    lineWidth: 2,
    datasetIndex: index,
  }));

/** The value on its interval. */
const marks = {
  id: "marks",
  afterDatasetsDraw(chart) {
    const pen = chart.ctx;
    chart.data.datasets.forEach((dataset, index) => {
      chart.getDatasetMeta(index).data.forEach((bar, row) => {
        const figure = dataset.figures[row];
        if (!figure) return;
        pen.save();
        pen.lineWidth = 2;
        pen.strokeStyle = dataset.backgroundColor[row];
        pen.fillStyle = dataset.hollow ? dataset.surface : dataset.backgroundColor[row];
        outline(pen, dataset.shape, chart.scales.x.getPixelForValue(figure.value), bar.y);
        pen.fill();
        pen.stroke();
        pen.restore();
      });
    });
  },
};

function outline(pen, shape, x, y, r = 5) {
  pen.beginPath();
  if (shape === "circle") pen.arc(x, y, r, 0, 2 * Math.PI);
  else corners(shape, r).forEach(([dx, dy]) => pen.lineTo(x + dx, y + dy));
  pen.closePath();
}

const corners = (shape, r) =>
  ({
    triangle: [[0, -r - 1], [r + 1, r - 1], [-r - 1, r - 1]],
    rect: [[-r, -r], [r, -r], [r, r], [-r, r]],
    rectRot: [[0, -r - 1], [r + 1, 0], [0, r + 1], [-r - 1, 0]],
  })[shape];
