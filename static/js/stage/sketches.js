// What is being drawn: each kind takes presses and moves (points of the image) and says when it is
// done. A drag draws; so do single presses, which is how a tap and the keyboard's Enter arrive.
import { ellipse, polygon, rectangle } from "./shapes.js";

const LEAST = 4; // screen pixels: anything smaller is a slip of the hand
const CLOSE = 12; // screen pixels from the first corner at which an outline is closed
const apart = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

class Sketch {
  /** `pixel()` is how many image pixels one of the screen is now. */
  constructor(pixel) {
    this.pixel = pixel;
    this.points = [];
  }

  get begun() {
    return this.points.length > 0;
  }

  near(a, b, pixels) {
    return apart(a, b) < pixels * this.pixel();
  }

  outline() {
    return this.points.map(({ x, y }) => [x, y]);
  }

  /** Take the last corner back; false where there is none to take. */
  back() {
    return false;
  }
}

class Box extends Sketch {
  down(at) {
    if (!this.begun) this.points = [at, at];
  }

  move(at, { even = false } = {}) {
    if (!this.begun) return;
    const [from] = this.points;
    const side = Math.max(Math.abs(at.x - from.x), Math.abs(at.y - from.y));
    const toward = (a, b) => b + side * (Math.sign(a - b) || 1);
    this.points[1] = even ? { x: toward(at.x, from.x), y: toward(at.y, from.y) } : at;
  }

  up() {
    const [from, to] = this.points;
    const least = LEAST * this.pixel();
    if (Math.abs(from.x - to.x) < least || Math.abs(from.y - to.y) < least) return null;
    return this.preview();
  }

  preview() {
    return this.begun ? this.shape(...this.points) : null;
  }
}

class RectangleSketch extends Box {
  shape = rectangle;
}

class EllipseSketch extends Box {
  shape = ellipse;
}

class PolygonSketch extends Sketch {
  down(at) {
    this.ahead = at;
  }

  move(at) {
    this.ahead = at;
  }

  /** A press on the first corner or twice on the last closes it. */
  up(at) {
    const [first] = this.points;
    const last = this.points.at(-1);
    const closing = last && (this.near(at, last, LEAST) || this.near(at, first, CLOSE));
    if (closing && this.points.length >= 3) return this.finish();
    if (!last || !this.near(at, last, LEAST)) this.points.push(at);
    return null;
  }

  finish() {
    return this.points.length >= 3 ? polygon(this.outline()) : null;
  }

  back() {
    this.points.pop();
    return true;
  }

  preview() {
    return this.begun ? polygon([...this.outline(), [this.ahead.x, this.ahead.y]]) : null;
  }
}

class OutlineSketch extends Sketch {
  down(at) {
    if (!this.begun) this.points = [at];
  }

  move(at) {
    if (this.begun && !this.near(at, this.points.at(-1), 2)) this.points.push(at);
  }

  up(at) {
    this.move(at);
    if (this.points.length < 4) return null;
    const kept = simplified(this.points, 0.75 * this.pixel());
    return kept.length >= 3 ? polygon(kept.map(({ x, y }) => [x, y])) : null;
  }

  preview() {
    return this.begun ? polygon(this.outline()) : null;
  }
}

/** Ramer, Douglas and Peucker: the points without which the line would be off by more than that. */
function simplified(points, tolerance) {
  const keep = new Set([0, points.length - 1]);
  const spans = [[0, points.length - 1]];
  while (spans.length) {
    const [from, to] = spans.pop();
    const [a, b] = [points[from], points[to]];
    const length = apart(a, b);
    let [worst, most] = [0, tolerance];
    for (let index = from + 1; index < to; index++) {
      const p = points[index];
      const off = length
        ? Math.abs((b.x - a.x) * (a.y - p.y) - (a.x - p.x) * (b.y - a.y)) / length
        : apart(a, p);
      if (off > most) [worst, most] = [index, off];
    }
    if (!worst) continue;
    keep.add(worst);
    spans.push([from, worst], [worst, to]);
  }
  return points.filter((_, index) => keep.has(index));
}

export const SKETCHES = {
  rectangle: RectangleSketch,
  ellipse: EllipseSketch,
  polygon: PolygonSketch,
  outline: OutlineSketch,
};
