// @ts-check
/** The short address on voting cards: the code, typed or from the QR code, leads to its award. */

import { ask } from './award_outbox.js';

const form = /** @type {HTMLFormElement} */ (document.getElementById('door'));
const state = /** @type {HTMLElement} */ (form.querySelector('[data-state]'));
const input = /** @type {HTMLInputElement} */ (form.querySelector('input[name=code]'));
const { words } = JSON.parse(document.getElementById('data')?.textContent ?? '{}');

/** @param {string} text @param {string} mood */
function tell(text, mood) {
  state.textContent = text;
  state.className = `state ${mood}`;
}

/** @param {string} code */
async function find(code) {
  tell(words.voter_js_checking, '');
  const reply = await ask(`/v${location.search}`, new URLSearchParams({ code }));
  // In the fragment it goes to no server; the next page takes it out of the address at once.
  if (reply?.url) return location.replace(`${reply.url}${location.search}#${encodeURIComponent(code.trim())}`);
  tell(reply?.message ?? words.voter_js_no_answer, 'bad');
  input.focus();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (input.value.trim()) find(input.value);
});

const token = location.hash.slice(1);
history.replaceState(null, '', location.pathname + location.search);
if (token) find(token);
