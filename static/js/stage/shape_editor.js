// The editor that Annotorious shows on the selected shape: drag it, its corners, the middle of a
// side to bend it; two presses on a corner take it away.
import { Component, draw, svg } from "./component.js";
import { boundsOf, moved, polygon, stretched } from "./shapes.js";

const RADIUS = 5; // CSS pixels
const REACH = 14; // what a finger hits
const MIDDLE_FROM = 36; // CSS pixels: shorter sides have no handle in their middle
const TWICE_MS = 400;
const SIDES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];

/** `mounted(editor)` as for a tool; `onDone(shape)` when a drag has ended. */
export function shapeEditor(view, { mounted, onDone, line }) {
  return class ShapeEditor extends Component {
    constructor(options) {
      super(options);
      this.halo = this.outline = null;
      this.redraw = () => this.handles();
      view.addEventListener("change", this.redraw);
      this.draw();
      mounted(this);
    }

    get shape() {
      return this.props.shape;
    }

    $set(changes) {
      super.$set(changes);
      if (changes.shape) this.draw();
    }

    draw() {
      this.halo = draw(this.shape, this.halo, { class: "stage-halo" });
      this.outline = draw(this.shape, this.outline, { class: "stage-edited", "data-handle": "all" });
      this.outline.setAttribute("stroke", line().colour);
      if (!this.outline.isConnected) this.group.append(this.halo, this.outline);
      this.scale = null;
      this.handles();
    }

    /** Handles keep their size on the screen; moving the picture does not touch them. */
    handles() {
      if (this.scale === view.scale) return;
      this.scale = view.scale;
      for (const old of this.group.querySelectorAll(".stage-handle")) old.remove();
      for (const [name, x, y] of this.places()) {
        const handle = svg("g", { class: `stage-handle is-${name.split("-")[0]}`, "data-handle": name });
        handle.append(svg("circle", { cx: x, cy: y, r: REACH / this.scale, class: "stage-reach" }));
        const r = (name.startsWith("middle") ? RADIUS - 1.5 : RADIUS) / this.scale;
        handle.append(svg("circle", { cx: x, cy: y, r, class: "stage-dot" }));
        this.group.append(handle);
      }
    }

    /** [name, x, y] of each handle; corners come last, so that they lie on top. */
    places() {
      if (this.shape.type !== "POLYGON") {
        const { minX, minY, maxX, maxY } = boundsOf(this.shape);
        const [x, y] = [(minX + maxX) / 2, (minY + maxY) / 2];
        const at = { n: [x, minY], s: [x, maxY], w: [minX, y], e: [maxX, y] };
        return SIDES.map((side) => [
          side,
          side.length > 1 ? at[side[1]][0] : at[side][0],
          side.length > 1 ? at[side[0]][1] : at[side][1],
        ]);
      }
      const { points } = this.shape.geometry;
      const middles = points.flatMap(([x, y], index) => {
        const [nextX, nextY] = points[(index + 1) % points.length];
        const far = Math.hypot(nextX - x, nextY - y) * this.scale >= MIDDLE_FROM;
        return far ? [[`middle-${index}`, (x + nextX) / 2, (y + nextY) / 2]] : [];
      });
      return [...middles, ...points.map(([x, y], index) => [`corner-${index}`, x, y])];
    }

    // ---- Drags ------------------------------------------------------------------------------

    handleAt(event) {
      return event.target.closest?.("[data-handle]")?.dataset.handle ?? null;
    }

    down(event) {
      this.handle = this.handleAt(event);
      this.from = view.toImage(event.clientX, event.clientY);
      this.before = this.shape;
      const again = this.handle === this.lastHandle && event.timeStamp - this.lastAt < TWICE_MS;
      [this.lastHandle, this.lastAt] = [this.handle, event.timeStamp];
      if (again && this.handle.startsWith("corner")) return this.takeAway(Number(this.handle.split("-")[1]));
      if (this.handle.startsWith("middle")) this.insert(Number(this.handle.split("-")[1]));
      return undefined;
    }

    move(event) {
      if (!this.handle) return;
      const to = view.toImage(event.clientX, event.clientY);
      this.change(this.changed(to.x - this.from.x, to.y - this.from.y, view.inside(to)));
    }

    up() {
      if (this.handle && this.shape !== this.before) onDone(this.shape);
      this.handle = null;
    }

    cancel() {
      if (this.handle) this.change(this.before);
      this.handle = null;
    }

    change(shape) {
      this.$set({ shape });
      this.say("change", shape);
    }

    changed(x, y, to) {
      const [kind, index] = this.handle.split("-");
      if (kind === "all") return moved(this.before, x, y, view.size);
      if (kind === "corner") {
        return polygon(this.before.geometry.points.with(Number(index), [to.x, to.y]));
      }
      const { minX, minY, maxX, maxY } = boundsOf(this.before);
      const left = kind.includes("w") ? to.x : minX;
      const right = kind.includes("e") ? to.x : maxX;
      const top = kind.startsWith("n") ? to.y : minY;
      const bottom = kind.startsWith("s") ? to.y : maxY;
      return stretched(this.before, {
        minX: Math.min(left, right), maxX: Math.max(left, right, Math.min(left, right) + 1),
        minY: Math.min(top, bottom), maxY: Math.max(top, bottom, Math.min(top, bottom) + 1),
      });
    }

    insert(index) {
      const { points } = this.shape.geometry;
      this.handle = `corner-${index + 1}`;
      this.before = polygon(points.toSpliced(index + 1, 0, [this.from.x, this.from.y]));
      this.change(this.before);
      this.before = { ...this.before };
    }

    takeAway(index) {
      const { points } = this.shape.geometry;
      if (points.length > 3) {
        this.change(polygon(points.toSpliced(index, 1)));
        onDone(this.shape);
      }
      this.handle = this.lastHandle = null;
    }

    $destroy() {
      view.removeEventListener("change", this.redraw);
      mounted(null);
      super.$destroy();
    }
  };
}
