// @ts-check
/**
 * A juror's sheet: saved as it is filled in, kept in this browser while the server does not answer. The
 * same draft is sent again until there is an answer, so that a lost answer is not taken for another tab.
 */

import { Ranking } from './phone_rank.js';

const WAIT_MS = 500; // after the last change
const LATER_MS = [2000, 4000, 8000, 15000]; // between tries while the server does not answer
const LOOK_MS = 12000; // between looks whether the round or the sheet has moved on elsewhere

/** @typedef {{rev: number, fields: string}} Draft */

const data = JSON.parse(document.getElementById('data')?.textContent ?? '{}');
const form = /** @type {HTMLFormElement | null} */ (document.getElementById('sheet'));

/** What this browser keeps of a sheet that is not saved: the draft on its way, and the newest one. */
class Kept {
  /** @param {string} key */
  constructor(key) {
    this._key = key;
    this.works = true;
  }

  /** @returns {{sent: Draft | null, newest: string, rev: number} | null} */
  read() {
    try {
      return JSON.parse(localStorage.getItem(this._key) ?? 'null');
    } catch {
      return null;
    }
  }

  /** @param {Draft | null} sent @param {string} newest @param {number} rev */
  write(sent, newest, rev) {
    try {
      localStorage.setItem(this._key, JSON.stringify({ sent, newest, rev }));
    } catch {
      this.works = false;
    }
  }

  clear() {
    try {
      localStorage.removeItem(this._key);
    } catch {
      // It keeps nothing anyway.
    }
  }
}

class Sheet {
  /** @param {HTMLFormElement} at */
  constructor(at) {
    this.form = at;
    this.kept = new Kept(data.key);
    this.rev = Number(data.rev);
    /** @type {Draft | null} what was sent and not answered */
    this.sent = null;
    this.isBusy = false;
    this.isLeaving = false;
    this._tries = 0;
    this._timer = 0;
    /** @type {Ranking | null} */
    this.ranking = null;
    const kept = this.kept.read();
    if (kept) fill(at, kept.newest);
    if (at.dataset.form === 'ranking') this._rank();
    this.saved = kept ? '' : this.fields;
    if (kept) {
      this.sent = kept.sent ?? { rev: kept.rev, fields: kept.newest };
      this.send();
    }
    const plain = /** @type {HTMLElement} */ (at.querySelector('[data-save]'));
    plain.hidden = true; // what is filled in is saved by itself
    if (!kept) this.say(data.words.unchanged);
    at.addEventListener('input', (event) => this._changed(event));
    at.addEventListener('change', (event) => this._changed(event));
    at.addEventListener('submit', (event) => this._submit(event));
    window.addEventListener('online', () => this.send());
    document.addEventListener('visibilitychange', () => document.hidden && this.send());
  }

  /** Everything that the sheet says, without what belongs to one press of a button. */
  get fields() {
    const all = new FormData(this.form);
    for (const name of ['rev', 'do', 'entry', ...Array.from(all.keys()).filter((one) => one.startsWith('reason'))]) {
      all.delete(name);
    }
    return new URLSearchParams(/** @type {any} */ (all)).toString();
  }

  /** @param {string} text @param {string} [kind] */
  say(text, kind = '') {
    const state = /** @type {HTMLElement} */ (document.getElementById('state'));
    if (state.textContent !== text) state.textContent = text;
    state.className = kind;
  }

  _rank() {
    this.ranking = new Ranking(this.form, null);
    this._write();
  }

  /** The order as fields of the form, as its lists of places had them. */
  _write() {
    const places = /** @type {HTMLElement} */ (this.form.querySelector('[data-places]'));
    places.replaceChildren(
      ...(this.ranking?.chosen ?? []).flatMap((rank, n) =>
        rank.split('=').map((id) => Object.assign(document.createElement('input'), { type: 'hidden', name: `rank.${id}`, value: String(n + 1) })),
      ),
    );
  }

  /** @param {Event} event */
  _changed(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.dataset.apart !== undefined) return;
    if (this.ranking?.concerns(target)) {
      if (event.type !== 'change') return;
      this.ranking.take(target);
      this._write();
      /** @type {HTMLElement} */ (document.getElementById('say')).textContent = this.ranking.heard;
    }
    if (target instanceof HTMLInputElement && !target.checkValidity()) return;
    if (this.fields === this.saved && !this.sent) return;
    this._keep();
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this.send(), WAIT_MS);
  }

  _keep() {
    this.kept.write(this.sent, this.fields, this.rev);
  }

  /** Whether something here is not stored yet. */
  get isOwed() {
    return this.sent !== null || this.fields !== this.saved;
  }

  /** Send what is owed. @returns {Promise<boolean>} whether all of it is stored */
  async send() {
    clearTimeout(this._timer);
    // A page on its way to the newer draft is hidden first: its own must not be kept and sent once more.
    if (this.isBusy || this.isLeaving) return false;
    while (this.isOwed) {
      this.isBusy = true;
      const ok = await this._sendOne().finally(() => (this.isBusy = false));
      if (!ok) return false;
    }
    return true;
  }

  async _sendOne() {
    const draft = (this.sent ??= { rev: this.rev, fields: this.fields });
    this._keep();
    this.say(data.words.saving);
    let status = 0;
    /** @type {any} */
    let reply = {};
    try {
      const answer = await fetch(this.form.action, {
        method: 'POST',
        headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
        body: `${draft.fields}&do=save&rev=${draft.rev}`,
        signal: AbortSignal.timeout(10000),
      });
      status = answer.status;
      reply = await answer.json();
    } catch {
      if (!status) return this._later();
    }
    if (status === 200) return this._stored(draft, reply);
    if (status === 403) return this._stop(data.words.link);
    if (reply.code === 'frozen' || status >= 500 || status === 429) return this._later();
    if (status === 422) {
      this.sent = null;
      this.saved = draft.fields; // not sent again until it is changed
      return this._stop(reply.message ?? '');
    }
    this.kept.clear();
    this._go(reply.code === 'closed' ? 'late' : reply.code === 'stale' ? 'newer' : '');
    return false;
  }

  /** @param {Draft} draft @param {any} reply */
  _stored(draft, reply) {
    this.sent = null;
    this.saved = draft.fields;
    this.rev = reply.rev;
    /** @type {HTMLInputElement} */ (this.form.elements.namedItem('rev')).value = String(reply.rev);
    this._tries = 0;
    if (this.fields === this.saved) this.kept.clear();
    else this._keep();
    /** @type {HTMLElement} */ (this.form.querySelector('[data-progress]')).textContent = reply.progress;
    for (const badge of /** @type {NodeListOf<HTMLElement>} */ (this.form.querySelectorAll('[data-complete]'))) {
      badge.hidden = !reply.complete.includes(badge.dataset.complete);
    }
    this.say(data.words.saved.replace('{time}', reply.time), 'good');
    return true;
  }

  _later() {
    this.say(!this.kept.works ? data.words.lost : navigator.onLine ? data.words.kept : data.words.offline, 'warn');
    const wait = LATER_MS[Math.min(this._tries++, LATER_MS.length - 1)];
    this._timer = setTimeout(() => this.send(), wait);
    return false;
  }

  /** @param {string} text */
  _stop(text) {
    this.say(text, 'bad');
    return false;
  }

  /** Load the page anew, and have it say why. @param {string} said */
  _go(said) {
    if (this.isLeaving) return;
    this.isLeaving = true;
    location.replace(`?round=${data.round}${said ? `&said=${said}` : ''}`);
  }

  /** A button that needs the server: first everything is saved, then the form goes as it is. @param {SubmitEvent} event */
  async _submit(event) {
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    if (this.isLeaving) return;
    event.preventDefault();
    clearTimeout(this._timer);
    await new Promise((done) => setTimeout(done)); // a form cannot be submitted while it tells of it
    while (this.isBusy) await new Promise((done) => setTimeout(done, 20));
    if (this.isLeaving) return;
    if (!(await this.send())) {
      if (this.sent) this.say(data.words.later, 'warn');
      return;
    }
    if (!button || button.value === 'save') return;
    this.isLeaving = true;
    this.form.requestSubmit(button);
  }

  /** Another tab or the organiser was here. @param {{state: string, rev: number, locked: boolean}} stands */
  look(stands) {
    if (this.isBusy || this.isOwed) return; // what is owed is sent, and its answer says it
    if (stands.state !== 'open') this._go('');
    else if (stands.rev > this.rev) this._go(stands.locked ? '' : 'newer');
  }
}

/** Put kept fields into the form. @param {HTMLFormElement} at @param {string} fields */
function fill(at, fields) {
  const said = new URLSearchParams(fields);
  for (const one of Array.from(at.elements)) {
    const name = /** @type {HTMLInputElement} */ (one).name ?? '';
    if (!/^(mark|pick|rank)\./.test(name)) continue;
    const value = said.get(name) ?? '';
    if (one instanceof HTMLInputElement && one.type === 'radio') one.checked = one.value === value;
    else if (one instanceof HTMLInputElement && one.type === 'checkbox') one.checked = value !== '';
    else /** @type {HTMLInputElement} */ (one).value = value;
  }
}

const sheet = form ? new Sheet(form) : null;

/** Whether the round or the sheet has changed since this page came. */
async function look() {
  try {
    const answer = await fetch(`${location.pathname}?round=${data.round}`, { headers: { accept: 'application/json' } });
    if (!answer.ok) return;
    const stands = await answer.json();
    if (sheet) sheet.look(stands);
    else if (stands.state !== data.state || stands.rev !== data.rev) location.replace(`?round=${data.round}`);
  } catch {
    // Looked at again a little later.
  }
}
setInterval(() => document.hidden || look(), LOOK_MS);
