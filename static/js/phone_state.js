// @ts-check
/** The line above the button: where the answer on the paper stands, in words. */

import { keyOf } from './outbox.js';

/**
 * @typedef {import('./outbox.js').Ballot} Ballot
 * @typedef {import('./outbox.js').Outbox} Outbox
 * @typedef {import('./phone_paper.js').Paper} Paper
 * @typedef {(name: string, values?: Record<string, string | number>) => string} Words
 */

/**
 * The line and its mood.
 * @param {Paper} paper @param {Ballot | undefined} ballot @param {Outbox} outbox @param {Words} words
 * @returns {[string, string]}
 */
export function stateLine(paper, ballot, outbox, words) {
  const time = ballot?.at ?? '';
  if (ballot?.state === 'pending') return sendingLine(ballot, outbox, words);
  if (ballot?.message) {
    const more = ballot.state === 'counted' ? ` ${words('phone_counted', { time })}` : '';
    return [ballot.message + more, 'bad'];
  }
  if (paper.closed) {
    if (!ballot) return [words('phone_closed_unsent'), 'bad'];
    if (!paper.holds(ballot.selections)) return [words('phone_closed_change', { time }), 'bad'];
    return [words('phone_closed_counted', { time }), 'good'];
  }
  if (paper.hint) return [paper.hint, ''];
  if (ballot && !paper.holds(ballot.selections)) return [words('phone_change_unsent', { time }), 'warn'];
  if (ballot) return [words('phone_counted', { time }), 'good'];
  return [paper.progress(words), ''];
}

/** @param {Ballot} ballot @param {Outbox} outbox @param {Words} words @returns {[string, string]} */
function sendingLine(ballot, outbox, words) {
  const isOff = navigator.onLine === false;
  const isLate = (outbox.sending.get(keyOf(ballot.poll, ballot.round))?.tries ?? 0) > 0;
  if (ballot.message) return [ballot.message, 'warn'];
  if (!outbox.keeps && (isOff || isLate)) return [words('phone_storage_off'), 'warn'];
  if (isOff) return [words('phone_offline'), 'warn'];
  return isLate ? [words('phone_not_sent'), 'warn'] : [words('phone_sending'), ''];
}
