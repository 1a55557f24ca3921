// Figures over time: a line a column, broken where there is none, with a bar for the interval.
import { legend } from "./stacked.js";

const SERIES = ["accent", "text", "text-quiet", "control-line"];
const SHAPES = ["circle", "triangle", "rect", "rectRot"];
const DASHES = [[], [6, 4], [2, 3], [8, 3, 2, 3]];
const AXES = {
  percent: { max: 1, write: (value) => `${Math.round(100 * value)} %` },
  seconds: { write: (value) => (value >= 120 ? `${Math.round(value / 60)} min` : `${value} s`) },
};

export function lines({ columns, rows, unit }, { colour }) {
  const axis = AXES[unit];
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
            ticks: { color: colour("text-quiet"), callback: axis.write },
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
