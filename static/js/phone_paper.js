// @ts-check
/** The ballot paper as it stands in the page: what is chosen on it, and the order of its options. */

/** FNV-1a with 32 bits over UTF-8, as polls/paper.py does it. @param {string} text */
export function fnv1a(text) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/**
 * Option ids in the order of the phone with `seed`; the same as polls/paper.py gives.
 * @param {string[]} ids @param {string} poll @param {string} seed
 */
export function inOwnOrder(ids, poll, seed) {
  const hashes = new Map(ids.map((id) => [id, fnv1a(`${id}:${poll}:${seed}`)]));
  return [...ids].sort((a, b) => (hashes.get(a) ?? 0) - (hashes.get(b) ?? 0));
}

/** @param {string} html from our own server */
export function fragment(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content;
}

export class Paper {
  /** @param {HTMLFormElement} form @param {number | null} closesMs */
  constructor(form, closesMs) {
    this.form = form;
    this.closesMs = closesMs;
    this.poll = form.dataset.poll ?? '';
    this.round = Number(form.dataset.round);
    this.key = `${this.poll}:${this.round}`;
    this.max = Number(form.dataset.max);
    /** rev of the ballot that the person saw as counted; 0 for none */
    this.rev = 0;
    /** The person has chosen something here that was not sent. */
    this.touched = false;
    /** The person asked to change the counted answer. */
    this.editing = false;
    /** Voting closed while the person was busy here. */
    this.closed = false;
    this.hint = '';
    /** What a screen reader is told of the last change, before the state line. */
    this.heard = '';
  }

  /** @returns {HTMLInputElement[]} */
  get inputs() {
    return Array.from(this.form.querySelectorAll('input[name=selections]'));
  }

  /** Ids of what is chosen; [""] is an abstention, [] nothing yet. */
  get chosen() {
    return this.inputs.filter((one) => one.checked).map((one) => one.value);
  }

  /** @param {string[]} selections option ids; none is an abstention */
  choose(selections) {
    const wanted = selections.length ? selections : [''];
    for (const one of this.inputs) one.checked = wanted.includes(one.value);
  }

  /** Whether just this is chosen. @param {string[]} selections option ids; none is an abstention */
  holds(selections) {
    const wanted = selections.length ? selections : [''];
    return this.chosen.length === wanted.length && this.chosen.every((one) => wanted.includes(one));
  }

  /** Nothing chosen, nothing known as counted. */
  clear() {
    for (const one of this.inputs) one.checked = false;
    this.rev = 0;
    this.editing = false;
  }

  /** Whether an event on `target` is about what is chosen. @param {EventTarget | null} target */
  concerns(target) {
    return target instanceof HTMLInputElement && target.name === 'selections';
  }

  /**
   * Someone chose `input`: an abstention goes with nothing else, and more than the maximum does not go.
   * @param {HTMLElement} input @returns {boolean} whether it went
   */
  take(input) {
    const box = /** @type {HTMLInputElement} */ (input);
    this.touched = true;
    if (this.max === 1 || !box.checked) return true;
    for (const one of this.inputs) if (one !== box && !(one.value && box.value)) one.checked = false;
    if (this.chosen.length <= this.max) return true;
    box.checked = false;
    return false;
  }

  /** The first thing chosen, to put the focus on. @returns {HTMLElement | undefined} */
  get first() {
    return this.inputs.find((one) => one.checked);
  }

  /** How far the person has come, in words. @param {import('./phone_state.js').Words} words */
  progress(words) {
    const chosen = this.chosen.length;
    if (this.max > 1 && chosen) return words('choose_chosen', { chosen, n: this.max });
    return chosen ? '' : this.instruction;
  }

  /** What is chosen, in words. */
  get answer() {
    const texts = this.inputs.filter((one) => one.checked);
    return texts.map((one) => one.parentElement?.querySelector('span')?.firstChild?.textContent ?? '').join(', ');
  }

  get question() {
    return this.form.querySelector('h1')?.textContent ?? '';
  }

  get instruction() {
    return this.part('how').textContent ?? '';
  }

  /** Whether the focus is on something to choose. */
  get holdsFocus() {
    const place = document.activeElement; // the heading has it too, after a change of the page
    return this.form.contains(place) && Boolean(place?.matches('fieldset :is(input, select, button)'));
  }

  /** @param {string} name @returns {HTMLElement} */
  part(name) {
    return /** @type {HTMLElement} */ (this.form.querySelector(`[data-${name}]`));
  }

  /** Put the options in this phone's own order; an abstention stays last. @param {string} seed */
  shuffle(seed) {
    const rows = new Map(
      Array.from(this.form.querySelectorAll('.option:not(.abstain)'), (row) => [row.querySelector('input')?.value ?? '', row]),
    );
    const list = this.form.querySelector('.options, .scale');
    const last = this.form.querySelector('.abstain');
    for (const id of inOwnOrder([...rows.keys()], this.poll, seed)) list?.insertBefore(/** @type {Element} */ (rows.get(id)), last);
  }
}
