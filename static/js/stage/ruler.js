// A scale bar where the size of a pixel on the skin is known, and a line that measures: in
// millimetres, or in pixels of the image where nobody recorded how large they are.
const WIDEST = 140; // CSS pixels of the scale bar
const LENGTHS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]; // mm
const PIXELS_ONLY = "In pixels of the image: how large they are on the skin was not recorded.";

export class Ruler {
  constructor(root, view, ink, button) {
    Object.assign(this, { view, ink, button, line: null, on: false });
    this.bar = root.querySelector("#stage-scale");
    this.reading = root.querySelector("#stage-measure");
    view.addEventListener("change", () => this.scaleBar());
    ink.add((context) => this.paint(context));
  }

  /** Micrometres of skin per pixel of the picture now shown; nothing where that is unknown. */
  use(spacing) {
    this.spacing = Number(spacing) > 0 ? Number(spacing) : null;
    this.line = null;
    this.scaleBar();
    this.say();
  }

  toggle(on = !this.on) {
    this.on = on;
    this.line = null;
    this.button.setAttribute("aria-pressed", String(on));
    this.reading.hidden = !on;
    this.say();
    this.ink.request();
  }

  scaleBar() {
    this.bar.hidden = !this.spacing;
    if (!this.spacing) return;
    const perMillimetre = (1000 / this.spacing) * this.view.scale; // CSS pixels
    const length = LENGTHS.findLast((one) => one * perMillimetre <= WIDEST) ?? LENGTHS[0];
    this.bar.querySelector("[data-bar]").style.width = `${length * perMillimetre}px`;
    this.bar.querySelector("[data-length]").textContent = `${length}\u00a0mm`;
  }

  // A drag, or one press at each end.
  down(event) {
    const at = this.view.inside(this.view.toImage(event.clientX, event.clientY));
    if (this.line?.open) this.line.to = at;
    else this.line = { from: at, to: at, open: true };
    this.draw();
  }

  move(event) {
    if (!this.line?.open) return;
    this.line.to = this.view.inside(this.view.toImage(event.clientX, event.clientY));
    this.draw();
  }

  hover(event) {
    this.move(event);
  }

  up() {
    if (this.line && this.length() > 0) this.line.open = false;
    this.draw();
  }

  cancel() {
    this.line = null;
    this.draw();
  }

  draw() {
    this.say();
    this.ink.request();
  }

  length() {
    const { from, to } = this.line;
    return Math.hypot(to.x - from.x, to.y - from.y);
  }

  words() {
    const pixels = this.length();
    return this.spacing ? `${((pixels * this.spacing) / 1000).toFixed(2)}\u00a0mm` : `${Math.round(pixels)}\u00a0pixels`;
  }

  say() {
    const how = this.spacing ? "" : ` ${PIXELS_ONLY}`;
    const measured = this.line && this.length() > 0;
    this.reading.textContent = measured ? `${this.words()}.${how}` : `Draw a line over what you want to measure.${how}`;
  }

  paint(context) {
    if (!this.on || !this.line || this.length() === 0) return;
    const from = this.view.toCanvas(this.line.from.x, this.line.from.y);
    const to = this.view.toCanvas(this.line.to.x, this.line.to.y);
    const angle = Math.atan2(to.y - from.y, to.x - from.x) + Math.PI / 2;
    const [x, y] = [Math.cos(angle) * 6, Math.sin(angle) * 6];
    for (const [width, colour] of [[5, "#0b0e0f"], [2, "#ffffff"]]) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.beginPath();
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
      for (const end of [from, to]) {
        context.moveTo(end.x - x, end.y - y);
        context.lineTo(end.x + x, end.y + y);
      }
      context.stroke();
    }
  }
}
