// Annotorious, from its package's build for browsers: the other one asks for Node's `process`.
import "../../vendor/annotorious/annotorious.js";

export const { createImageAnnotator, registerEditor, registerTool, W3CImageFormat } = globalThis.Annotorious;
