// @ts-check
/** The chair's page: progress that moves by itself, and the reminder on the clipboard. */

const LOOK_MS = 10000;
const words = JSON.parse(document.getElementById('data')?.textContent ?? '{}');
const note = /** @type {HTMLElement} */ (document.getElementById('note'));

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('button[data-copy]'))) {
  const field = /** @type {HTMLTextAreaElement} */ (document.getElementById(button.dataset.copy ?? ''));
  button.hidden = false;
  button.addEventListener('click', () => copy(field));
}

/** On plain http there is no clipboard of its own; there the old command is tried. @param {HTMLTextAreaElement} field */
async function copy(field) {
  let done = false;
  try {
    await navigator.clipboard.writeText(field.value);
    done = true;
  } catch {
    field.focus();
    field.select();
    done = document.execCommand('copy');
  }
  note.replaceChildren(Object.assign(document.createElement('p'), { className: 'said', textContent: done ? words.copied : words.not_copied }));
}

async function look() {
  try {
    const answer = await fetch(location.pathname, { headers: { accept: 'text/html' } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-live]'))) {
      const newer = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
      if (!newer) return location.replace(location.pathname); // the round has moved on; a reload would look once more
      if (part.innerHTML !== newer.innerHTML) part.replaceChildren(...newer.childNodes);
    }
    for (const field of document.querySelectorAll('textarea')) {
      const newer = /** @type {HTMLTextAreaElement | null} */ (fresh.getElementById(field.id));
      if (newer) field.value = newer.value;
    }
  } catch {
    // Looked at again a little later.
  }
}
setInterval(() => document.hidden || look(), LOOK_MS);
