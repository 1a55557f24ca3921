// The stage under the name by which the review screen knows it.
import { Stage } from "./stage/stage.js";

export class Viewer extends Stage {
  tell(kind, detail) {
    super.tell(kind, detail);
    if (kind === "stage:shown") super.tell("viewer:shown", detail);
  }
}
