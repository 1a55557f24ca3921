// The page of the number keys: each list becomes a field with type-ahead.
import { Combobox } from "./combobox.js";

for (const select of document.querySelectorAll(".favourite-keys select")) new Combobox(select);
