// The stage's keys for the page's table: what each is called in the dialog, and what it does.
const STEPS = { arrowleft: [-1, 0], arrowright: [1, 0], arrowup: [0, -1], arrowdown: [0, 1] };

/** {key: {label, run(event)}}; a `run` that returns false has not used the key. */
export function keyTable(stage) {
  const act = (name) => () => stage.act(name);
  const moves = (target) => stage.isHere(target) && !target.closest("input"); // a slider's arrows
  const table = {
    "+": { label: "Zoom in", run: act("zoom-in") },
    "=": { label: "Zoom in", run: act("zoom-in") },
    "-": { label: "Zoom out", run: act("zoom-out") },
    0: { label: "Fit to the window", run: act("fit") },
    z: { label: "One pixel of the image for one of the screen", run: act("pixels") },
    "[": { label: "Turn left", run: act("turn-left") },
    "]": { label: "Turn right", run: act("turn-right") },
    i: { label: "Brightness and contrast", run: act("light") },
    k: { label: "Measure", run: act("ruler") },
    s: { label: "Saliency map", run: act("saliency") },
    f: { label: "Full screen", run: act("full-screen") },
    ".": { label: "Next image", run: () => stage.step(1) },
    ",": { label: "Previous image", run: () => stage.step(-1) },
  };
  for (const [key, step] of Object.entries(STEPS)) {
    table[key] = {
      label: "Move the image",
      run: (event) => (moves(event.target) ? stage.move(...step) : false),
    };
  }
  if (stage.annotations) {
    table.a = { label: "Annotate", run: act("annotate") };
    table.h = { label: "Hide or show the annotations", run: act("annotations") };
  }
  return table;
}
