// How the page reads what the server says when it says no, and how it writes a time.
export function clock(iso) {
  const form = { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false };
  return new Date(iso).toLocaleTimeString([], form);
}

/** The problem document (RFC 9457) of a refusal: {code, detail, …}; empty where there is none. */
export async function readProblem(response) {
  try {
    return await response.json();
  } catch {
    return {};
  }
}

export function signInLink() {
  const link = document.createElement("a");
  link.href = document.querySelector("meta[name='login-url']").content;
  return Object.assign(link, { target: "_blank", rel: "noopener", textContent: "Sign in in a new tab" });
}
