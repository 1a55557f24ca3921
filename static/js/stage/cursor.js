// A cross on the picture that arrows move and Enter presses: the mouse of those who use none.
const STEP = 10; // screen pixels
const FINE = 1;
const MARGIN = 24;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Cursor {
  constructor(view, ink) {
    Object.assign(this, { view, ink, at: null });
    ink.add((context) => this.paint(context));
  }

  /** Enter or an arrow for `tool`: true where it was used. The first key only shows the cross. */
  key(event, tool) {
    const step = ARROWS[event.key];
    if (!step && event.key !== "Enter") return false;
    if (!this.at) {
      this.at = this.view.inside(this.view.centre);
      this.ink.request();
      if (!step) return true;
    }
    if (step) this.move(step, event.shiftKey ? FINE : STEP);
    else {
      tool.down(this.event());
      tool.up(this.event());
      return true;
    }
    tool.hover(this.event());
    return true;
  }

  move([x, y], pixels) {
    const by = this.view.turned((x * pixels) / this.view.scale, (y * pixels) / this.view.scale, -this.view.turn);
    this.at = this.view.inside({ x: this.at.x + by.x, y: this.at.y + by.y });
    const { x: left, y: top } = this.view.toCanvas(this.at.x, this.at.y);
    const { width, height } = this.view.box;
    const beyond = (value, length) => Math.min(0, value - MARGIN) + Math.max(0, value - length + MARGIN);
    const [overX, overY] = [beyond(left, width), beyond(top, height)];
    if (overX || overY) this.view.panBy(-overX, -overY);
    this.ink.request();
  }

  /** What a tool needs of a pointer's event. */
  event() {
    const { x, y } = this.view.toCanvas(this.at.x, this.at.y);
    const { left, top } = this.view.box;
    return { clientX: left + x, clientY: top + y, pointerType: "keyboard" };
  }

  hide() {
    this.at = null;
    this.ink.request();
  }

  paint(context) {
    if (!this.at) return;
    const { x, y } = this.view.toCanvas(this.at.x, this.at.y);
    for (const [width, colour] of [[4, "#0b0e0f"], [2, "#ffffff"]]) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.beginPath();
      for (const [dx, dy] of [[0, 1], [1, 0]]) {
        context.moveTo(x - 14 * dx, y - 14 * dy);
        context.lineTo(x - 4 * dx, y - 4 * dy);
        context.moveTo(x + 4 * dx, y + 4 * dy);
        context.lineTo(x + 14 * dx, y + 14 * dy);
      }
      context.stroke();
    }
  }
}
