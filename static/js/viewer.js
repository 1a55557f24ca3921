// The large image: zoom, pan, saliency map, and the film strip that chooses what it shows.
// panzoom.min.js gives the global Panzoom; 1 means "fits the window".
const STEP = 0.5;
const ARROW = 80; // screen pixels a key press moves

export class Viewer {
  constructor(room) {
    const find = (id) => room.querySelector(`#viewer-${id}`);
    this.root = room.querySelector("#viewer");
    this.links = [...room.querySelectorAll("#film-strip a")];
    [this.canvas, this.picture, this.image, this.map] = ["canvas", "picture", "image", "map"].map(find);
    [this.failure, this.zoomNote, this.caption, this.tools] = ["failure", "zoom", "caption", "tools"].map(find);
    this.saliencyButton = this.tools.querySelector("[data-viewer='saliency']");
    this.panzoom = window.Panzoom(this.picture, {
      canvas: true, panOnlyWhenZoomed: true, step: STEP, cursor: "", duration: 120, maxScale: 12,
    });
    this.bind();
    this.tools.hidden = false;
    this.zoomNote.hidden = false;
    this.use(this.links.find((link) => link.hasAttribute("aria-current")) ?? this.links[0]);
    // The server's image may have arrived, or failed, before this script.
    if (this.image.complete) this.arrived(this.image.naturalWidth > 0);
    else this.root.dataset.state = "loading";
  }

  bind() {
    this.image.addEventListener("load", () => this.arrived(true));
    this.image.addEventListener("error", () => this.arrived(false));
    this.canvas.addEventListener("wheel", (event) => this.panzoom.zoomWithWheel(event), { passive: false });
    this.canvas.addEventListener("dblclick", (event) => this.toggle(event));
    this.picture.addEventListener("panzoomchange", () => this.settle());
    new ResizeObserver(() => this.layout()).observe(this.canvas);
    this.root.addEventListener("click", (event) => {
      const action = event.target.closest("[data-viewer]")?.dataset.viewer;
      if (action && action !== "keys") this.act(action);
    });
    for (const link of this.links) {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.show(link);
      });
    }
  }

  act(action) {
    const actions = {
      "zoom-in": () => this.panzoom.zoomIn(),
      "zoom-out": () => this.panzoom.zoomOut(),
      fit: () => this.panzoom.reset(),
      pixels: () => this.panzoom.zoom(this.pixelScale, { animate: true }),
      saliency: () => this.toggleSaliency(),
      retry: () => this.load(),
    };
    actions[action]();
  }

  toggle(event) {
    const scale = this.panzoom.getScale() > 1.01 ? 1 : Math.max(this.pixelScale, 2.5);
    if (scale === 1) this.panzoom.reset();
    else this.panzoom.zoomToPoint(scale, event);
  }

  /** Move over the image, in screen pixels: right shows what lies to the right. */
  move(x, y) {
    const scale = this.panzoom.getScale();
    this.panzoom.pan((-x * ARROW) / scale, (-y * ARROW) / scale, { relative: true });
  }

  step(by) {
    const next = this.links[this.links.indexOf(this.link) + by];
    if (next) this.show(next);
  }

  showFirstOf(lesion) {
    const first = this.links.find((link) => link.dataset.lesion === lesion);
    if (first && this.link.dataset.lesion !== lesion) this.show(first);
  }

  show(link) {
    if (link === this.link) return;
    this.use(link);
    this.panzoom.reset({ animate: false });
    this.load();
    window.history.replaceState(null, "", link.href);
    this.root.dispatchEvent(new CustomEvent("viewer:shown", { bubbles: true, detail: { lesion: link.dataset.lesion } }));
  }

  /** The old picture goes at once: under the new caption it would be the wrong lesion. */
  load() {
    this.root.dataset.state = "loading";
    this.failure.hidden = true;
    this.image.removeAttribute("src");
    this.image.alt = this.link.dataset.alt;
    this.image.src = this.link.dataset.src;
  }

  use(link) {
    this.link = link;
    for (const other of this.links) other.toggleAttribute("aria-current", false);
    link.setAttribute("aria-current", "true");
    link.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.caption.textContent = link.dataset.caption;
    this.saliencyButton.disabled = !link.dataset.saliency;
    this.showSaliency(false);
    this.layout();
  }

  arrived(ok) {
    this.root.dataset.state = ok ? "shown" : "failed";
    this.failure.hidden = ok;
    this.layout();
    if (!ok) return;
    const here = this.links.indexOf(this.link);
    for (const near of [this.links[here + 1], this.links[here - 1]]) {
      if (near) new Image().src = near.dataset.src;
    }
  }

  /** Make the picture's box exactly the fitted image, so that the map lies where it belongs. */
  layout() {
    const { width, height } = this.link.dataset;
    const fit = Math.min(this.canvas.clientWidth / width, this.canvas.clientHeight / height);
    if (!Number.isFinite(fit) || fit <= 0) return;
    this.picture.style.width = `${width * fit}px`;
    this.picture.style.height = `${height * fit}px`;
    this.pixelScale = 1 / (fit * window.devicePixelRatio);
    this.panzoom.setOptions({
      minScale: Math.min(1, this.pixelScale), maxScale: Math.max(8, 4 * this.pixelScale),
    });
    this.settle();
  }

  /** Keep the picture in sight, let a finger scroll the page while nothing is zoomed, say how far. */
  settle() {
    const scale = this.panzoom.getScale();
    const { x, y } = this.panzoom.getPan();
    const slackX = Math.max(0, this.picture.clientWidth - this.canvas.clientWidth / scale) / 2;
    const slackY = Math.max(0, this.picture.clientHeight - this.canvas.clientHeight / scale) / 2;
    const [insideX, insideY] = [clamp(x, slackX), clamp(y, slackY)];
    if (insideX !== x || insideY !== y) {
      this.panzoom.pan(insideX, insideY, { force: true, silent: true });
    }
    const touchAction = scale > 1.01 ? "none" : "pan-y";
    if (touchAction !== this.canvas.style.touchAction) this.panzoom.setOptions({ touchAction });
    this.root.classList.toggle("is-zoomed", scale > 1.01);
    this.zoomNote.textContent = `${Math.round((100 * scale) / this.pixelScale)}\u00a0%`;
    this.zoomNote.title = "Of full size: 100 % is one pixel of the image for one of the screen";
  }

  addMap(image, url) {
    const link = this.links.find((one) => one.dataset.image === image);
    if (link) link.dataset.saliency = url;
    if (link === this.link) this.saliencyButton.disabled = false;
  }

  toggleSaliency() {
    if (this.saliencyButton.disabled) return;
    this.showSaliency(this.map.hidden);
  }

  showSaliency(on) {
    if (on) this.map.src = this.link.dataset.saliency;
    this.map.hidden = !on;
    this.saliencyButton.setAttribute("aria-pressed", String(on));
  }
}

function clamp(value, limit) {
  return Math.min(Math.max(value, -limit), limit);
}
