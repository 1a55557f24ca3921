// Where the picture lies on the canvas: one transform for the picture, the saliency map, the ruler
// and every annotation.
//
// `scale` is CSS pixels of the screen per pixel of the original image, `turn` quarter turns
// clockwise, `centre` the image point in the middle of the canvas. The plane is laid out at its
// scaled size and only moved and turned by a CSS transform: it stays sharp at every zoom, and
// moving it is left to the compositor.
const STEP = 1.35;
const MOST = 16; // CSS pixels per image pixel at the closest
const REPLACEMENT = { width: 4, height: 3 };

export class View extends EventTarget {
  constructor(canvas, plane) {
    super();
    Object.assign(this, { canvas, plane, scale: 1, turn: 0, fitted: true });
    this.size = REPLACEMENT;
    this.box = { width: 0, height: 0, left: 0, top: 0 };
    this.centre = { x: 2, y: 1.5 };
    this.frame = 0;
    this.locate();
    new ResizeObserver(() => this.measure()).observe(canvas);
    for (const kind of ["scroll", "resize"]) {
      window.addEventListener(kind, () => this.locate(), { capture: true, passive: true });
    }
  }

  /** Show an image of this size, in pixels after orientation: all of it, upright. */
  use(width, height) {
    this.size = width > 0 && height > 0 ? { width, height } : REPLACEMENT;
    this.turn = 0;
    this.fit();
  }

  measure() {
    this.locate();
    if (this.fitted) this.fit();
    else this.draw();
  }

  locate() {
    this.box = this.canvas.getBoundingClientRect();
  }

  get sideways() {
    return this.turn % 2 === 1;
  }

  /** Width and height of the image as it stands on the screen, in image pixels. */
  get standing() {
    const { width, height } = this.size;
    return this.sideways ? { width: height, height: width } : { width, height };
  }

  get fitScale() {
    const { width, height } = this.standing;
    return Math.min(this.box.width / width, this.box.height / height) || 1;
  }

  /** The scale at which one pixel of the image is one of the screen. */
  get pixelScale() {
    return 1 / window.devicePixelRatio;
  }

  /** 1 where one pixel of the image is one of the screen. */
  get magnification() {
    return this.scale / this.pixelScale;
  }

  get least() {
    return Math.min(this.fitScale, this.pixelScale);
  }

  get most() {
    return Math.max(MOST, this.fitScale * 2);
  }

  fit() {
    this.fitted = true;
    this.scale = this.fitScale;
    this.centre = { x: this.size.width / 2, y: this.size.height / 2 };
    this.draw();
  }

  /** Zoom to a scale; the image point under `at` (client coordinates) stays where it is. */
  zoomTo(scale, at = this.middle) {
    const held = this.toImage(at.x, at.y);
    this.scale = Math.min(Math.max(scale, this.least), this.most);
    this.fitted = Math.abs(this.scale / this.fitScale - 1) < 0.001;
    const now = this.toImage(at.x, at.y);
    this.centre = { x: this.centre.x + held.x - now.x, y: this.centre.y + held.y - now.y };
    this.draw();
  }

  zoomIn(at) {
    this.zoomTo(this.scale * STEP, at);
  }

  zoomOut(at) {
    this.zoomTo(this.scale / STEP, at);
  }

  onePixel(at) {
    this.zoomTo(this.pixelScale, at);
  }

  /** Turn by quarter turns, clockwise; what is in the middle stays there. */
  rotate(quarters) {
    this.turn = (this.turn + quarters + 4) % 4;
    if (this.fitted) this.fit();
    else this.zoomTo(this.scale);
  }

  /** Move the picture by CSS pixels of the screen. */
  panBy(x, y) {
    const moved = this.turned(-x / this.scale, -y / this.scale, -this.turn);
    this.centre = { x: this.centre.x + moved.x, y: this.centre.y + moved.y };
    this.draw();
  }

  get middle() {
    const { left, top, width, height } = this.box;
    return { x: left + width / 2, y: top + height / 2 };
  }

  turned(x, y, quarters) {
    const turn = ((quarters % 4) + 4) % 4;
    if (turn === 1) return { x: -y, y: x };
    if (turn === 2) return { x: -x, y: -y };
    if (turn === 3) return { x: y, y: -x };
    return { x, y };
  }

  /** Client coordinates to pixels of the upright original. */
  toImage(clientX, clientY) {
    const middle = this.middle;
    const off = this.turned((clientX - middle.x) / this.scale, (clientY - middle.y) / this.scale, -this.turn);
    return { x: this.centre.x + off.x, y: this.centre.y + off.y };
  }

  /** Pixels of the upright original to pixels of the canvas. */
  toCanvas(x, y) {
    const off = this.turned((x - this.centre.x) * this.scale, (y - this.centre.y) * this.scale, this.turn);
    return { x: this.box.width / 2 + off.x, y: this.box.height / 2 + off.y };
  }

  /** The matrix (a, b, c, d, e, f) from image pixels to canvas pixels. */
  get matrix() {
    const origin = this.toCanvas(0, 0);
    const across = this.turned(this.scale, 0, this.turn);
    const down = this.turned(0, this.scale, this.turn);
    return [across.x, across.y, down.x, down.y, origin.x, origin.y];
  }

  /** A point of the image, inside it. */
  inside({ x, y }) {
    const { width, height } = this.size;
    return { x: Math.min(Math.max(x, 0), width), y: Math.min(Math.max(y, 0), height) };
  }

  /** The picture never leaves the canvas, and is in its middle where it is the smaller of the two. */
  keepInSight() {
    const { width, height } = this.size;
    const [seenX, seenY] = this.sideways ? [this.box.height, this.box.width] : [this.box.width, this.box.height];
    this.centre = {
      x: between(this.centre.x, seenX / this.scale / 2, width),
      y: between(this.centre.y, seenY / this.scale / 2, height),
    };
  }

  /** Everything that follows the picture is drawn once a frame, whatever happens in between. */
  draw() {
    this.keepInSight();
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.place();
      this.dispatchEvent(new Event("change"));
    });
  }

  place() {
    const { style } = this.plane;
    const [width, height] = [`${this.size.width * this.scale}px`, `${this.size.height * this.scale}px`];
    if (style.width !== width) style.width = width;
    if (style.height !== height) style.height = height;
    const origin = this.toCanvas(0, 0);
    const ratio = window.devicePixelRatio;
    const whole = (value) => Math.round(value * ratio) / ratio; // a half pixel would blur 1:1
    style.transform = `translate(${whole(origin.x)}px, ${whole(origin.y)}px) rotate(${this.turn * 90}deg)`;
  }
}

function between(value, half, length) {
  if (half * 2 >= length) return length / 2;
  return Math.min(Math.max(value, half), length - half);
}
