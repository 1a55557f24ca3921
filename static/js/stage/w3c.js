// Shapes to and from the selectors of the W3C Web Annotation model, by Annotorious' own format.
// What a server sends is not trusted: what cannot be understood is `null`, never an exception.
import { W3CImageFormat } from "./annotorious.js";
import { isSound, polygon, rounded } from "./shapes.js";

const LONGEST = 2_000_000; // characters of a selector
const FORMAT = W3CImageFormat("urn:uuid:image", { strict: true });

/** The shape that a selector describes, or null. */
export function shapeOf(selector) {
  try {
    if (typeof selector?.value !== "string" || selector.value.length > LONGEST) return null;
    const target = { source: "urn:uuid:image", selector };
    const { parsed } = FORMAT.parse({ id: "shape", type: "Annotation", body: [], target });
    const shape = upright(parsed?.target.selector);
    return isSound(shape) ? shape : null;
  } catch {
    return null;
  }
}

/** The selector of a shape: a fragment for a rectangle, SVG for everything else. */
export function selectorOf(shape) {
  const target = { annotation: "shape", selector: rounded(shape) };
  return FORMAT.serialize({ id: "shape", bodies: [], target }).target.selector;
}

/** A turned rectangle is an outline like any other here. */
function upright(shape) {
  if (shape?.type !== "RECTANGLE" || !shape.geometry.rot) return shape;
  const { x, y, w, h, rot } = shape.geometry;
  const turn = ([dx, dy]) => [
    x + w / 2 + dx * Math.cos(rot) - dy * Math.sin(rot),
    y + h / 2 + dx * Math.sin(rot) + dy * Math.cos(rot),
  ];
  return polygon([[-w / 2, -h / 2], [w / 2, -h / 2], [w / 2, h / 2], [-w / 2, h / 2]].map(turn));
}
