// Sets the theme before the first paint: it is the one script that blocks, so it stays this short.
(() => {
  "use strict";
  // The key and its three values (auto, light, dark) are those of the Django admin: one choice for both.
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      const stored = window.localStorage.getItem("theme");
      return stored === "light" || stored === "dark" ? stored : "auto";
    } catch {
      return "auto"; // storage is blocked: follow the system
    }
  }

  function apply() {
    const choice = chosen();
    const theme = choice === "auto" ? (system.matches ? "dark" : "light") : choice;
    document.documentElement.setAttribute("data-bs-theme", theme);
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    }
  }

  apply();
  system.addEventListener("change", apply);
  window.addEventListener("storage", apply); // chosen in another tab
  document.addEventListener("DOMContentLoaded", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    try {
      window.localStorage.setItem("theme", button.dataset.themeChoice);
    } catch {
      return; // nothing can be remembered
    }
    apply();
  });
})();
