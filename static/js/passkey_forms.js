// Forms that post a passkey's answer: data-passkey="use" or "create". The options stand in the page
// (data-options-id) or are fetched (data-options-url). Where passkeys cannot work the button gives
// way to the reason.
import { csrfToken } from "./csrf.js";
import { askPasskey, createPasskey, passkeyObstacle, passkeySentence } from "./passkeys.js";

const UNREACHABLE = "The server cannot be reached. Check the connection and try again.";

async function optionsOf(form) {
  const { optionsId, optionsUrl, optionsMethod = "GET" } = form.dataset;
  if (optionsId) return JSON.parse(document.getElementById(optionsId).textContent);
  const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
  const response = await fetch(optionsUrl, { method: optionsMethod, headers });
  const body = await response.json();
  if (!response.ok) throw Object.assign(new Error("refused"), { sentence: body.detail });
  return body.request_options;
}

async function submit(form, error) {
  let options;
  error.textContent = "";
  try {
    options = await optionsOf(form);
  } catch (failure) {
    error.textContent = failure.sentence ?? UNREACHABLE;
    return;
  }
  try {
    const act = form.dataset.passkey === "create" ? createPasskey : askPasskey;
    form.elements.credential.value = JSON.stringify(await act(options));
  } catch (failure) {
    error.textContent = passkeySentence(failure);
    return;
  }
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("[data-passkey-button]");
  const obstacle = form.querySelector("[data-passkey-obstacle]");
  const error = form.querySelector("[data-passkey-error]");
  const reason = passkeyObstacle();
  button.hidden = Boolean(reason);
  button.classList.remove("passkey-waiting");
  obstacle.hidden = !reason;
  obstacle.textContent = reason;
  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy || reason) return;
    busy = true;
    await submit(form, error);
    busy = false;
  });
}
