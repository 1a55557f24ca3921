// Two visits of one lesion: beside each other or one over the other, moved together, aligned by hand.
import { Divider } from "./compare/divider.js";
import { Gestures } from "./compare/gestures.js";
import { Scene } from "./compare/scene.js";
import { Sharpness } from "./compare/sharpness.js";

const ARROW = 60; // screen pixels a key moves both pictures
const NUDGE = 2; // screen pixels a key or a press shifts the later one
const STEP = 1.35;
const FINE = 1.01;
const KEYS = "Both pictures: plus and minus zoom, arrows move, zero fits, R turns, V swipes, A aligns";
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

class Comparison {
  constructor(root) {
    const find = (id) => root.querySelector(`#compare-${id}`);
    this.root = root;
    [this.stage, this.tools, this.align, this.notes] = ["stage", "tools", "align", "notes"].map(find);
    [this.zoomNote, this.sameScale, this.shifted] = ["zoom", "same-scale", "shifted"].map(find);
    const panes = [...root.querySelectorAll(".compare-pane")];
    this.stage.classList.add("is-live");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "group");
    this.stage.setAttribute("aria-label", KEYS);
    this.tools.hidden = false;
    this.notes.hidden = false;
    this.scene = new Scene(panes);
    this.divider = new Divider(find("divider"), this.stage, panes[1].querySelector(".compare-window"));
    new Sharpness(this.scene);
    this.isAligning = false;
    this.bind(panes);
    this.show(root.dataset.view === "swipe");
  }

  bind(panes) {
    new Gestures(this.stage, {
      move: ({ dx, dy }) => (this.isAligning ? this.scene.shiftBy({ dx, dy }) : this.moveBoth(dx, dy)),
      pinch: (gesture) => this.pinch(gesture),
      double: (at) => (this.scene.isFitted ? this.scene.zoomBy(2.5, at) : this.scene.fit()),
    });
    this.scene.addEventListener("change", () => this.note());
    this.tools.addEventListener("click", (event) => this.pressed(event.target.closest("button")));
    this.stage.addEventListener("keydown", (event) => this.key(event));
    for (const pane of panes) {
      const image = pane.querySelector("img");
      const failed = () => pane.classList.add("has-failed");
      image.addEventListener("error", failed);
      if (image.complete && !image.naturalWidth) failed();
    }
  }

  /** While all of both is seen, there is nowhere to move to. */
  moveBoth(dx, dy) {
    if (!this.scene.isFitted) this.scene.panBy(dx, dy);
  }

  pinch({ factor, turn, dx, dy, at }) {
    if (this.isAligning) this.scene.shiftBy({ dx, dy, turn, scale: factor, at });
    else {
      this.scene.zoomBy(factor, at);
      this.scene.panBy(dx, dy);
    }
  }

  pressed(button) {
    if (button?.dataset.nudge) this.nudge(button.dataset.nudge);
    else if (button) this.act(button.dataset.compare);
  }

  act(action) {
    const actions = {
      side: () => this.show(false),
      swipe: () => this.show(true),
      "zoom-in": () => this.scene.zoomBy(STEP),
      "zoom-out": () => this.scene.zoomBy(1 / STEP),
      fit: () => this.scene.fit(),
      turn: () => this.scene.turnBy(90),
      align: () => this.alignWith(!this.isAligning),
    };
    actions[action]?.();
  }

  nudge(direction, times = 1) {
    const by = {
      left: { dx: -NUDGE * times }, right: { dx: NUDGE * times },
      up: { dy: -NUDGE * times }, down: { dy: NUDGE * times },
      back: { turn: -1 }, on: { turn: 1 }, smaller: { scale: 1 / FINE }, larger: { scale: FINE },
    }[direction];
    if (by) this.scene.shiftBy(by);
    else this.scene.unshift();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.used(event)) event.preventDefault();
  }

  /** Do what a key means; false where it means nothing here. */
  used(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (this.isAligning && this.usedToAlign(key, event.shiftKey)) return true;
    const actions = { "+": "zoom-in", "=": "zoom-in", "-": "zoom-out", 0: "fit", r: "turn", a: "align" };
    if (key in ARROWS) {
      const [x, y] = ARROWS[key];
      this.scene.panBy(-x * ARROW, -y * ARROW);
    } else if (key === "v") this.show(!this.isSwiping);
    else if (key in actions) this.act(actions[key]);
    else return false;
    return true;
  }

  usedToAlign(key, isFast) {
    const nudges = {
      ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down",
      "[": "back", "]": "on", "-": "smaller", "+": "larger", "=": "larger",
    };
    if (key in nudges) this.nudge(nudges[key], isFast ? 10 : 1);
    else if (key === "Escape") this.alignWith(false);
    else return false;
    return true;
  }

  alignWith(isAligning) {
    this.isAligning = isAligning;
    this.align.hidden = !isAligning;
    this.root.classList.toggle("is-aligning", isAligning);
    const button = this.tools.querySelector("[data-compare='align']");
    button.setAttribute("aria-pressed", String(isAligning));
    button.setAttribute("aria-expanded", String(isAligning));
    this.note();
  }

  /** Swipe or side by side; the links to other visits and the address keep it. */
  show(isSwiping) {
    this.isSwiping = isSwiping;
    const view = isSwiping ? "swipe" : "";
    this.root.dataset.view = view;
    this.divider.show(isSwiping);
    for (const name of ["side", "swipe"]) {
      const button = this.tools.querySelector(`[data-compare='${name}']`);
      button.setAttribute("aria-pressed", String((name === "swipe") === isSwiping));
    }
    for (const link of document.querySelectorAll(".visit-side[href], .compare-images a")) link.href = withView(link.href, view);
    window.history.replaceState(null, "", withView(window.location.href, view));
    this.scene.draw();
  }

  note() {
    const { scene } = this;
    this.zoomNote.textContent = `${Math.round(scene.zoom * 100)}\u00a0%`;
    this.zoomNote.title = "100 % shows the whole picture";
    this.sameScale.hidden = scene.sameScale === null;
    this.shifted.hidden = !scene.isShifted;
    // One finger scrolls the page for as long as there is nothing else for it to move.
    this.stage.style.touchAction = scene.isFitted && !this.isAligning ? "pan-y" : "none";
    this.stage.classList.toggle("is-movable", !scene.isFitted || this.isAligning);
  }
}

function withView(address, view) {
  const url = new URL(address);
  if (view) url.searchParams.set("view", view);
  else url.searchParams.delete("view");
  return url.href;
}

const root = document.querySelector("#compare");
if (root) new Comparison(root);

// A long line starts at its old end; what is compared is what one came for.
const line = document.querySelector("#visit-line");
const compared = line?.querySelector(".is-compared");
if (compared) line.scrollLeft = compared.offsetLeft - line.offsetLeft - 24;
