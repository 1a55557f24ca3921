// A button that copies the text of another element; without a clipboard it stays hidden.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).textContent.trim();
    let said = { sentence: "Copied.", kind: "success" };
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      said = { sentence: "The browser did not allow it: select the text and copy it.", kind: "error" };
    }
    document.dispatchEvent(new CustomEvent("toast", { detail: said }));
  });
}
