// Passkeys (Web Authentication) in the browser: whether they can work here, making one, asking one.
// The server sends and takes JSON in which every run of bytes is base64url.

/** Why passkeys cannot work on this page, as a sentence; "" where they can. */
export function passkeyObstacle() {
  if (!window.isSecureContext) return "Passkeys need an address that begins with https.";
  if (!window.PublicKeyCredential) return "This browser cannot use passkeys.";
  const host = window.location.hostname;
  if (/^[\d.]+$/.test(host) || host.startsWith("[")) {
    const name = host === "127.0.0.1" || host === "[::1]" ? "localhost" : "the server's name";
    return `Passkeys need a name in the address: open ${name} instead of ${host}.`;
  }
  return "";
}

/** Make a passkey for the creation options; the answer is ready for JSON. */
export async function createPasskey({ publicKey }) {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      user: { ...publicKey.user, id: bytes(publicKey.user.id) },
      excludeCredentials: descriptors(publicKey.excludeCredentials),
      // It signs in without a name, and it checks the person: that is what makes it a passkey.
      authenticatorSelection: {
        ...publicKey.authenticatorSelection,
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      },
    },
  });
  const { response } = credential;
  return answer(credential, {
    clientDataJSON: text(response.clientDataJSON),
    attestationObject: text(response.attestationObject),
    transports: response.getTransports?.() ?? [],
  });
}

/** Ask for a passkey with the request options; the answer is ready for JSON. */
export async function askPasskey({ publicKey }, { signal } = {}) {
  const credential = await navigator.credentials.get({
    signal,
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      allowCredentials: descriptors(publicKey.allowCredentials),
    },
  });
  const { response } = credential;
  return answer(credential, {
    clientDataJSON: text(response.clientDataJSON),
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
    userHandle: response.userHandle ? text(response.userHandle) : null,
  });
}

/** What to tell the person after one of the two has failed. */
export function passkeySentence(error) {
  if (error?.name === "InvalidStateError") return "This device already has a passkey for your account.";
  if (error?.name === "SecurityError") return "Passkeys cannot be used at this address.";
  return "No passkey was used: it was cancelled, or it took too long. Try again.";
}

function answer(credential, response) {
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

function descriptors(list) {
  return (list ?? []).map((descriptor) => {
    const { transports, ...rest } = descriptor;
    return { ...rest, id: bytes(descriptor.id), ...(transports ? { transports } : {}) };
  });
}

function bytes(base64url) {
  const base64 = base64url.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function text(buffer) {
  const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
