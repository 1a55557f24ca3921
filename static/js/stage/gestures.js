// Mouse, pen and fingers on the canvas: wheel and pinch zoom, a drag moves.
//
// Whoever draws or measures takes the single pointer (`owner(event)` returns its handler, with
// `down`, `move`, `up` and `cancel`); a second finger always means "zoom", and takes it back.
const WHEEL = 0.0022; // part of the scale per pixel of the wheel
const LINE = 16;
const TAP_MS = 300;
const TAP_PX = 8;

export class Gestures {
  constructor(view, { owner, tapped }) {
    Object.assign(this, { view, owner, tapped });
    this.fingers = new Map();
    this.held = null;
    const { canvas } = view;
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("dblclick", (event) => this.double(event));
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const kind of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(kind, (event) => this.up(event, kind === "pointercancel"));
    }
    view.addEventListener("change", () => this.leaveToThePage());
  }

  /** While all of the picture is seen, one finger scrolls the page, as it does everywhere else. */
  leaveToThePage() {
    const taken = !this.view.fitted || this.busy || this.kept;
    const action = taken ? "none" : "pan-y";
    const { style, classList } = this.view.canvas;
    if (style.touchAction !== action) style.touchAction = action;
    classList.toggle("is-movable", !this.view.fitted && !this.busy);
  }

  /** `busy`: a drag means something other than moving, a tool is in the hand. `kept`: it may meet a
      handle, which cannot claim a finger for itself. */
  hold({ busy, kept }) {
    Object.assign(this, { busy, kept });
    this.leaveToThePage();
  }

  wheel(event) {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * LINE : event.deltaY;
    const by = Math.exp(-Math.min(Math.max(pixels, -240), 240) * WHEEL * (event.ctrlKey ? 4 : 1));
    this.view.zoomTo(this.view.scale * by, { x: event.clientX, y: event.clientY });
  }

  double(event) {
    if (this.busy || event.target.closest("button")) return;
    const at = { x: event.clientX, y: event.clientY };
    if (!this.view.fitted) this.view.fit();
    else this.view.zoomTo(Math.max(this.view.pixelScale, this.view.fitScale * 2.5), at);
  }

  down(event) {
    if (event.button > 1) return;
    this.fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (this.fingers.size === 2) {
      this.release("cancel", event);
      this.pinch = this.spread();
      return;
    }
    if (this.fingers.size > 2) return;
    const tool = event.button === 0 ? this.owner(event) : null;
    this.held = { tool, id: event.pointerId, x: event.clientX, y: event.clientY, at: event.timeStamp, far: false };
    if (tool) {
      this.capture(event);
      tool.down(event);
    } else if (event.button === 1) event.preventDefault(); // the middle button would scroll
  }

  move(event) {
    const finger = this.fingers.get(event.pointerId);
    if (!finger) {
      if (event.pointerType !== "touch") this.owner(event)?.hover?.(event);
      return;
    }
    const [x, y] = [event.clientX - finger.x, event.clientY - finger.y];
    Object.assign(finger, { x: event.clientX, y: event.clientY });
    if (this.pinch && this.fingers.size >= 2) {
      this.pinched();
      return;
    }
    if (!this.held || this.held.id !== event.pointerId) return;
    if (Math.hypot(event.clientX - this.held.x, event.clientY - this.held.y) > TAP_PX) this.held.far = true;
    if (this.held.tool) this.held.tool.move(event);
    else if (!this.view.fitted) {
      if (this.held.far) this.capture(event);
      this.view.panBy(x, y);
    }
  }

  up(event, cancelled) {
    if (!this.fingers.delete(event.pointerId)) return;
    if (this.pinch) {
      if (this.fingers.size < 2) this.pinch = null;
      if (this.fingers.size === 1) this.goOn();
      return;
    }
    const held = this.held;
    this.release(cancelled ? "cancel" : "up", event);
    const short = held && !held.far && event.timeStamp - held.at < TAP_MS;
    if (!cancelled && short && !held.tool && event.button === 0) this.tapped(event);
  }

  release(how, event) {
    this.held?.tool?.[how]?.(event);
    this.held = null;
  }

  /** One of two fingers was lifted: the other goes on moving the picture, and never draws. */
  goOn() {
    const [[id, at]] = this.fingers;
    this.held = { tool: null, id, x: at.x, y: at.y, at: 0, far: true };
  }

  capture(event) {
    const { canvas } = this.view;
    if (!canvas.hasPointerCapture(event.pointerId)) canvas.setPointerCapture(event.pointerId);
  }

  spread() {
    const [a, b] = [...this.fingers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, apart: Math.hypot(a.x - b.x, a.y - b.y) || 1 };
  }

  pinched() {
    const now = this.spread();
    this.view.panBy(now.x - this.pinch.x, now.y - this.pinch.y);
    this.view.zoomTo(this.view.scale * (now.apart / this.pinch.apart), now);
    this.pinch = now;
  }
}
