// @ts-check
/** The ballot paper as it stands in the page: what is chosen on it, and the order of its options. */

/** FNV-1a with 32 bits over UTF-8, as polls/paper.py does it. @param {string} text */
export function fnv1a(text) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
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

  /** Nothing chosen, nothing known as counted. */
  clear() {
    for (const one of this.inputs) one.checked = false;
    this.rev = 0;
    this.editing = false;
  }

  /**
   * Someone chose `input`: an abstention goes with nothing else, and more than the maximum does not go.
   * @param {HTMLInputElement} input @returns {boolean} whether it went
   */
  take(input) {
    this.touched = true;
    if (this.max === 1 || !input.checked) return true;
    for (const one of this.inputs) if (one !== input && !(one.value && input.value)) one.checked = false;
    if (this.chosen.length <= this.max) return true;
    input.checked = false;
    return false;
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
    return Boolean(this.form.querySelector('fieldset')?.contains(document.activeElement));
  }

  /** @param {string} name @returns {HTMLElement} */
  part(name) {
    return /** @type {HTMLElement} */ (this.form.querySelector(`[data-${name}]`));
  }

  /** Put the options in this phone's own order; an abstention stays last. @param {string} seed */
  shuffle(seed) {
    const rows = Array.from(this.form.querySelectorAll('.option:not(.abstain)'), (row) => ({
      row,
      hash: fnv1a(`${row.querySelector('input')?.value}:${this.poll}:${seed}`),
    }));
    rows.sort((a, b) => a.hash - b.hash);
    const list = this.form.querySelector('.options, .scale');
    const last = this.form.querySelector('.abstain');
    for (const { row } of rows) list?.insertBefore(row, last);
  }
}
