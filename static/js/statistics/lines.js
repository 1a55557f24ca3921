// Figures over time: a line a column, broken where there is none, with a bar for the interval.
import { legend } from "./stacked.js";

const SERIES = ["accent", "text", "text-quiet", "control-line"];
const SHAPES = ["circle", "triangle", "rect", "rectRot"];
const DASHES = [[], [6, 4], [2, 3], [8, 3, 2, 3]];
const AXES = {
  percent: { max: 1, write: (value) => `${Math.round(100 * value)} %` },
  seconds: { steps: timeStep, write: time },
};
const MOST_STEPS = 6;
const HOUR = 3600;
const TIME_STEPS = [10, 20, 30, 60, 120, 300, 600, 1200, 1800, ...[1, 2, 3, 6, 12].map((n) => n * HOUR)];

/** So many seconds that round minutes or hours stand at the axis; undefined below a minute. */
function timeStep(highest) {
  if (highest < 60) return undefined;
  const day = 24 * HOUR;
  const fits = TIME_STEPS.find((step) => highest / step <= MOST_STEPS);
  return fits ?? day * Math.ceil(highest / day / MOST_STEPS);
}

function time(value) {
  if (value >= 2 * HOUR) return `${+(value / HOUR).toFixed(1)} h`;
  return value >= 120 ? `${+(value / 60).toFixed(1)} min` : `${value} s`;
}

export function lines({ columns, rows, unit }, { colour }) {
  const axis = AXES[unit];
  const highest = Math.max(0, ...rows.flatMap(({ cells }) => cells.map((cell) => cell?.value ?? 0)));
  const datasets = columns.map(({ label }, column) => ({
    label,
    data: rows.map(({ cells }) => cells[column]?.value ?? null),
    figures: rows.map(({ cells }) => cells[column]),
    borderColor: colour(SERIES[column]),
    backgroundColor: colour(SERIES[column]),
    borderDash: DASHES[column],
    borderWidth: 2,
    pointStyle: SHAPES[column],
    pointRadius: 4,
  }));
  return {
    config: {
      type: "line",
      data: { labels: rows.map(({ label }) => label), datasets },
      plugins: [bars],
      options: {
        scales: {
          x: {
            ticks: { color: colour("text"), maxRotation: 0, autoSkipPadding: 12 },
            grid: { display: false },
            border: { color: colour("line-strong") },
          },
          y: {
            beginAtZero: true,
            max: axis.max,
            ticks: {
              color: colour("text-quiet"),
              callback: axis.write,
              stepSize: axis.steps?.(highest),
            },
            grid: { color: colour("line") },
            border: { display: false },
          },
        },
        plugins: {
          legend: {
            ...legend(colour, { usePointStyle: true, boxHeight: 8 }),
            display: columns.length > 1,
          },
          tooltip: {
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

/** From the low to the high end of each figure that has them. */
const bars = {
  id: "bars",
  beforeDatasetsDraw(chart) {
    const pen = chart.ctx;
    const y = chart.scales.y;
    chart.data.datasets.forEach((dataset, index) => {
      chart.getDatasetMeta(index).data.forEach((point, row) => {
        const figure = dataset.figures[row];
        if (!figure || figure.low === null) return;
        pen.save();
        pen.strokeStyle = dataset.borderColor;
        pen.lineWidth = 1.5;
        pen.beginPath();
        pen.moveTo(point.x, y.getPixelForValue(figure.low));
        pen.lineTo(point.x, y.getPixelForValue(figure.high));
        pen.stroke();
        pen.restore();
      });
    });
  },
};
