// A rendition as large as a screen comes first; the original where the zoom asks for more pixels.
const ENOUGH = 1.1; // how far a rendition may be enlarged before the original is fetched
const SETTLED_MS = 250; // nobody looks at a grain while the wheel is turning

export class Sharpness {
  constructor(scene) {
    this.scene = scene;
    scene.addEventListener("change", () => {
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.look(), SETTLED_MS);
    });
  }

  look() {
    for (const { image } of this.scene.panes) {
      const hasMore = image.naturalWidth > 0 && image.naturalWidth < Number(image.getAttribute("width"));
      const { a, b } = new DOMMatrix(getComputedStyle(image).transform);
      const shown = parseFloat(image.style.width) * Math.hypot(a, b) * window.devicePixelRatio;
      if (hasMore && shown > image.naturalWidth * ENOUGH) this.fetch(image);
    }
  }

  /** The old one stays until the new one can be drawn; one that cannot be had is asked for once. */
  async fetch(image) {
    const { original } = image.dataset;
    if (!original) return;
    delete image.dataset.original;
    const fetched = new Image();
    fetched.src = original;
    try {
      await fetched.decode();
      image.src = original;
    } catch {
      // The rendition goes on showing the same picture.
    }
  }
}
