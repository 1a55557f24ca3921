// The diagnosis of a pathology result, with type-ahead.
import { Combobox } from "./combobox.js";

for (const select of document.querySelectorAll("[data-pathology] select[name='diagnosis']")) {
  new Combobox(select);
}
