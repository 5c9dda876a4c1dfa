// @ts-check
/**
 * A paper whose options are put in order: by tapping, by the buttons on each, by keys, and by dragging
 * for those who like to. The server's form has a list of places for each option; this makes one list of
 * them all, the ranked ones on top.
 */

import { Paper, inOwnOrder } from './phone_paper.js';

/** @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {object} [values] */
const make = (tag, values = {}) => Object.assign(document.createElement(tag), values);

/** @param {Element} row */
const middle = (row) => row.getBoundingClientRect().top + row.getBoundingClientRect().height / 2;

/** One option in the list. */
class Row {
  /** @param {HTMLElement} label as it stands in the form @param {(name: string) => string} words */
  constructor(label, words) {
    this.id = label.dataset.option ?? '';
    const face = /** @type {HTMLElement} */ (label.querySelector('span'));
    this.text = face.firstChild?.textContent ?? '';
    this.at = make('li', { className: 'option rank' });
    this.at.dataset.option = this.id;
    this.place = make('b', { className: 'place' });
    this.place.setAttribute('aria-hidden', 'true'); // the button says it
    this.said = make('span', { className: 'visually-hidden' });
    this.name = make('button', { type: 'button', className: 'name' });
    this.name.append(face, this.said);
    [this.up, this.down] = ['up', 'down'].map((way) => make('button', { type: 'button', className: `move ${way}` }));
    this.equal = make('label', { className: 'equal' });
    this.box = make('input', { type: 'checkbox' });
    this.equal.append(this.box, words('equal'), make('span', { className: 'visually-hidden', textContent: `: ${this.text}` }));
    this.moves = make('span', { className: 'moves' });
    this.moves.append(this.up, this.down);
    this.at.append(this.place, this.name, this.moves, this.equal);
  }
}

export class Ranking extends Paper {
  /** @param {HTMLFormElement} form @param {number | null} closesMs */
  constructor(form, closesMs) {
    super(form, closesMs);
    const old = /** @type {HTMLElement} */ (form.querySelector('[data-ranking]'));
    this._words = JSON.parse(old.dataset.ranking ?? '{}');
    this._mayTie = old.dataset.ties !== undefined;
    /** Option ids as this phone shows those that are not ranked. */
    this._order = (old.dataset.order ?? '').split(' ');
    /** @type {string[][]} option ids from the first place on, those of one place together */
    this._ranks = [];
    /** @type {string[][]} the order that an abstention has put aside */
    this._aside = [];
    const given = readPlaces(old);
    const labels = Array.from(old.querySelectorAll('label'));
    /** @type {Map<string, Row>} */
    this._rows = new Map(labels.map((label) => [label.dataset.option ?? '', new Row(label, (name) => this._say(name))]));
    this._rest = make('li', { className: 'rest', textContent: this._say('none') });
    this._list = make('ol', { className: 'ranking' });
    this._list.setAttribute('role', 'list'); // some browsers forget it where no marker is drawn
    old.replaceWith(this._list);
    this.part('rank-how').textContent = this._say('tap');
    this._rank(given);
    this._list.addEventListener('click', (event) => this._click(/** @type {HTMLElement} */ (event.target)));
    this._list.addEventListener('pointerdown', (event) => this._drag(event));
    this._isDragged = false;
  }

  // -- as every paper -------------------------------------------------------------------------------

  /** The ranks in order, options of one place joined by "="; [""] is an abstention, [] nothing yet. */
  get chosen() {
    return this._ranks.length ? this._ranks.map((rank) => rank.join('=')) : super.chosen;
  }

  /** @param {string[]} selections ranks; none is an abstention */
  choose(selections) {
    super.choose(selections.filter(Boolean));
    this._rank(selections.map((rank) => rank.split('=')));
  }

  /** @param {string[]} selections ranks; none is an abstention */
  holds(selections) {
    if (!selections.length || !this._ranks.length) return super.holds(selections);
    const inOrder = (/** @type {string[][]} */ ranks) => ranks.map((rank) => [...rank].sort().join('=')).join();
    return inOrder(this._ranks) === inOrder(selections.map((rank) => rank.split('=')));
  }

  clear() {
    super.clear();
    this._rank([]);
  }

  /** @param {EventTarget | null} target */
  concerns(target) {
    return super.concerns(target) || this._list.contains(/** @type {Node | null} */ (target));
  }

  /** @param {HTMLElement} target what was pressed @returns {boolean} whether there was a place for it */
  take(target) {
    this.touched = true;
    const row = this._rows.get(target.closest('li')?.dataset.option ?? '');
    if (!row) this._abstain(/** @type {HTMLInputElement} */ (target));
    else if (target === row.box) this._tie(row);
    else if (target === row.name && this._placeOf(row.id)) this._takeOut(row);
    else if (target === row.name) return this._place(row);
    else if (target === row.up || target === row.down) this._move(row, target === row.up ? -1 : 1);
    else this._tell(row); // let go after dragging
    return true;
  }

  get first() {
    return this._rows.get(this._ranks[0]?.[0])?.name ?? super.first;
  }

  progress() {
    const placed = this._ranks.flat().length;
    if (placed) return this._say('count', { placed, n: this.max });
    return this.chosen.length ? '' : this.instruction;
  }

  get answer() {
    const items = this._ranks.flat().map((id) => this._say('item', { place: this._placeOf(id), option: this._text(id) }));
    return items.join(', ') || super.answer;
  }

  /** @param {string} seed */
  shuffle(seed) {
    this._order = inOwnOrder(this._order, this.poll, seed);
    this._arrange();
  }

  // -- changes --------------------------------------------------------------------------------------

  /** @param {Row} row @returns {boolean} */
  _place(row) {
    if (this._ranks.flat().length >= this.max) return false;
    for (const one of this.inputs) one.checked = false; // no abstention beside an order
    this._ranks.push([row.id]);
    this._arrange(row);
    this._tell(row);
    return true;
  }

  /** @param {Row} row */
  _takeOut(row) {
    this._ranks = this._ranks.map((rank) => rank.filter((id) => id !== row.id)).filter((rank) => rank.length);
    this._arrange(row);
    this.heard = `${this._say('said_out', { option: row.text })} `;
  }

  /** One place up or down: out of a shared place first, then past the whole of the next. @param {Row} row @param {-1 | 1} by */
  _move(row, by) {
    const at = this._placeOf(row.id) - 1;
    const here = this._ranks[at];
    if (here.length > 1) {
      const others = here.filter((id) => id !== row.id);
      this._ranks.splice(at, 1, ...(by < 0 ? [[row.id], others] : [others, [row.id]]));
    } else if (this._ranks[at + by]) {
      this._ranks.splice(at, 1);
      this._ranks.splice(at + by, 0, here);
    }
    this._arrange(row);
    this._tell(row);
  }

  /** Share the place above, or stop sharing it. @param {Row} row */
  _tie(row) {
    const at = this._placeOf(row.id) - 1;
    const here = this._ranks[at];
    const inside = here.indexOf(row.id);
    if (inside) this._ranks.splice(at, 1, here.slice(0, inside), here.slice(inside));
    else this._ranks.splice(at - 1, 2, [...this._ranks[at - 1], ...here]);
    this._arrange(row);
    this._tell(row);
  }

  /** An abstention puts the order aside; taken back, it brings it back. @param {HTMLInputElement} box */
  _abstain(box) {
    const aside = box.checked ? [] : this._aside;
    this._aside = this._ranks;
    this._rank(aside);
  }

  // -- the list -------------------------------------------------------------------------------------

  /** @param {string} name @param {Record<string, string | number>} [values] */
  _say(name, values = {}) {
    return String(this._words[`paper_rank_${name}`] ?? '').replace(/\{(\w+)\}/g, (_, one) => String(values[one] ?? ''));
  }

  /** @param {string} id */
  _text(id) {
    return this._rows.get(id)?.text ?? '';
  }

  /** From 1 on; 0 for an option that is not ranked. @param {string} id */
  _placeOf(id) {
    return this._ranks.findIndex((rank) => rank.includes(id)) + 1;
  }

  /** @param {Row} row where it is now */
  _tell(row) {
    const place = this._placeOf(row.id);
    const name = this._ranks[place - 1].indexOf(row.id) > 0 ? 'said_equal' : 'said';
    this.heard = `${this._say(name, { option: row.text, place, n: this._ranks.length })} `;
  }

  /** @param {string[][]} ranks what they name and the paper has not is left out */
  _rank(ranks) {
    this._ranks = ranks.map((rank) => rank.filter((id) => this._rows.has(id))).filter((rank) => rank.length);
    this._arrange();
  }

  /** Paint the order. The others move around `still`, which so keeps the focus and the finger. @param {Row} [still] */
  _arrange(still) {
    const placed = this._ranks.flat();
    const free = this._order.filter((id) => !placed.includes(id));
    const rows = (/** @type {string[]} */ ids) => ids.flatMap((id) => this._rows.get(id) ?? []);
    const all = [...rows(placed).map((row) => row.at), this._rest, ...rows(free).map((row) => row.at)];
    const middle = still ? all.indexOf(still.at) : -1;
    for (const [n, one] of all.entries()) {
      if (n < middle) this._list.insertBefore(one, still?.at ?? null);
      else if (n > middle) this._list.append(one);
    }
    this._rest.hidden = !placed.length || !free.length;
    for (const row of this._rows.values()) this._label(row, placed.indexOf(row.id));
  }

  /** @param {Row} row @param {number} index among the ranked; -1 for one that is not */
  _label(row, index) {
    const place = this._placeOf(row.id);
    const values = { option: row.text, place, n: this._ranks.length };
    const rank = this._ranks[place - 1] ?? [];
    row.at.classList.toggle('is-placed', place > 0);
    row.at.classList.toggle('is-equal', rank.indexOf(row.id) > 0);
    row.place.textContent = place ? String(place) : '';
    row.said.textContent = `, ${place ? this._say('name', values) : this._say('none')}`;
    for (const [way, button, last] of /** @type {const} */ ([['up', row.up, 1], ['down', row.down, values.n]])) {
      button.setAttribute('aria-label', this._say(way, values));
      // Not `disabled`: that would take the focus from who just moved it there.
      button.setAttribute('aria-disabled', String(place === last && rank.length < 2));
    }
    row.moves.hidden = !place || (values.n < 2 && rank.length < 2);
    row.equal.hidden = !this._mayTie || index < 1;
    row.box.checked = rank.indexOf(row.id) > 0;
  }

  // -- fingers --------------------------------------------------------------------------------------

  get _isLocked() {
    return Boolean(this.form.querySelector('fieldset')?.disabled);
  }

  /** A press on a card that is not on one of its buttons is one on its name. @param {HTMLElement} target */
  _click(target) {
    if (this._isLocked || this._isDragged || target.closest('label')) return;
    const button = target.closest('button') ?? target.closest('li')?.querySelector('button');
    if (button && button.getAttribute('aria-disabled') !== 'true') button.dispatchEvent(new Event('change', { bubbles: true }));
  }

  /** Dragging a place number steps the card past its neighbours. @param {PointerEvent} down */
  _drag(down) {
    this._isDragged = false;
    const grip = /** @type {HTMLElement} */ (down.target);
    const row = this._rows.get(grip.closest('li')?.dataset.option ?? '');
    if (this._isLocked || down.button || !row || grip !== row.place || !this._placeOf(row.id)) return;
    grip.setPointerCapture(down.pointerId);
    const step = (/** @type {PointerEvent} */ { clientY }) => {
      const [above, below] = [row.at.previousElementSibling, row.at.nextElementSibling];
      const isUp = above?.matches('.is-placed') && clientY < middle(above);
      if (this._isLocked || (!isUp && !(below?.matches('.is-placed') && clientY > middle(below)))) return;
      this.touched = this._isDragged = true;
      this._move(row, isUp ? -1 : 1);
    };
    grip.addEventListener('pointermove', step);
    grip.addEventListener(
      'lostpointercapture',
      () => {
        grip.removeEventListener('pointermove', step);
        if (this._isDragged) grip.dispatchEvent(new Event('change', { bubbles: true }));
        setTimeout(() => (this._isDragged = false)); // after the click that ends it
      },
      { once: true },
    );
  }
}

/** What is chosen in the form's lists of places: the own ballot, or what was chosen before this script came. @param {HTMLElement} form */
function readPlaces(form) {
  /** @type {string[][]} */
  const places = [];
  for (const select of form.querySelectorAll('select')) {
    if (select.value) (places[Number(select.value)] ??= []).push(select.name.replace(/^rank\./, ''));
  }
  return places.filter(Boolean);
}
