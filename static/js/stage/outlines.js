// All annotations but the one being changed, drawn on the ink: what lies outside the window is left
// out, and each group is one path, so that a thousand cost no more than a few strokes a frame.
import { boundsOf, trace } from "./shapes.js";

const DARK = "rgb(11 14 15 / 75%)";
const LINE = 2; // CSS pixels
const NAMED_AT_MOST = 24; // names on the picture at once; beyond that they would cover it
const FONT = "12px system-ui, sans-serif";

export class Outlines {
  /** `shown()` gives [{key, shape, path, content}] of what is to be drawn, the last on top. */
  constructor(ink, vocabulary, shown) {
    Object.assign(this, { vocabulary, shown, picked: null });
    ink.add((context, view) => this.paint(context, view));
  }

  paint(context, view) {
    const seen = this.shown().filter(({ shape }) => isSeen(shape, view));
    if (!seen.length) return;
    this.strokes(context, view, seen);
    const named = seen.length <= NAMED_AT_MOST ? seen : seen.filter(({ key }) => key === this.picked);
    for (const one of named) this.name(context, view, one);
  }

  strokes(context, view, seen) {
    const styles = new Map();
    const all = new Path2D();
    for (const { key, path, content } of seen) {
      const line = this.vocabulary.line(content.label);
      if (!styles.has(line)) styles.set(line, new Path2D());
      styles.get(line).addPath(path);
      all.addPath(path);
      if (key === this.picked) this.pickedPath = path;
    }
    context.save();
    context.transform(...view.matrix);
    context.lineJoin = "round";
    context.strokeStyle = DARK;
    context.lineWidth = (LINE + 2) / view.scale;
    context.stroke(all);
    for (const [{ colour, dash }, path] of styles) {
      context.strokeStyle = colour;
      context.lineWidth = LINE / view.scale;
      context.setLineDash(dash.map((part) => part / view.scale));
      context.stroke(path);
    }
    if (seen.some(({ key }) => key === this.picked)) this.emphasise(context, view);
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
    const top = Math.max(0, y - 20);
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

function isSeen(shape, view) {
  const { minX, minY, maxX, maxY } = boundsOf(shape);
  const [a, b] = [view.toCanvas(minX, minY), view.toCanvas(maxX, maxY)];
  const { width, height } = view.box;
  return Math.max(a.x, b.x) > 0 && Math.max(a.y, b.y) > 0 && Math.min(a.x, b.x) < width && Math.min(a.y, b.y) < height;
}
