// The body map: a click or the arrow keys choose a region and put the mark on it, in step with the
// list of places beside it. Without this script the list alone does the same.
(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const NUDGE = 0.008;
  const TOWARDS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  class BodyMap {
    constructor(root) {
      this.field = document.getElementById(root.dataset.field);
      this.form = this.field.form;
      this.drawings = [...root.querySelectorAll("svg[data-view]")];
      this.regions = [...root.querySelectorAll("[data-place]")];
      this.label = root.querySelector("[data-place-label]");
      for (const drawing of this.drawings) this.#makeOperable(drawing);
      this.field.addEventListener("change", () => this.#followField());
      root.addEventListener("pointerover", (event) => this.#name(event.target));
      root.addEventListener("pointerleave", () => this.#name(null));
      if (this.field.value) this.#show();
      this.#name(null);
    }

    #makeOperable(drawing) {
      const group = drawing.querySelector(".body-regions");
      group.setAttribute("role", "radiogroup");
      const regions = this.#regionsOf(drawing);
      regions.forEach((region, index) => {
        region.setAttribute("role", "radio");
        region.setAttribute("aria-checked", "false");
        region.setAttribute("tabindex", index ? "-1" : "0");
      });
      group.addEventListener("click", (event) => {
        const region = event.target.closest("[data-place]");
        if (!region) return;
        const point = this.#pointOf(drawing, event);
        region.focus({ preventScroll: true });
        this.choose(region, point);
      });
      group.addEventListener("keydown", (event) => this.#key(event, drawing));
      group.addEventListener("focusin", (event) => this.#name(event.target));
    }

    // `point` is a share of the drawing's width and height; without one, the region's middle.
    choose(region, point) {
      const [x, y] = point ?? [Number(region.dataset.x), Number(region.dataset.y)];
      this.field.value = region.dataset.place;
      this.#input("map_x").value = x.toFixed(4);
      this.#input("map_y").value = y.toFixed(4);
      this.#show();
    }

    #followField() {
      const region = this.#chosen();
      if (region) {
        this.choose(region);
        return;
      }
      this.#input("map_x").value = "";
      this.#input("map_y").value = "";
      this.#show();
    }

    #show() {
      const chosen = this.#chosen();
      for (const region of this.regions) {
        region.setAttribute("aria-checked", String(region === chosen));
      }
      for (const drawing of this.drawings) {
        const regions = this.#regionsOf(drawing);
        const stop = regions.includes(chosen) ? chosen : regions[0];
        for (const region of regions) region.setAttribute("tabindex", region === stop ? "0" : "-1");
        drawing.querySelector(".body-mark-new")?.remove();
      }
      const [x, y] = [this.#input("map_x").value, this.#input("map_y").value];
      if (chosen && x && y) this.#mark(chosen.closest("svg"), Number(x), Number(y));
      this.#name(null);
    }

    #mark(drawing, x, y) {
      const { width, height } = drawing.viewBox.baseVal;
      const mark = document.createElementNS(SVG, "g");
      mark.setAttribute("class", "body-mark body-mark-new");
      mark.setAttribute("aria-hidden", "true");
      const circle = document.createElementNS(SVG, "circle");
      const text = document.createElementNS(SVG, "text");
      for (const [node, names] of [[circle, ["cx", "cy"]], [text, ["x", "y"]]]) {
        node.setAttribute(names[0], (x * width).toFixed(1));
        node.setAttribute(names[1], (y * height).toFixed(1));
      }
      circle.setAttribute("r", "12");
      text.setAttribute("text-anchor", "middle");
      text.setAttribute("dominant-baseline", "central");
      text.textContent = this.form.dataset.number ?? "";
      mark.append(circle, text);
      drawing.append(mark);
    }

    #key(event, drawing) {
      const region = event.target.closest("[data-place]");
      if (!region || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === " " || event.key === "Enter") {
        event.preventDefault();
        this.choose(region);
      } else if (event.key in TOWARDS) {
        event.preventDefault();
        const direction = TOWARDS[event.key];
        if (event.shiftKey) this.#nudge(region, drawing, direction);
        else this.#step(region, drawing, direction);
      }
    }

    // To the nearest region in that direction; what lies to the side counts as further away.
    #step(region, drawing, [dx, dy]) {
      const { width, height } = drawing.viewBox.baseVal;
      let best = null;
      let bestDistance = Infinity;
      for (const other of this.#regionsOf(drawing)) {
        const x = (Number(other.dataset.x) - Number(region.dataset.x)) * width;
        const y = (Number(other.dataset.y) - Number(region.dataset.y)) * height;
        const along = x * dx + y * dy;
        if (other === region || along <= 1) continue;
        const distance = along + 2.5 * Math.abs(x * dy + y * dx);
        if (distance < bestDistance) [best, bestDistance] = [other, distance];
      }
      if (!best) return;
      best.focus({ preventScroll: true });
      this.choose(best);
    }

    // Shift and an arrow move the mark within its region.
    #nudge(region, drawing, [dx, dy]) {
      if (this.#chosen() !== region) return;
      const { width, height } = drawing.viewBox.baseVal;
      const x = Number(this.#input("map_x").value) + (dx * NUDGE * height) / width;
      const y = Number(this.#input("map_y").value) + dy * NUDGE;
      const point = new DOMPoint(x * width, y * height);
      const outline = drawing.querySelector(".body-outline");
      const inside = region.isPointInFill(point) && (!region.hasAttribute("clip-path") || outline.isPointInFill(point));
      if (inside) this.choose(region, [x, y]);
    }

    #pointOf(drawing, event) {
      const { width, height } = drawing.viewBox.baseVal;
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
      const share = (value) => Math.min(1, Math.max(0, value));
      return [share(at.x / width), share(at.y / height)];
    }

    #name(element) {
      const region = element?.closest?.("[data-place]") ?? this.#chosen();
      if (this.label) this.label.textContent = region?.getAttribute("aria-label") ?? this.label.dataset.placeLabel;
    }

    #chosen() {
      return this.regions.find((region) => region.dataset.place === this.field.value);
    }

    #regionsOf(drawing) {
      return this.regions.filter((region) => drawing.contains(region));
    }

    #input(name) {
      return this.form.elements.namedItem(name);
    }
  }

  function start(root) {
    const maps = [...root.querySelectorAll("[data-bodymap]")];
    if (root.matches?.("[data-bodymap]")) maps.push(root);
    for (const map of maps) {
      if (map.dataset.started) continue;
      map.dataset.started = "true";
      new BodyMap(map);
    }
  }

  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", () => start(document));
  } else {
    start(document);
  }
  document.addEventListener("htmx:load", (event) => start(event.detail.elt));
})();
