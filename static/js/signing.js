// Who signs? `await proveForSigning({what, action})` is true once the server has a fresh proof:
// at once where it has one already, otherwise after the dialog (accounts/_signing_dialog.html) was
// answered with the password or a passkey; false where the person cancelled.
// The dialog opens at the key press itself unless the server has said that there is a proof: a
// password typed at once goes into its field, and no letter of it is a key of the page's.
//   what: what will be signed, one line each; action: the words of the button, "Sign and next".
import { csrfToken } from "./csrf.js";
import { askPasskey, passkeyObstacle, passkeySentence } from "./passkeys.js";

const UNREACHABLE = "The server cannot be reached. Check the connection and try again.";
const UNEXPECTED = "The server had a problem, and nothing was signed. Try again in a moment.";

// Until the server has said how this person proves: by the password, which most people have.
const UNTOLD = { password: true, passkeys: false };

let open = null; // the promise of the dialog that is open, for whoever asks meanwhile
let known = null; // what the server said last
let turn = 0; // of what was asked: an answer that comes after a later one's says what was true before

// Asked as the page opens, so that whoever has a proof is not shown the dialog first.
const dialogOfPage = document.getElementById("signing-dialog");
let asked = dialogOfPage && ask(dialogOfPage).finally(() => {
  asked = null;
});

export function proveForSigning({ what = [], action = "Sign" } = {}) {
  open ??= prove(dialogOfPage, what, action).finally(() => {
    open = null;
  });
  return open;
}

async function prove(dialog, what, action) {
  if (known?.proved && new Date(known.until) > new Date()) {
    const { refusal } = await ask(dialog);
    if (refusal) {
      say(refusal);
      return false;
    }
  } else if (known) {
    known = { ...known, proved: false };
  }
  const proved = known?.proved || (await askIn(dialog, what, action));
  // Where every signature asks anew, this proof is as good as spent.
  if (proved && !known.seconds) known = { ...known, proved: false };
  return proved;
}

async function ask(dialog) {
  const mine = ++turn;
  const answer = await send(dialog.querySelector("form").action, "GET");
  if (mine === turn) known = answer.body ?? known;
  return answer;
}

function learn(said) {
  turn += 1;
  known = said;
}

function askIn(dialog, what, action) {
  const form = dialog.querySelector("form");
  const part = (name) => dialog.querySelector(`[data-signing-${name}]`);
  const password = form.elements.password;
  const ceremony = new AbortController();
  let proved = false;
  let busy = false;

  async function attempt(act) {
    if (busy) return;
    busy = true;
    form.setAttribute("aria-busy", "true");
    part("error").textContent = "";
    password.removeAttribute("aria-invalid");
    const sentence = await act();
    busy = false;
    form.removeAttribute("aria-busy");
    proved = !sentence;
    if (proved) dialog.close();
    else if (dialog.open) part("error").textContent = sentence;
  }

  async function byPassword() {
    if (!password.value) return refuse("Enter your password.");
    const { body, refusal, status } = await send(form.action, "POST", { password: password.value });
    if (body) learn(body);
    return refusal && status === 400 ? refuse(refusal) : refusal;
  }

  function refuse(sentence) {
    password.setAttribute("aria-invalid", "true");
    password.focus();
    password.select();
    return sentence;
  }

  async function byPasskey() {
    const { body, refusal } = await send(dialog.dataset.optionsUrl, "POST");
    if (refusal) return refusal;
    let credential;
    try {
      credential = await askPasskey(body.request_options, { signal: ceremony.signal });
    } catch (failure) {
      return passkeySentence(failure);
    }
    const sent = { credential: JSON.stringify(credential) };
    const answer = await send(dialog.dataset.passkeyUrl, "POST", sent);
    if (answer.body) learn(answer.body);
    return answer.refusal;
  }

  const obstacle = passkeyObstacle();
  part("what").replaceChildren(...what.map(line));
  part("submit").textContent = action;
  part("obstacle").textContent = obstacle;
  part("error").textContent = "";
  show(known ?? UNTOLD);

  /** The ways in which this person can prove it, the first of them with the focus. */
  function show({ password: has, passkeys, seconds }) {
    const first = part("with-password").hidden === has;
    part("submit").hidden = !has;
    part("with-password").hidden = !has;
    part("passkey").hidden = !passkeys || Boolean(obstacle);
    part("obstacle").hidden = !passkeys || !obstacle;
    part("lasts").textContent = lasting(seconds);
    if (first && dialog.open) focusFirst();
  }

  function focusFirst() {
    (part("with-password").hidden ? part("passkey") : password).focus();
  }

  return new Promise((resolve) => {
    const listeners = new AbortController();
    const on = (target, type, listener) =>
      target.addEventListener(type, listener, { signal: listeners.signal });
    on(form, "submit", (event) => {
      event.preventDefault();
      attempt(byPassword);
    });
    on(part("passkey"), "click", () => attempt(byPasskey));
    for (const button of dialog.querySelectorAll("[data-signing-cancel]")) {
      on(button, "click", () => dialog.close());
    }
    on(dialog, "keydown", (event) => {
      // The page's own keys stay out; the hand that pressed Ctrl+Enter to sign may press it again.
      event.stopPropagation();
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (!part("with-password").hidden) form.requestSubmit();
    });
    on(dialog, "close", () => {
      listeners.abort();
      ceremony.abort();
      password.value = "";
      password.removeAttribute("aria-invalid");
      resolve(proved);
    });
    dialog.showModal();
    focusFirst();
    // Meanwhile somebody may have proved it in another tab, or the session may have ended.
    (asked ?? ask(dialog)).then(({ body, refusal }) => {
      if (!dialog.open || listeners.signal.aborted) return;
      if (body) show(body);
      if (busy) return;
      // Whoever is typing goes on: the rest of the password would be the page's keys.
      if (body?.proved && !password.value) attempt(async () => "");
      else if (refusal) part("error").textContent = refusal;
    });
  });
}

/** Ask the server: {body} when it said yes, {refusal, status} when it did not. */
async function send(url, method, fields = null) {
  const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
  try {
    const response = await fetch(url, {
      method,
      headers,
      body: fields && new URLSearchParams(fields),
      cache: "no-store",
    });
    const body = await response.json().catch(() => ({}));
    if (response.ok) return { body };
    return { refusal: body.detail ?? UNEXPECTED, status: response.status };
  } catch {
    return { refusal: UNREACHABLE, status: 0 };
  }
}

function line(sentence) {
  const item = document.createElement("li");
  item.textContent = sentence;
  return item;
}

function lasting(seconds) {
  if (seconds === undefined) return "";
  if (!seconds) return "You are asked at every signature.";
  const minutes = Math.round(seconds / 60);
  const time = minutes < 1 ? `${seconds} seconds` : minutes === 1 ? "minute" : `${minutes} minutes`;
  return `You are not asked again in the next ${time}.`;
}

function say(sentence) {
  document.dispatchEvent(new CustomEvent("toast", { detail: { sentence, kind: "error" } }));
}
