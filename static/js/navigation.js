// The shell's keys: `/` goes to the search, Escape leaves it. An error summary takes the
// focus, and a notice can be dismissed.
(() => {
  "use strict";

  function typing(element) {
    return element.closest("input, textarea, select, [contenteditable='true'], [role='textbox']");
  }

  document.addEventListener("keydown", (event) => {
    const search = document.getElementById("top-search");
    if (!search || event.defaultPrevented) return;
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (event.key === "/" && !modified && !typing(event.target) && search.offsetParent) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "Escape" && event.target === search) {
      search.blur();
    }
  });

  document.addEventListener("click", (event) => {
    event.target.closest("[data-dismiss-notice]")?.closest(".notice").remove();
  });

  function focusErrors(root) {
    root.querySelector("[data-focus-on-arrival]")?.focus();
  }

  document.addEventListener("DOMContentLoaded", () => focusErrors(document));
  document.addEventListener("htmx:afterSwap", (event) => focusErrors(event.detail.elt));
})();
