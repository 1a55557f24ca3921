// All annotations but the one being changed. They are drawn once on a sheet larger than the window,
// which then moves with the picture: a thousand cost no more to move than one. The sheet is drawn
// again when something on it changes, at another zoom, or where its edge comes into sight.
import { boundsOf, trace } from "./shapes.js";

const DARK = "rgb(11 14 15 / 75%)";
const LINE = 2; // CSS pixels
const BEYOND = 0.5; // of the window, on each side of it
const NAMED_AT_MOST = 24; // names on the picture at once; beyond that they would cover it
const FONT = "12px system-ui, sans-serif";

export class Outlines {
  /** `shown()` gives [{key, shape, path, content}] of what is to be drawn, the last on top. */
  constructor(ink, vocabulary, shown) {
    Object.assign(this, { vocabulary, shown, picked: null, drawn: null });
    this.sheet = document.createElement("canvas");
    ink.add((context, view) => this.paint(context, view));
  }

  /** Something on the sheet is different. */
  change() {
    this.drawn = null;
  }

  paint(context, view) {
    const { width, height } = view.box;
    const origin = view.toCanvas(0, 0);
    const look = [view.scale, view.turn, width, height, window.devicePixelRatio].join();
    const [x, y] = this.drawn ? [origin.x - this.drawn.x, origin.y - this.drawn.y] : [0, 0];
    const [beyondX, beyondY] = [width * BEYOND, height * BEYOND];
    const fits = this.drawn?.look === look && Math.abs(x) <= beyondX && Math.abs(y) <= beyondY;
    if (!fits) this.redraw(view, beyondX, beyondY, look, origin);
    if (!this.drawn.count) return;
    const [left, top] = fits ? [x - beyondX, y - beyondY] : [-beyondX, -beyondY];
    context.drawImage(this.sheet, left, top, width + 2 * beyondX, height + 2 * beyondY);
  }

  redraw(view, beyondX, beyondY, look, origin) {
    const ratio = window.devicePixelRatio;
    const seen = this.shown().filter(({ shape }) => isSeen(shape, view, beyondX, beyondY));
    this.drawn = { look, x: origin.x, y: origin.y, count: seen.length };
    if (!seen.length) return;
    this.sheet.width = Math.round((view.box.width + 2 * beyondX) * ratio);
    this.sheet.height = Math.round((view.box.height + 2 * beyondY) * ratio);
    const context = this.sheet.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, beyondX * ratio, beyondY * ratio);
    this.strokes(context, view, seen);
    const named = seen.length <= NAMED_AT_MOST ? seen : seen.filter(({ key }) => key === this.picked);
    for (const one of named) this.name(context, view, one);
  }

  /** One by one: the strokes of a thousand small paths cost far less than those of one huge path. */
  strokes(context, view, seen) {
    context.save();
    context.transform(...view.matrix);
    context.lineJoin = "round";
    for (const { path, content } of seen) {
      const { colour, dash } = this.vocabulary.line(content.label);
      context.setLineDash([]);
      context.strokeStyle = DARK;
      context.lineWidth = (LINE + 2) / view.scale;
      context.stroke(path);
      context.setLineDash(dash.map((part) => part / view.scale));
      context.strokeStyle = colour;
      context.lineWidth = LINE / view.scale;
      context.stroke(path);
    }
    this.pickedPath = seen.find(({ key }) => key === this.picked)?.path;
    if (this.pickedPath) this.emphasise(context, view);
    context.restore();
  }

  emphasise(context, view) {
    context.setLineDash([]);
    context.lineWidth = (LINE + 1) / view.scale;
    context.strokeStyle = "#ffffff";
    context.stroke(this.pickedPath);
    context.fillStyle = "rgb(255 255 255 / 12%)";
    context.fill(this.pickedPath);
  }

  /** The name stands above the highest point as it is turned now. */
  name(context, view, { shape, content }) {
    const { minX, minY, maxX, maxY } = boundsOf(shape);
    const corners = [[minX, minY], [maxX, minY], [minX, maxY], [maxX, maxY]].map((at) => view.toCanvas(...at));
    const [x, y] = [Math.min(...corners.map((at) => at.x)), Math.min(...corners.map((at) => at.y))];
    const name = this.vocabulary.name(content);
    context.font = FONT;
    const width = context.measureText(name).width + 10;
    const top = y - 20;
    context.fillStyle = "rgb(11 14 15 / 82%)";
    context.beginPath();
    context.roundRect(x, top, width, 17, 3);
    context.fill();
    context.fillStyle = this.vocabulary.line(content.label).colour;
    context.textBaseline = "middle";
    context.fillText(name, x + 5, top + 9);
  }
}

export function pathOf(shape) {
  const path = new Path2D();
  trace(path, shape);
  return path;
}

function isSeen(shape, view, beyondX, beyondY) {
  const { minX, minY, maxX, maxY } = boundsOf(shape);
  const [a, b] = [view.toCanvas(minX, minY), view.toCanvas(maxX, maxY)];
  const { width, height } = view.box;
  const across = Math.max(a.x, b.x) > -beyondX && Math.min(a.x, b.x) < width + beyondX;
  return across && Math.max(a.y, b.y) > -beyondY && Math.min(a.y, b.y) < height + beyondY;
}
