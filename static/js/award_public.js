// @ts-check
/** An award's public page while it goes on: turnout and checkpoint as they are pushed, the rest by a reload. */

import { AwardLink } from './award_link.js';
import { within } from './socket.js';

const data = JSON.parse(document.getElementById('data')?.textContent ?? '{}');
let timer = 0;

/** @param {string} name @param {string} text */
function put(name, text) {
  const place = document.querySelector(`[data-${name}]`);
  if (place && place.textContent !== text) place.textContent = text;
}

const link = new AwardLink(data, (stand) => {
  put('turnout', stand.turnout);
  put('head', stand.head);
  clearTimeout(timer);
  if (stand.page !== data.push.page) timer = window.setTimeout(() => location.reload(), within(stand.spread_ms));
});
link.start();
