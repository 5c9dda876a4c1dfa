// @ts-check
/** Half circles of dots, like a chamber seen from above: each ballot that comes in lights some. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Fill an SVG with dots in half-circular rows, ordered from left to right through all rows.
 * @param {SVGElement} svg
 * @param {{width: number, height: number, rows: number, inner: number, size: number}} shape
 *   `inner` is the innermost row's radius as a share of the outermost, `size` a dot's share of its place.
 * @returns {SVGElement[]} the dots in the order in which they light up
 */
function seats(svg, { width, height, rows, inner, size }) {
  const pitch = (1 - inner) / (rows - 1 + size / 2);
  const reach = Math.min(width / 2, height) / (1 + (pitch * size) / 2) - 1;
  const dot = (reach * pitch * size) / 2;
  const places = [];
  for (let row = 0; row < rows; row += 1) {
    const radius = reach * (inner + row * pitch);
    const count = Math.max(2, Math.round((Math.PI * radius) / (reach * pitch)) + 1);
    for (let seat = 0; seat < count; seat += 1) {
      places.push({ angle: (Math.PI * seat) / (count - 1), radius });
    }
  }
  places.sort((a, b) => a.angle - b.angle || b.radius - a.radius);
  svg.replaceChildren();
  return places.map(({ angle, radius }) => {
    const circle = /** @type {SVGElement} */ (document.createElementNS(SVG, "circle"));
    circle.setAttribute("cx", (width / 2 - radius * Math.cos(angle)).toFixed(2));
    circle.setAttribute("cy", (height - dot - 1 - radius * Math.sin(angle)).toFixed(2));
    circle.setAttribute("r", dot.toFixed(2));
    svg.append(circle);
    return circle;
  });
}

/**
 * Light the share of the dots that have answered; one ballot lights at least one dot, and the last dot
 * waits for the last ballot.
 * @param {SVGElement[]} dots
 * @param {number} counted
 * @param {number} of
 */
export function light(dots, counted, of) {
  const total = Math.max(of, counted, 1);
  const lit = counted ? Math.max(1, Math.floor((dots.length * counted) / total)) : 0;
  dots.forEach((dot, place) => dot.classList.toggle("lit", place < lit));
}

/** The large chamber that stands in for a result that is not shown. @param {SVGElement} svg */
export function chamber(svg) {
  return seats(svg, { width: 1000, height: 520, rows: 9, inner: 0.5, size: 0.66 });
}

/** The small glyph: three rows. @param {Element} place @param {boolean} lit */
export function glyph(place, lit) {
  const svg = /** @type {SVGElement} */ (document.createElementNS(SVG, "svg"));
  svg.setAttribute("viewBox", "0 0 108 60");
  svg.setAttribute("aria-hidden", "true");
  place.replaceChildren(svg);
  const dots = seats(svg, { width: 108, height: 60, rows: 3, inner: 0.44, size: 0.68 });
  if (lit) dots.forEach((dot) => dot.classList.add("lit"));
  return dots;
}
