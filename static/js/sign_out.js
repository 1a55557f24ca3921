// Whoever signs out leaves nothing behind that was typed here and never sent. A session that ends
// by itself is no sign-out: its unsent work is offered again after signing in.
(() => {
  "use strict";
  const UNSENT = ["unsent-read:", "unsent-annotations:"];

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-signs-out]")) return;
    try {
      for (const name of Object.keys(window.localStorage)) {
        if (UNSENT.some((prefix) => name.startsWith(prefix))) window.localStorage.removeItem(name);
      }
    } catch {
      // Storage is blocked: nothing was kept.
    }
  });
})();
