// Annotorious on the stage: it holds the shape that is being drawn or changed, with tools and an
// editor of our own. (Its own measure pointers by the box of a picture that is not turned, give
// handles no name that a screen reader could say, and know neither ellipse nor freehand outline.)
import { createImageAnnotator, registerEditor, registerTool } from "./annotorious.js";
import { drawingTool } from "./drawing_tool.js";
import { shapeEditor } from "./shape_editor.js";
import { SKETCHES } from "./sketches.js";

const FROM_ELSEWHERE = "REMOTE";
const toolName = (kind) => `stage-${kind}`;

export class Surface {
  /** `onDrawn(key, shape)`, `onEdited(key, shape)`; `line()` gives the colour of the one edited. */
  constructor(view, layer, { onDrawn, onEdited, line }) {
    Object.assign(this, { view, layer, kind: null, key: null, tool: null, editor: null });
    this.register(onEdited, line);
    // Never painted on: it tells Annotorious the size of the original, whatever rendition is shown.
    const sheet = document.createElement("canvas");
    Object.assign(sheet, { width: view.size.width, height: view.size.height });
    layer.replaceChildren(sheet);
    this.annotator = createImageAnnotator(sheet, { drawingEnabled: false, theme: "light" });
    sheet.style.display = "none";
    Object.assign(this.annotator.element.style, { position: "absolute", inset: 0, display: "block" });
    const drawing = layer.querySelector("svg");
    drawing.removeAttribute("tabindex");
    drawing.setAttribute("role", "presentation");
    drawing.setAttribute("aria-hidden", "true"); // the list of annotations is what is read out
    // Its own event comes a while later, when the next key may have been pressed already.
    const drawn = ({ changes }) => {
      for (const { id, target } of changes.created ?? []) queueMicrotask(() => onDrawn(id, target.selector));
    };
    this.annotator.state.store.observe(drawn, { origin: "LOCAL" });
  }

  /** Annotorious looks a tool up when it is made: ours must be there before, under other names. */
  register(onEdited, line) {
    const { view } = this;
    for (const kind of Object.keys(SKETCHES)) {
      registerTool(toolName(kind), drawingTool(kind, view, (tool) => (this.tool = tool)));
    }
    const editor = shapeEditor(view, {
      mounted: (mounted) => (this.editor = mounted),
      onDone: (shape) => onEdited(this.key, shape),
      line,
    });
    for (const type of ["RECTANGLE", "ELLIPSE", "POLYGON"]) registerEditor(type, editor);
  }

  /** Take a drawing tool into the hand; null puts it down. */
  draw(kind) {
    this.kind = kind;
    if (kind) {
      this.edit(null);
      this.annotator.setDrawingTool(toolName(kind));
    }
    this.annotator.setDrawingEnabled(Boolean(kind));
  }

  /** Show the editor on a shape, or on none. */
  edit(key, shape) {
    if (key === this.key && key) {
      this.annotator.state.store.updateTarget({ annotation: key, selector: shape }, FROM_ELSEWHERE);
      return;
    }
    this.key = key;
    this.annotator.cancelSelected();
    this.annotator.setAnnotations(key ? [{ id: key, bodies: [], target: { annotation: key, selector: shape } }] : []);
    if (key) this.annotator.setSelected(key, true);
  }

  /** Who takes a pointer that goes down or hovers here, or null. */
  owner(event) {
    if (this.kind) return this.tool;
    return this.editor?.handleAt(event) ? this.editor : null;
  }

  destroy() {
    this.annotator.destroy();
    this.layer.replaceChildren();
  }
}
