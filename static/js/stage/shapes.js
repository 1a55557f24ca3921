// Shapes in pixels of the upright original, in Annotorious' own form: {type, geometry}, where type
// is RECTANGLE (x, y, w, h), ELLIPSE (cx, cy, rx, ry) or POLYGON (points [[x, y], …]), each with
// bounds {minX, minY, maxX, maxY}. Shapes are never changed: every function returns a new one.
export const NAMES = { RECTANGLE: "rectangle", ELLIPSE: "ellipse", POLYGON: "outline" };
const MOST_POINTS = 20_000;

export function rectangle(a, b) {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return fromBounds("RECTANGLE", { minX: x, minY: y, maxX: Math.max(a.x, b.x), maxY: Math.max(a.y, b.y) });
}

export function ellipse(a, b) {
  return fromBounds("ELLIPSE", rectangle(a, b).geometry.bounds);
}

export function polygon(points) {
  const bounds = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (const [x, y] of points) {
    bounds.minX = Math.min(bounds.minX, x);
    bounds.minY = Math.min(bounds.minY, y);
    bounds.maxX = Math.max(bounds.maxX, x);
    bounds.maxY = Math.max(bounds.maxY, y);
  }
  return { type: "POLYGON", geometry: { points, bounds } };
}

export function fromBounds(type, bounds) {
  const { minX, minY, maxX, maxY } = bounds;
  const [w, h] = [maxX - minX, maxY - minY];
  if (type === "RECTANGLE") return { type, geometry: { x: minX, y: minY, w, h, rot: 0, bounds } };
  return { type, geometry: { cx: minX + w / 2, cy: minY + h / 2, rx: w / 2, ry: h / 2, bounds } };
}

export const boundsOf = (shape) => shape.geometry.bounds;

/** As far in the direction as the image allows: a shape is pushed against the edge, not over it. */
export function moved(shape, x, y, size) {
  const { minX, minY, maxX, maxY } = boundsOf(shape);
  const dx = Math.min(Math.max(x, -minX), Math.max(0, size.width - maxX));
  const dy = Math.min(Math.max(y, -minY), Math.max(0, size.height - maxY));
  if (shape.type === "POLYGON") return polygon(shape.geometry.points.map(([px, py]) => [px + dx, py + dy]));
  return fromBounds(shape.type, { minX: minX + dx, minY: minY + dy, maxX: maxX + dx, maxY: maxY + dy });
}

/** The shape stretched so that its bounds become these. */
export function stretched(shape, bounds) {
  if (shape.type !== "POLYGON") return fromBounds(shape.type, bounds);
  const was = boundsOf(shape);
  const across = (bounds.maxX - bounds.minX) / (was.maxX - was.minX || 1);
  const down = (bounds.maxY - bounds.minY) / (was.maxY - was.minY || 1);
  const put = ([x, y]) => [bounds.minX + (x - was.minX) * across, bounds.minY + (y - was.minY) * down];
  return polygon(shape.geometry.points.map(put));
}

/** To a tenth of a pixel: more would be noise of the hand, and forty digits in the record. */
export function rounded(shape) {
  const tenth = (value) => Math.round(value * 10) / 10;
  if (shape.type === "POLYGON") return polygon(shape.geometry.points.map(([x, y]) => [tenth(x), tenth(y)]));
  const { minX, minY, maxX, maxY } = boundsOf(shape);
  const bounds = { minX: tenth(minX), minY: tenth(minY), maxX: tenth(maxX), maxY: tenth(maxY) };
  const whole = fromBounds(shape.type, bounds);
  for (const name of ["w", "h"]) if (name in whole.geometry) whole.geometry[name] = tenth(whole.geometry[name]);
  return whole;
}

/** Whether it can be drawn and kept: known, finite, and no more points than anybody would draw. */
export function isSound(shape) {
  if (!(shape?.type in NAMES)) return false;
  const { geometry } = shape;
  const numbers = shape.type === "POLYGON" ? geometry.points.flat() : Object.values(boundsOf(shape));
  if (shape.type === "POLYGON" && (geometry.points.length < 3 || geometry.points.length > MOST_POINTS)) return false;
  return numbers.every((one) => Number.isFinite(one) && Math.abs(one) < 1e6);
}

/** Add its outline to a path, in image pixels. */
export function trace(path, { type, geometry }) {
  if (type === "RECTANGLE") path.rect(geometry.x, geometry.y, geometry.w, geometry.h);
  else if (type === "ELLIPSE") {
    path.moveTo(geometry.cx + geometry.rx, geometry.cy);
    path.ellipse(geometry.cx, geometry.cy, geometry.rx, geometry.ry, 0, 0, 2 * Math.PI);
  } else {
    geometry.points.forEach(([x, y], index) => (index ? path.lineTo(x, y) : path.moveTo(x, y)));
    path.closePath();
  }
}

/** Whether a point lies in it, or no further than `near` (image pixels) from its bounds' outline. */
export function contains(shape, { x, y }, near) {
  const { minX, minY, maxX, maxY } = boundsOf(shape);
  if (x < minX - near || x > maxX + near || y < minY - near || y > maxY + near) return false;
  const { type, geometry } = shape;
  if (type === "RECTANGLE") return true;
  if (type === "ELLIPSE") {
    return ((x - geometry.cx) / (geometry.rx + near)) ** 2 + ((y - geometry.cy) / (geometry.ry + near)) ** 2 <= 1;
  }
  let within = false;
  const { points } = geometry;
  for (let here = 0, last = points.length - 1; here < points.length; last = here++) {
    const [[ax, ay], [bx, by]] = [points[here], points[last]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
    if (distanceToSide({ x, y }, ax, ay, bx, by) <= near) return true;
  }
  return within;
}

function distanceToSide({ x, y }, ax, ay, bx, by) {
  const length = (bx - ax) ** 2 + (by - ay) ** 2;
  const along = length ? Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length)) : 0;
  return Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay));
}

/** Of the bounds, in square pixels: the smaller one wins where two lie on each other. */
export function extent(shape) {
  const { minX, minY, maxX, maxY } = boundsOf(shape);
  return (maxX - minX) * (maxY - minY);
}
