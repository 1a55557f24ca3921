// Mouse, pen and fingers on the two pictures. What a gesture means is the caller's business:
// `move({dx, dy})`, `pinch({factor, turn, dx, dy, at})` with `at` in pixels from the middle of the
// window under the first finger, and `double(at)`.
const WHEEL = 0.0022; // part of the scale per pixel of the wheel
const LINE = 16;

export class Gestures {
  constructor(stage, { move, pinch, double }) {
    Object.assign(this, { stage, move, pinch, double, fingers: new Map() });
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("dblclick", (event) => this.double(this.point(event)));
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.drag(event));
    for (const kind of ["pointerup", "pointercancel"]) {
      stage.addEventListener(kind, (event) => this.fingers.delete(event.pointerId));
    }
  }

  wheel(event) {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * LINE : event.deltaY;
    const factor = Math.exp(-Math.min(Math.max(pixels, -240), 240) * WHEEL * (event.ctrlKey ? 4 : 1));
    this.pinch({ factor, turn: 0, dx: 0, dy: 0, at: this.point(event) });
  }

  down(event) {
    if (event.button || event.target.closest("[role='slider']")) return;
    // Without this a drag would be lost where the pointer leaves the stage.
    this.stage.setPointerCapture(event.pointerId);
    if (!this.fingers.size) this.middle = middleOf(this.windowAt(event));
    this.fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  drag(event) {
    const finger = this.fingers.get(event.pointerId);
    if (!finger) return;
    const before = [...this.fingers.values()].map((one) => ({ ...one }));
    Object.assign(finger, { x: event.clientX, y: event.clientY });
    const after = [...this.fingers.values()];
    if (after.length === 1) this.move({ dx: after[0].x - before[0].x, dy: after[0].y - before[0].y });
    if (after.length === 2) this.pinch(this.between(before, after));
  }

  between(before, after) {
    const [was, is] = [spread(before), spread(after)];
    const turn = ((is.angle - was.angle + 540) % 360) - 180;
    return {
      factor: is.length / was.length, turn, dx: is.x - was.x, dy: is.y - was.y,
      at: { x: is.x - this.middle.x, y: is.y - this.middle.y },
    };
  }

  point(event) {
    const middle = middleOf(this.windowAt(event));
    return { x: event.clientX - middle.x, y: event.clientY - middle.y };
  }

  /** The window under the pointer; over each other, both are the same. */
  windowAt({ clientX, clientY }) {
    const windows = [...this.stage.querySelectorAll(".compare-window")];
    const holds = (box) => clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom;
    return windows.find((one) => holds(one.getBoundingClientRect())) ?? windows[0];
  }
}

function middleOf(window) {
  const { left, top, width, height } = window.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}

function spread([a, b]) {
  return {
    x: (a.x + b.x) / 2,
    y: (a.y + b.y) / 2,
    length: Math.max(Math.hypot(b.x - a.x, b.y - a.y), 1),
    angle: (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI,
  };
}
