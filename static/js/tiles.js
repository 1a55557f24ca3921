// Where the focus goes when an image leaves its place: to the next one, or to where more are added.
(() => {
  "use strict";
  let next = null;

  document.addEventListener("htmx:beforeRequest", (event) => {
    const tile = event.target.closest(".tile");
    if (!tile || !tile.contains(document.activeElement)) return;
    const neighbour = tile.nextElementSibling ?? tile.previousElementSibling;
    next = {
      self: document.activeElement.id,
      other: neighbour ?? tile.closest("[data-lesion]").querySelector("[data-upload]"),
    };
  });

  document.addEventListener("htmx:afterSettle", giveFocus);
  document.addEventListener("htmx:afterRequest", () => window.setTimeout(giveFocus));

  function giveFocus() {
    if (!next || document.activeElement !== document.body) return;
    const moved = next.self && document.getElementById(next.self);
    const target = moved || next.other.querySelector("a, input[type='file']:not([capture])");
    next = null;
    target?.focus();
  }
})();
