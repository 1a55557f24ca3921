// The line between two pictures that lie over each other: a slider that mouse, finger and keys move.
const STEP = 2; // per cent
const PAGE = 10;

export class Divider {
  /** `later` is the window on top, of which the part right of the line is seen. */
  constructor(slider, stage, later) {
    Object.assign(this, { slider, stage, later, at: 50 });
    slider.addEventListener("keydown", (event) => this.key(event));
    slider.addEventListener("pointerdown", (event) => this.take(event));
    slider.addEventListener("pointermove", (event) => this.drag(event));
  }

  show(isShown) {
    this.slider.hidden = !isShown;
    if (isShown) this.set(this.at);
    else this.later.style.clipPath = "";
  }

  set(at) {
    this.at = Math.min(Math.max(at, 0), 100);
    const whole = Math.round(this.at);
    this.slider.setAttribute("aria-valuenow", String(whole));
    this.slider.setAttribute("aria-valuetext", `Earlier picture ${whole} %, later picture ${100 - whole} %`);
    this.slider.style.left = `${this.at}%`;
    this.later.style.clipPath = `inset(0 0 0 ${this.at}%)`;
  }

  key(event) {
    const by = {
      ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP, PageDown: -PAGE, PageUp: PAGE,
      Home: -100, End: 100,
    }[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.set(this.at + by * (event.shiftKey && Math.abs(by) === STEP ? PAGE / STEP : 1));
  }

  take(event) {
    if (event.button) return;
    event.preventDefault();
    this.slider.focus();
    this.slider.setPointerCapture(event.pointerId);
    const { left, width } = this.slider.getBoundingClientRect();
    // The line stays under the finger that took it, wherever on the grip that was.
    this.offset = event.clientX - (left + width / 2);
  }

  drag(event) {
    if (!this.slider.hasPointerCapture(event.pointerId)) return;
    const { left, width } = this.stage.getBoundingClientRect();
    this.set((100 * (event.clientX - this.offset - left)) / width);
  }
}
