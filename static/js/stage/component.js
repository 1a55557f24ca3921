// What Annotorious expects of a drawing tool or an editor, without the framework it is written in:
// made with {target, props}, told of changes by $set, heard by $on, taken away by $destroy.
const SVG = "http://www.w3.org/2000/svg";

export class Component {
  constructor({ target, props }) {
    Object.assign(this, { target, props, listeners: new Map() });
    this.group = document.createElementNS(SVG, "g");
    target.append(this.group);
    this.$$set = (changes) => this.$set(changes);
  }

  $on(kind, listener) {
    this.listeners.set(kind, [...(this.listeners.get(kind) ?? []), listener]);
    return () => this.listeners.set(kind, this.listeners.get(kind).filter((one) => one !== listener));
  }

  say(kind, detail) {
    for (const listener of this.listeners.get(kind) ?? []) listener(new CustomEvent(kind, { detail }));
  }

  $set(changes) {
    Object.assign(this.props, changes);
  }

  $destroy() {
    this.group.remove();
  }
}

/** An element of SVG with attributes; a class and data-… are attributes too. */
export function svg(name, attributes = {}) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/** The element of a shape, as RECTANGLE, ELLIPSE or POLYGON; `old` is changed where it can be. */
export function draw(shape, old, attributes = {}) {
  const [name, numbers] = FORMS[shape.type](shape.geometry);
  const element = old?.localName === name ? old : svg(name, attributes);
  for (const [key, value] of Object.entries(numbers)) element.setAttribute(key, value);
  if (old && old !== element) old.replaceWith(element);
  return element;
}

const FORMS = {
  RECTANGLE: ({ x, y, w, h }) => ["rect", { x, y, width: w, height: h }],
  ELLIPSE: ({ cx, cy, rx, ry }) => ["ellipse", { cx, cy, rx, ry }],
  POLYGON: ({ points }) => ["polygon", { points: points.map((at) => at.join(",")).join(" ") }],
};
