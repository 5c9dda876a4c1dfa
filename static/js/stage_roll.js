// @ts-check
/** Numbers that roll to their new value. */

const ROLL_MS = 280;
const DIGITS = /\d+/g;

/** @returns {boolean} whether people asked for cuts instead of movement */
export function isStill() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** @param {number} part how far through, 0 to 1 */
const easeOut = (part) => 1 - (1 - part) ** 3;

/** @type {WeakMap<Node, number>} */
const rolling = new WeakMap();

/**
 * Roll the whole numbers in a text from the old to the new one; a text of another shape is cut to.
 * @param {Node} node whose text is shown
 * @param {string} from
 * @param {string} to
 */
export function roll(node, from, to) {
  const turn = (rolling.get(node) ?? 0) + 1;
  rolling.set(node, turn);
  const old = (from.match(DIGITS) ?? []).map(Number);
  const now = (to.match(DIGITS) ?? []).map(Number);
  const isSameShape = from.replace(DIGITS, "0") === to.replace(DIGITS, "0");
  if (from === to || !isSameShape || isStill() || document.hidden) {
    node.textContent = to;
    return;
  }
  const start = performance.now();
  /** @param {number} at */
  const step = (at) => {
    if (rolling.get(node) !== turn) return;
    const part = easeOut(Math.min(1, Math.max(0, at - start) / ROLL_MS));
    let place = 0;
    node.textContent =
      part >= 1 ? to : to.replace(DIGITS, () => {
        const [low, high] = [old[place], now[place]];
        place += 1;
        return String(Math.round(low + (high - low) * part));
      });
    if (part < 1) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}
