// The picture itself: a rendition as large as a screen first, the original when the zoom asks for
// more pixels than that has. The two lie on each other, so that the change moves nothing.
const ENOUGH = 1.1; // how far a rendition may be enlarged before the original is fetched
const GRAIN = 3; // from here on single pixels are meant to be seen

export class Picture {
  /** `film()` gives the links before and behind the one shown; `onState(state)` hears how it goes. */
  constructor(root, view, { film, onState }) {
    Object.assign(this, { view, film, onState, root });
    this.image = root.querySelector("#viewer-image");
    this.original = root.querySelector("#viewer-original");
    this.failure = root.querySelector("#viewer-failure");
    this.fetched = new Set();
    this.image.addEventListener("load", () => this.arrived(true));
    this.image.addEventListener("error", () => this.arrived(false));
    this.original.addEventListener("load", () => this.replaced());
    this.original.addEventListener("error", () => this.stay());
    view.addEventListener("change", () => this.sharpen());
  }

  /** The picture that came with the page. It may have arrived, or failed, before this script. */
  adopt(link) {
    this.link = link;
    const { width, height } = link.dataset;
    this.view.use(Number(width), Number(height));
    if (this.image.complete) this.arrived(this.image.naturalWidth > 0);
    else this.say("loading");
  }

  show(link) {
    this.link = link;
    this.view.use(Number(link.dataset.width), Number(link.dataset.height));
    this.load();
  }

  /** The old picture goes at once: under the new caption it would be the wrong lesion. */
  load() {
    this.say("loading");
    this.failure.hidden = true;
    this.stay();
    this.image.removeAttribute("src");
    this.image.alt = this.link.dataset.alt;
    this.image.src = this.link.dataset.screen || this.link.dataset.src;
  }

  arrived(ok) {
    if (!ok && this.link.dataset.screen && !this.image.src.endsWith(this.link.dataset.src)) {
      this.image.src = this.link.dataset.src; // no rendition, for whatever reason: the original
      return;
    }
    this.failure.hidden = ok;
    this.say(ok ? "shown" : "failed");
    if (!ok) return;
    this.sharpen();
    this.prefetch();
  }

  say(state) {
    this.root.dataset.state = state;
    this.onState(state);
  }

  sharpen() {
    const { scale, size, box } = this.view;
    this.image.parentElement.classList.toggle("is-grain", this.view.magnification >= GRAIN);
    if (this.root.dataset.state !== "shown" || !this.link.dataset.screen || this.original.hasAttribute("src")) return;
    const has = this.image.naturalWidth;
    if (has >= size.width || !box.width) return;
    if (size.width * scale * window.devicePixelRatio > has * ENOUGH) this.original.src = this.link.dataset.src;
  }

  /** Decoded before it is shown: otherwise the picture would be blank for as long as that takes. */
  async replaced() {
    const { link } = this;
    try {
      await this.original.decode();
    } catch {
      return; // another picture was chosen meanwhile, or it cannot be decoded: the rendition stays
    }
    if (link !== this.link) return;
    this.original.hidden = false;
    this.root.dataset.pixels = "original";
  }

  stay() {
    this.original.hidden = true;
    this.original.removeAttribute("src");
    delete this.root.dataset.pixels;
  }

  /** The neighbours into the browser's own cache, marked, so that nobody is noted as having looked. */
  prefetch() {
    for (const link of this.film()) {
      const url = link?.dataset.screen;
      if (!url || this.fetched.has(url)) continue;
      this.fetched.add(url);
      const options = { headers: { "X-Purpose": "prefetch" }, priority: "low", redirect: "manual" };
      fetch(url, options).then((response) => response.blob(), () => this.fetched.delete(url));
    }
  }
}
