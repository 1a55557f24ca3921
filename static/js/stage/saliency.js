// The saliency map over the picture: off for every new picture, because the first look is at skin.
export class Saliency {
  constructor(root, button) {
    Object.assign(this, { root, button });
    this.map = root.querySelector("#viewer-map");
    this.panel = root.querySelector("#stage-saliency");
    this.slider = this.panel.querySelector("input");
    this.slider.addEventListener("input", () => this.fade());
    this.fade();
  }

  /** The map's address for the picture now shown; empty where there is none. */
  use(url) {
    this.url = url;
    this.button.disabled = !url;
    this.show(false);
  }

  arrive(url) {
    this.url = url;
    this.button.disabled = false;
  }

  toggle() {
    if (!this.button.disabled) this.show(this.map.hidden);
  }

  show(on) {
    if (on) this.map.src = this.url;
    this.map.hidden = !on;
    this.panel.hidden = !on;
    this.button.setAttribute("aria-pressed", String(on));
  }

  fade() {
    this.map.style.opacity = Number(this.slider.value) / 100;
  }
}
