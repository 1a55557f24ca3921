// A drawing tool of Annotorious for one kind of sketch. Pointers come from the stage's gestures and
// from the keyboard's cursor, in client coordinates; the stage's transform makes image points.
import { Component, draw } from "./component.js";
import { isSound } from "./shapes.js";
import { SKETCHES } from "./sketches.js";

/** `mounted(tool)` is called with the tool when it is taken up, and with null when it is put down. */
export function drawingTool(kind, view, mounted) {
  return class DrawingTool extends Component {
    constructor(options) {
      super(options);
      this.begin();
      mounted(this);
    }

    begin() {
      this.sketch = new SKETCHES[kind](() => 1 / view.scale);
      this.group.replaceChildren();
      this.halo = null;
      this.line = null;
    }

    at(event) {
      return view.inside(view.toImage(event.clientX, event.clientY));
    }

    down(event) {
      this.sketch.down(this.at(event));
      this.preview();
    }

    move(event) {
      this.sketch.move(this.at(event), { even: event.shiftKey });
      this.preview();
    }

    hover(event) {
      if (this.sketch.begun) this.move(event);
    }

    up(event) {
      this.finish(this.sketch.up(this.at(event)));
    }

    /** Enter: close what can be closed. */
    close() {
      const shape = this.sketch.finish?.();
      if (shape) this.finish(shape);
      return Boolean(shape);
    }

    back() {
      const used = this.sketch.back();
      if (used) this.preview();
      return used;
    }

    /** A second finger means zoom: what one finger had begun by then was not meant. */
    cancel() {
      if (kind !== "polygon") this.begin();
    }

    /** True where there was something to give up. */
    abandon() {
      const { begun } = this.sketch;
      this.begin();
      return begun;
    }

    finish(shape) {
      if (!shape) return this.preview();
      this.begin();
      if (isSound(shape)) this.say("create", shape);
      return undefined;
    }

    preview() {
      const shape = this.sketch.preview();
      if (!shape) return this.group.replaceChildren();
      this.halo = draw(shape, this.halo, { class: "stage-halo" });
      this.line = draw(shape, this.line, { class: "stage-drawn" });
      if (!this.line.isConnected) this.group.append(this.halo, this.line);
      return undefined;
    }

    $destroy() {
      mounted(null);
      super.$destroy();
    }
  };
}
