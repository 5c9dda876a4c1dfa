// @ts-check
/** An award on the big screen: swaps the server's fragment, and lights the winner's half circle once. */

import { chamber } from "./stage_chamber.js";
import { isStill } from "./stage_roll.js";

const SPREAD_MS = 1600;

/** @type {WeakMap<HTMLElement, string>} */
const drawn = new WeakMap();

/**
 * Put a fragment in its place, if it is another one. What comes while people watch moves in; what stands there
 * when the page is opened does not.
 * @param {HTMLElement} place
 * @param {string} html
 */
export function showFragment(place, html) {
  const before = drawn.get(place);
  if (before === html) return;
  drawn.set(place, html);
  const isFirst = before === undefined;
  if (!isFirst || !place.firstElementChild) place.innerHTML = html;
  place.classList.toggle("is-fresh", !isFirst);
  const svg = /** @type {SVGElement | null} */ (place.querySelector("[data-dots]"));
  if (svg) lightUp(svg, isFirst || isStill());
}

/** Light all dots, from the middle of the half circle outward. @param {SVGElement} svg @param {boolean} atOnce */
function lightUp(svg, atOnce) {
  const dots = chamber(svg);
  const middle = (dots.length - 1) / 2;
  const start = performance.now();
  /** @param {number} now */
  const step = (now) => {
    const part = atOnce ? 1 : Math.min(1, (now - start) / SPREAD_MS);
    const reach = middle * (1 - (1 - part) ** 2) + 1;
    dots.forEach((dot, place) => dot.classList.toggle("lit", Math.abs(place - middle) <= reach));
    if (part < 1 && svg.isConnected) requestAnimationFrame(step);
  };
  step(start);
}
