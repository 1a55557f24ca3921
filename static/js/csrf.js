// The CSRF token as it is now: signing in again in another tab changes it under an open page.
export function csrfToken() {
  const cookie = document.cookie.split("; ").find((pair) => pair.startsWith("csrftoken="));
  return cookie?.slice("csrftoken=".length) ?? document.querySelector("[name='csrfmiddlewaretoken']")?.value ?? "";
}

// Every form of the page posts the token of now, whoever sends it.
export function keepTokensFresh() {
  document.addEventListener(
    "submit",
    () => {
      for (const field of document.querySelectorAll("[name='csrfmiddlewaretoken']")) field.value = csrfToken();
    },
    { capture: true },
  );
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = csrfToken();
    if (event.detail.parameters.csrfmiddlewaretoken) {
      event.detail.parameters.csrfmiddlewaretoken = csrfToken();
    }
  });
}
