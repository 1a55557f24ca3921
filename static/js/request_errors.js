// What a failed htmx request says. Nothing on the page is replaced, so nothing typed is lost.
(() => {
  "use strict";
  const SENTENCES = {
    400: "The server could not read the request. Reload the page and try again.",
    403: "You may not do this. Ask your administrator if you think you should.",
    404: "This no longer exists, or it belongs to another organisation.",
    409: "Somebody else changed this in the meantime. Reload the page to see what is there now.",
    413: "This is larger than the server accepts. Choose smaller files and try again.",
    429: "Too many requests in a short time. Wait a minute and try again.",
  };
  const SERVER = "The server had a problem, and nothing was changed. Try again in a moment.";
  const OFFLINE = "The server cannot be reached. Check the connection and try again.";
  const SESSION_ENDED =
    "Your session has ended; sign in in a new tab, nothing you typed is lost.";

  function toast(sentence, link) {
    document.dispatchEvent(new CustomEvent("toast", { detail: { sentence, kind: "error", link } }));
  }

  function loginPath() {
    return document.querySelector("meta[name='login-url']")?.content ?? "";
  }

  function sessionEnded() {
    toast(SESSION_ENDED, { url: loginPath(), label: "Sign in" });
  }

  // A redirect to the sign-in page is followed silently: its address is all that gives it away.
  function answeredBySignIn(xhr) {
    if (!xhr.responseURL || !loginPath()) return false;
    const path = new URL(xhr.responseURL).pathname;
    return path === loginPath() && window.location.pathname !== path;
  }

  // What the server itself says: the `detail` of a problem document (RFC 9457), or the refusal on
  // an error page, which htmx leaves out of the page because its status is an error's.
  function refusal(xhr) {
    const type = xhr.getResponseHeader("Content-Type") ?? "";
    if (type.includes("json")) {
      try {
        return JSON.parse(xhr.responseText).detail ?? "";
      } catch {
        return "";
      }
    }
    if (!type.includes("text/html")) return "";
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
    return page.querySelector("[data-refusal]")?.textContent.trim() ?? "";
  }

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!answeredBySignIn(event.detail.xhr)) return;
    event.detail.shouldSwap = false;
    event.preventDefault();
    sessionEnded();
  });

  document.addEventListener("htmx:responseError", (event) => {
    const xhr = event.detail.xhr;
    if (xhr.status === 401) sessionEnded();
    else toast(refusal(xhr) || SENTENCES[xhr.status] || SERVER);
  });

  document.addEventListener("htmx:sendError", () => toast(OFFLINE));
  document.addEventListener("htmx:timeout", () => toast(OFFLINE));
})();
