// Brightness and contrast: a filter over the picture alone, with a note while it is on. The picture
// of the record is never changed, and the next one starts as it is.
const PLAIN = 100;

export class Light {
  constructor(root) {
    this.panel = root.querySelector("#stage-light");
    this.pixels = root.querySelector("#viewer-pixels");
    this.note = root.querySelector("#stage-light-note");
    this.sliders = [...this.panel.querySelectorAll("input")];
    this.panel.addEventListener("input", () => this.apply());
    for (const button of root.querySelectorAll("[data-light-reset]")) {
      button.addEventListener("click", () => this.reset());
    }
  }

  reset() {
    for (const slider of this.sliders) slider.value = PLAIN;
    this.apply();
  }

  apply() {
    const values = this.sliders.map((slider) => [slider.name, Number(slider.value)]);
    const changed = values.filter(([, value]) => value !== PLAIN);
    this.pixels.style.filter = changed.map(([name, value]) => `${name}(${value}%)`).join(" ");
    for (const slider of this.sliders) {
      this.panel.querySelector(`output[for="${slider.id}"]`).textContent = `${slider.value}\u00a0%`;
    }
    this.note.hidden = changed.length === 0;
    this.note.querySelector("[data-light-words]").textContent = changed
      .map(([name, value]) => `${name} ${value}\u00a0%`)
      .join(", ");
  }
}
