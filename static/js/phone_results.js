// @ts-check
/** Results under the question, or on the waiting page. */

import { fragment } from './phone_paper.js';

const FIGURES = '[data-t], rect, li';
const SHAPE = '.result, [data-option], [data-t], rect';

let painted = '';

/** @param {HTMLElement} at @param {string} html @returns {boolean} whether anything changed */
export function paint(at, html) {
  if (painted === html) return false;
  painted = html;
  const fresh = fragment(html);
  if (!patch(at, fresh)) at.replaceChildren(fresh);
  return true;
}

/** @param {ParentNode} root what has to be equal before figures can be changed in place */
const shape = (root) =>
  Array.from(root.querySelectorAll(SHAPE), (one) => {
    const { poll, option } = /** @type {HTMLElement} */ (one).dataset;
    return `${one.tagName}${poll ?? ''}${option ?? ''}`;
  }).join();

/** Change figures in place: bars grow, opened details stay open. @param {Element} at @param {DocumentFragment} fresh */
function patch(at, fresh) {
  if (!at.firstElementChild || shape(fresh) !== shape(at)) return false;
  const old = at.querySelectorAll(FIGURES);
  fresh.querySelectorAll(FIGURES).forEach((one, place) => {
    const mine = old[place];
    if (one.tagName === 'rect') mine.setAttribute('width', one.getAttribute('width') ?? '0');
    else if (one.tagName === 'LI') mine.className = one.className;
    else if (mine.textContent !== one.textContent) mine.textContent = one.textContent;
  });
  return true;
}
