// A form posted twice: the second click does nothing while the first is under way.
// The server guards itself as well; this is for the person who wonders whether the click counted.
// `data-submit-many` on a form that answers with a download opts out.
(() => {
  "use strict";
  const RELEASE_AFTER_MS = 30_000;

  function release(form) {
    delete form.dataset.submitted;
    for (const button of form.querySelectorAll("[data-submitting]")) {
      delete button.dataset.submitting;
      button.removeAttribute("aria-disabled");
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    // htmx has taken the form already (defaultPrevented) and orders its own requests.
    if (event.defaultPrevented || form.method !== "post" || "submitMany" in form.dataset) return;
    if (form.dataset.submitted) {
      event.preventDefault();
      return;
    }
    form.dataset.submitted = "true";
    // aria-disabled, not disabled: a disabled button loses the focus and is left out of the post.
    if (event.submitter) {
      event.submitter.dataset.submitting = "true";
      event.submitter.setAttribute("aria-disabled", "true");
    }
    window.setTimeout(release, RELEASE_AFTER_MS, form);
  });

  // Back in the browser's history shows the page as it was left: make its buttons work again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-submitted]").forEach(release);
  });
})();
