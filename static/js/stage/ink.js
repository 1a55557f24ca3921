// One canvas as large as the window onto the picture, redrawn in the frame in which the picture
// moves. A thousand outlines cost less this way than as a thousand elements, and stay sharp.
export class Ink {
  constructor(view, surface) {
    Object.assign(this, { view, surface, painters: [], frame: 0 });
    this.context = surface.getContext("2d");
    view.addEventListener("change", () => this.draw());
  }

  /** `painter(context, view)` draws in CSS pixels of the canvas; the last one lies on top. */
  add(painter) {
    this.painters.push(painter);
  }

  /** Something other than the view has changed. */
  request() {
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const { width, height } = this.view.box;
    const ratio = window.devicePixelRatio;
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.surface.width !== across) this.surface.width = across;
    if (this.surface.height !== down) this.surface.height = down;
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.clearRect(0, 0, across, down);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const painter of this.painters) {
      this.context.save();
      painter(this.context, this.view);
      this.context.restore();
    }
  }
}
