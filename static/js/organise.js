// @ts-check
/** The organiser's page: copy buttons. Everything else works without scripts. */

const data = JSON.parse(document.getElementById("organise-data")?.textContent ?? "{}");
const notice = document.getElementById("notice");

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!(button instanceof HTMLButtonElement)) continue;
  const field = document.getElementById(button.dataset.copy ?? "");
  if (!(field instanceof HTMLInputElement)) continue;
  button.hidden = false;
  button.addEventListener("click", () => copy(field));
  field.addEventListener("focus", () => field.select());
}

/**
 * Put a link on the clipboard. A page on plain http has no clipboard of its own; there the text is
 * selected, and the old command is tried.
 * @param {HTMLInputElement} field
 */
async function copy(field) {
  let done = false;
  try {
    await navigator.clipboard.writeText(field.value);
    done = true;
  } catch {
    field.focus();
    field.select();
    done = document.execCommand("copy");
  }
  if (done && notice) notice.textContent = data.copied;
}
