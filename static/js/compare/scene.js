// Two pictures that move as one: where both stand, and how far the later one was shifted by hand.
//
// Lengths are in parts of a window's shorter side, so that they mean the same after a resize and in
// either way of showing. `turn` is degrees clockwise. Of the later picture, `shift` comes first and
// what both share after it: aligned is aligned at every zoom.
const MOST = 16;
const LEAST = 0.25;
const PLAUSIBLE = 4; // times: more than this is another kind of picture, not another distance
const UNSHIFTED = { x: 0, y: 0, turn: 0, scale: 1 };

export class Scene extends EventTarget {
  constructor(panes) {
    super();
    this.panes = panes.map((pane) => ({ pane, window: pane.querySelector(".compare-window"), image: pane.querySelector("img") }));
    [, this.later] = this.panes;
    this.frame = 0;
    this.shift = { ...UNSHIFTED };
    this.fit();
    const observer = new ResizeObserver(() => this.draw());
    for (const { window } of this.panes) observer.observe(window);
  }

  fit() {
    Object.assign(this, { zoom: 1, x: 0, y: 0, turn: this.turn ?? 0 });
    this.draw();
  }

  get isFitted() {
    return this.zoom === 1 && this.x === 0 && this.y === 0;
  }

  get isShifted() {
    return Object.keys(UNSHIFTED).some((name) => this.shift[name] !== UNSHIFTED[name]);
  }

  /** CSS pixels of the unit in which lengths are kept. */
  get unit() {
    const { clientWidth, clientHeight } = this.panes[0].window;
    return Math.min(clientWidth, clientHeight) || 1;
  }

  /** CSS pixels of the screen for one of the original, at zoom 1. */
  fitOf({ window, image }) {
    const [width, height] = [Number(image.getAttribute("width")), Number(image.getAttribute("height"))];
    const [across, down] = this.turn % 180 ? [height, width] : [width, height];
    return Math.min(window.clientWidth / across, window.clientHeight / down) || 1;
  }

  /** What makes a millimetre as long on the later picture as on the earlier; null where unknown. */
  get sameScale() {
    const [earlier, later] = this.panes.map((one) => {
      const spacing = Number(one.image.dataset.spacing);
      return spacing > 0 ? spacing / this.fitOf(one) : null;
    });
    const ratio = earlier && later ? later / earlier : null;
    return ratio && ratio < PLAUSIBLE && ratio > 1 / PLAUSIBLE ? ratio : null;
  }

  panBy(dx, dy) {
    this.x += dx / this.unit;
    this.y += dy / this.unit;
    this.draw();
  }

  /** Zoom by a factor about a point, in CSS pixels from the middle of a window. */
  zoomBy(factor, at = { x: 0, y: 0 }) {
    const zoom = Math.min(Math.max(this.zoom * factor, LEAST), MOST);
    const by = zoom / this.zoom;
    const [px, py] = [at.x / this.unit, at.y / this.unit];
    Object.assign(this, { zoom, x: px - by * (px - this.x), y: py - by * (py - this.y) });
    this.draw();
  }

  turnBy(degrees) {
    this.turn = (this.turn + degrees + 360) % 360;
    const [x, y] = turned(this.x, this.y, degrees);
    Object.assign(this, { x, y });
    this.draw();
  }

  /** Move, turn and scale the later picture alone, by what the screen sees. */
  shiftBy({ dx = 0, dy = 0, turn = 0, scale = 1, at = null }) {
    const here = this.shift;
    const [x, y] = turned(dx / this.unit / this.zoom, dy / this.unit / this.zoom, -this.turn);
    const [px, py] = at ? this.beforeBoth(at) : [here.x, here.y];
    const [rx, ry] = turned(here.x - px, here.y - py, turn);
    this.shift = {
      x: px + scale * rx + x, y: py + scale * ry + y, turn: here.turn + turn, scale: here.scale * scale,
    };
    this.draw();
  }

  unshift() {
    this.shift = { ...UNSHIFTED };
    this.draw();
  }

  /** A point of the window in the frame that the shift works in. */
  beforeBoth({ x, y }) {
    return turned((x / this.unit - this.x) / this.zoom, (y / this.unit - this.y) / this.zoom, -this.turn);
  }

  draw() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.keepInSight();
      for (const one of this.panes) this.place(one);
      this.dispatchEvent(new Event("change"));
    });
  }

  /** The middle of the window stays on the earlier picture. */
  keepInSight() {
    const [earlier] = this.panes;
    const scale = (this.fitOf(earlier) * this.zoom) / this.unit / 2;
    const [width, height] = ["width", "height"].map((name) => Number(earlier.image.getAttribute(name)) * scale);
    const [across, down] = this.turn % 180 ? [height, width] : [width, height];
    this.x = Math.min(Math.max(this.x, -across), across);
    this.y = Math.min(Math.max(this.y, -down), down);
  }

  place(one) {
    const { window, image } = one;
    const fit = this.fitOf(one);
    const { unit, shift } = this;
    image.style.width = `${image.getAttribute("width") * fit}px`;
    image.style.height = `${image.getAttribute("height") * fit}px`;
    const both =
      `translate(${window.clientWidth / 2 + this.x * unit}px, ${window.clientHeight / 2 + this.y * unit}px) ` +
      `rotate(${this.turn}deg) scale(${this.zoom})`;
    const own =
      ` translate(${shift.x * unit}px, ${shift.y * unit}px) rotate(${shift.turn}deg)` +
      ` scale(${shift.scale * (this.sameScale ?? 1)})`;
    image.style.transform = `${both}${one === this.later ? own : ""} translate(-50%, -50%)`;
  }
}

function turned(x, y, degrees) {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [x * cos - y * sin, x * sin + y * cos];
}
