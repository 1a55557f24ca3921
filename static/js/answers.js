// While the page asks for answers by itself, trouble stays in one quiet line instead of a toast
// every two seconds.
(() => {
  "use strict";
  const LOST = "The connection is lost; this page goes on trying.";
  const ENDED = "This page no longer updates itself. Reload it to see new answers.";
  const FINAL = new Set([401, 403, 404]);

  function isPoll(event) {
    return event.target instanceof Element && event.target.id === "answers-poll";
  }

  function say(sentence) {
    const line = document.getElementById("answers-progress");
    if (line && line.textContent !== sentence) line.textContent = sentence;
  }

  function quietly(event) {
    if (!isPoll(event)) return;
    event.stopPropagation();
    if (FINAL.has(event.detail.xhr?.status)) {
      event.target.remove();
      say(ENDED);
    } else {
      say(LOST);
    }
  }

  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, quietly, { capture: true });
  }
})();
