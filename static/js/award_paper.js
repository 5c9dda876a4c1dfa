// @ts-check
/** An award's paper as it is filled in: how far the voter has come, what is wrong, and the choices to be sent. */

/**
 * @typedef {import('./phone_paper.js').Paper} Paper
 * @typedef {{form: string, least: number}} Rules what the page says of its paper
 * @typedef {(name: string, values?: Record<string, string | number>) => string} Words
 */

/** How far the voter has come, in words. @param {Rules} rules @param {Paper} paper @param {Words} words */
export function progress(rules, paper, words) {
  if (rules.form === 'ranking') return paper.progress(words);
  const chosen = paper.chosen.filter(Boolean).length;
  return rules.form === 'approval' && chosen ? words('voter_js_chosen', { chosen }) : paper.chosen.length ? '' : paper.instruction;
}

/**
 * What is wrong with the paper, in words; nothing when it can be cast.
 * @param {Rules} rules @param {Paper | null} paper @param {Words} words
 */
export function problem({ least }, paper, words) {
  if (!paper?.chosen.length) return words('voter_none_chosen');
  const named = paper.chosen.flatMap((rank) => rank.split('=')).filter(Boolean);
  const isNobody = named.length === 1 && named[0] === 'nobody'; // a choice by itself
  return named.length && named.length < least && !isNobody ? words('voter_too_few', { least }) : '';
}

/**
 * Ranks, best first; none for an abstention.
 * @param {Rules} rules @param {Paper | null} paper @returns {string[][]}
 */
export function choices({ form }, paper) {
  const chosen = (paper?.chosen ?? []).filter(Boolean);
  if (form === 'ranking') return chosen.map((rank) => rank.split('=').sort());
  return form === 'approval' ? (chosen.length ? [[...chosen].sort()] : []) : chosen.map((one) => [one]);
}
