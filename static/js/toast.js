// Short messages that do not move the page. Any script says
//   document.dispatchEvent(new CustomEvent("toast", {detail: {sentence, kind, link}}))
// and a view says it with the header  HX-Trigger: {"toast": {"sentence": "...", "kind": "success"}}.
// kind: info, success (both leave by themselves), warning, error (both stay until dismissed).
// link: optional {url, label}, opened in a new tab.
(() => {
  "use strict";
  const LEAVES_AFTER_MS = 8_000;
  const ICONS = {
    info: "bi-info-circle",
    success: "bi-check-circle",
    warning: "bi-exclamation-triangle",
    error: "bi-exclamation-octagon",
  };

  function show({ sentence, kind = "info", link }) {
    const region = document.getElementById("toasts");
    const template = document.getElementById("toast-template");
    if (!region || !template || !sentence) return;
    const same = [...region.children].find((toast) => toast.dataset.sentence === sentence);
    if (same) return;

    const toast = template.content.firstElementChild.cloneNode(true);
    toast.dataset.sentence = sentence;
    toast.classList.add(`notice-${kind in ICONS ? kind : "info"}`);
    toast.querySelector(".bi").classList.add(ICONS[kind] ?? ICONS.info);
    toast.querySelector("[data-toast-sentence]").textContent = sentence;
    const anchor = toast.querySelector("[data-toast-link]");
    if (link) {
      anchor.href = link.url;
      anchor.textContent = link.label;
      anchor.hidden = false;
    }
    region.append(toast);
    toast.querySelector("button").addEventListener("click", () => toast.remove());
    if (kind === "info" || kind === "success") leaveLater(toast);
  }

  // It waits while the pointer or the keyboard is on it.
  function leaveLater(toast) {
    window.setTimeout(() => {
      if (toast.matches(":hover, :focus-within")) leaveLater(toast);
      else toast.remove();
    }, LEAVES_AFTER_MS);
  }

  document.addEventListener("toast", (event) => show(event.detail));
})();
