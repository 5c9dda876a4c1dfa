// @ts-check
/** An award's voter: code, paper, a look at it, and the receipt that this phone makes. */

import { AwardLink } from './award_link.js';
import { AwardOutbox, ask } from './award_outbox.js';
import { choices, problem, progress } from './award_paper.js';
import { CodeInTab, copy, scanned } from './award_tab.js';
import { Paper } from './phone_paper.js';
import { newReceipt, showReceipt } from './receipt.js';
import { within } from './socket.js';

const LINGER_MS = 10_000; // what became of a ballot stands so long before the page moves on
const FRESH_MS = 1500; // at the end of a countdown

/** @typedef {'code' | 'choose' | 'confirm'} Step */

/** @param {string} id */
const at = (id) => /** @type {HTMLElement | null} */ (document.getElementById(id));
const data = JSON.parse(at('data')?.textContent ?? '{}');
const path = `${data.event}/${data.award}`;
const form = /** @type {HTMLFormElement | null} */ (at('paper'));
const countedAt = /** @type {HTMLElement} */ (at('counted'));
const tab = new CodeInTab(path);

/** @param {string} name @param {Record<string, string | number>} [values] */
const words = (name, values = {}) =>
  String(data.words[name] ?? '').replace(/\{(\w+)\}/g, (_, one) => String(values[one] ?? ''));

/** @template {HTMLElement} T @param {string} name @param {ParentNode} [inside] @returns {T} */
const part = (name, inside = document) => /** @type {T} */ (inside.querySelector(`[data-${name}]`));

/** @type {Step} */
let step = data.by_code ? 'code' : 'choose';
let code = '';
let hint = '';
let mood = '';
let isAsking = false;
let isOver = false; // voting has closed under a paper that was not sent
/** @type {import('./award_link.js').Stand} how the vote stands, as we have heard last */
let stand = data.push;
const outbox = new AwardOutbox(path, data.round, data.opened, data.lang, changed);
/** @type {Paper | null} */
let paper = null;
/** @type {HTMLInputElement | null} */
const codeAt = form?.querySelector('input[name=code]') ?? null;

// -- painting -----------------------------------------------------------------------------------------

/** @param {Step} to */
function go(to) {
  step = to;
  hint = mood = '';
  draw();
  const head = form?.querySelector(`[data-step=${to}] h1`);
  if (head instanceof HTMLElement) head.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** The line above the button, and its mood. @returns {[string, string]} */
function line() {
  const ballot = outbox.ballot;
  if (ballot?.state === 'pending') return [sending(ballot.message), outbox.tries || !navigator.onLine ? 'warn' : ''];
  if (hint) return [hint, mood];
  if (isOver) return [words('voter_js_closed'), 'bad'];
  if (step === 'choose') return [paper ? progress(data, paper, words) : '', ''];
  return ['', ''];
}

/** @param {string} message what the server said last */
function sending(message) {
  if (message) return message;
  const isLate = outbox.tries > 0 || !navigator.onLine;
  if (!outbox.keeps && isLate) return words('voter_js_storage_off');
  if (!navigator.onLine) return words('voter_js_offline');
  return words(isLate ? 'voter_js_late' : 'voter_js_sending');
}

function draw() {
  const ballot = outbox.ballot;
  const isCounted = ballot?.state === 'counted';
  countedAt.hidden = !isCounted;
  for (const one of [form, at('idle')]) if (one) one.hidden = isCounted;
  if (isCounted) drawReceipt(ballot);
  const isSending = ballot?.state === 'pending';
  if (!form) {
    // The paper is gone from the page: say what becomes of its ballot all the same.
    const [text, how] = ballot && !isCounted ? line() : ['', ''];
    const said = Object.assign(document.createElement('p'), { className: how, textContent: text });
    at('note')?.replaceChildren(...(text ? [said] : []));
    return;
  }
  const shown = isSending ? 'confirm' : step;
  for (const one of form.querySelectorAll('[data-step]')) {
    /** @type {HTMLElement} */ (one).hidden = /** @type {HTMLElement} */ (one).dataset.step !== shown;
  }
  part('back', form).hidden = shown !== 'confirm' || isSending;
  const send = /** @type {HTMLButtonElement} */ (part('send', form));
  const label = { code: send.dataset.codeWords, choose: send.dataset.lookWords, confirm: send.dataset.castWords }[shown] ?? '';
  if (send.textContent !== label) send.textContent = label;
  send.disabled = isSending || isAsking || isOver;
  send.classList.toggle('is-waiting', send.disabled || (shown === 'choose' && !paper?.chosen.length));
  /** @type {HTMLInputElement} */ (part('word', form)).disabled = isSending;
  const [text, how] = line();
  const state = part('state', form);
  const heard = shown === 'choose' ? (paper?.heard ?? '') : '';
  if (state.textContent !== heard + text) {
    const aloud = Object.assign(document.createElement('span'), { className: 'visually-hidden', textContent: heard });
    state.replaceChildren(...(heard ? [aloud] : []), text);
  }
  state.className = `state ${how}`;
}

/** @param {import('./award_outbox.js').Ballot} ballot */
function drawReceipt(ballot) {
  part('counted', countedAt).textContent = ballot.at ? words('voter_counted', { time: ballot.at }) : words('voter_counted_again');
  part('again', countedAt).textContent = ballot.again;
  part('receipt', countedAt).textContent = showReceipt(ballot.receipt);
  const { pin, pinned } = ballot;
  part('pin', countedAt).textContent = pin ? words('voter_js_pin', pin) : pinned === undefined ? '' : words('voter_js_pin_soon');
  part('copy', countedAt).hidden = part('forget', countedAt).hidden = false;
}

// -- steps --------------------------------------------------------------------------------------------

/** Look the code up before the paper is shown. @param {string} typed */
async function look(typed) {
  code = typed.trim();
  if (!code) return tell(words('voter_code_missing'));
  isAsking = true;
  tell(words('voter_js_checking'), '');
  const reply = await ask(`/vote/${path}/code?lang=${data.lang}`, { code, round: data.round });
  isAsking = false;
  if (reply?.code !== 'ok') {
    tab.set('');
    if (codeAt && !codeAt.value && /^[^_]{1,16}$/.test(code)) codeAt.value = code; // not a token of 22 signs
    tell(reply?.message ?? words('voter_js_no_answer'));
    return codeAt?.focus();
  }
  tab.set(code);
  const said = part('class', /** @type {HTMLElement} */ (form));
  said.textContent = reply.message;
  said.hidden = !reply.message;
  go('choose');
}

/** @param {string} text @param {string} [how] */
function tell(text, how = 'bad') {
  [hint, mood] = [text, how];
  draw();
}

function confirm() {
  const wrong = problem(data, paper, words);
  if (wrong) return tell(wrong);
  const isAbstaining = !choices(data, paper).length;
  part('answer', /** @type {HTMLElement} */ (form)).textContent = isAbstaining ? words('voter_confirm_abstain') : (paper?.answer ?? '');
  go('confirm');
}

function cast() {
  const word = /** @type {HTMLInputElement} */ (part('word', /** @type {HTMLElement} */ (form))).value;
  const { receipt, salt } = newReceipt(data.award, data.round, word);
  hint = '';
  outbox.put({ choices: choices(data, paper), receipt, salt, code: data.by_code ? code : '' });
}

/** The outbox has news. */
function changed() {
  const ballot = outbox.ballot;
  if (ballot?.state === 'counted') {
    const isNews = countedAt.hidden;
    tab.set('');
    if (pin()) return; // and it comes back here
    draw();
    if (stand.key !== data.push.key) later(LINGER_MS);
    if (isNews) part('counted', countedAt).focus();
  } else if (ballot?.state === 'refused') {
    const { message, ofCode } = ballot;
    if (stand.key !== data.push.key) later(LINGER_MS);
    if (ofCode && data.by_code) {
      tab.set('');
      go('code');
    }
    tell(message);
  } else draw();
}

form?.addEventListener('submit', (event) => {
  event.preventDefault();
  if (isAsking || isOver || outbox.ballot?.state === 'pending') return;
  if (step === 'code') look(codeAt?.value ?? '');
  else if (step === 'choose') confirm();
  else cast();
});

form?.addEventListener('change', (event) => {
  if (!paper?.concerns(event.target)) return;
  paper.heard = '';
  const fits = paper.take(/** @type {HTMLElement} */ (event.target));
  [hint, mood] = fits ? ['', ''] : [words('voter_too_many', { most: data.most }), 'bad'];
  draw();
});

if (form) part('back', form).addEventListener('click', () => go('choose'));

part('forget', countedAt).addEventListener('click', () => {
  outbox.forget();
  location.replace(`/vote/${path}`);
});

part('copy', countedAt).addEventListener('click', async () => {
  const text = part('receipt', countedAt).textContent ?? '';
  part('copied', countedAt).textContent = words((await copy(text, part('receipt', countedAt))) ? 'voter_js_copied' : 'voter_js_not_copied');
});

// -- how the vote stands ------------------------------------------------------------------------------

const link = new AwardLink(data, follow, () => (outbox.ballot?.state === 'counted' ? 3 : 1)); // who has voted is in no hurry
let moving = 0;

/** @param {import('./award_link.js').Stand} news */
function follow(news) {
  stand = news;
  data.closes_ms = news.closes_ms;
  part('turnout').textContent = news.turnout;
  part('head').textContent = news.head;
  pin();
  clearTimeout(moving);
  if (news.key !== data.push.key) later(outbox.ballot?.state === 'refused' ? LINGER_MS : within(news.spread_ms));
}

/** Whether a key is of the round of this page, open or in any state. */
const isOurs = (open = '') => stand.key.startsWith(`${data.round}:${open}`);

/**
 * Keep the first checkpoint that holds this ballot, beside its receipt: one with more ballots than were
 * pinned down when it came into the box, or that of the closed box. @returns {boolean} whether it was news
 */
function pin() {
  const ballot = outbox.ballot;
  if (ballot?.state !== 'counted' || ballot.pin || ballot.pinned === undefined || !isOurs() || !stand.pinned) return false;
  if (isOurs('open:') && stand.pinned <= ballot.pinned) return false;
  outbox.pin({ count: stand.pinned, words: stand.words.join(' ') });
  return true;
}

/** @param {number} ms */
function later(ms) {
  clearTimeout(moving);
  moving = window.setTimeout(moved, ms);
}

/** This page is not the right one any more. */
function moved() {
  const isTouched = Boolean(form) && (paper?.touched || Boolean(codeAt?.value));
  const state = outbox.ballot?.state;
  if (state === 'pending') return; // its reply says what became of it
  if (state !== 'counted' && isTouched && isOurs()) {
    isOver = !isOurs('open:');
    draw();
  } else if (state !== 'counted' || !isOurs()) location.reload();
}

function countdown() {
  const left = part('left');
  let text = '';
  if (data.closes_ms && form && !form.hidden) {
    const seconds = Math.max(0, Math.ceil((data.closes_ms - link.socket.serverMs) / 1000));
    text = words('voter_js_left', { time: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}` });
    if (!seconds) {
      data.closes_ms = null;
      setTimeout(() => link.ask(), within(FRESH_MS));
    }
  }
  if (left.textContent !== text) left.textContent = text;
}

// -- start --------------------------------------------------------------------------------------------

async function start() {
  const token = scanned();
  // What was scanned stands in no history and no bookmark.
  history.replaceState(null, '', `/vote/${path}${location.search}`);
  if (form) {
    const send = /** @type {HTMLButtonElement} */ (part('send', form));
    send.dataset.lookWords = send.textContent ?? '';
    send.removeAttribute('name');
    for (const one of form.querySelectorAll('[data-title]')) /** @type {HTMLElement} */ (one).hidden = false;
    const made = data.form === 'ranking' ? (await import('./phone_rank.js')).Ranking : Paper;
    paper = new made(form, null);
    code = token || tab.get() || (codeAt?.value ?? '');
    // A page that came back from a plain form with its words keeps them, unless it lacked but the scanned code.
    const isBad = part('state', form).classList.contains('bad') && (!code || Boolean(codeAt?.value));
    [hint, mood] = isBad ? [part('state', form).textContent ?? '', 'bad'] : ['', ''];
  }
  const isPlain = !countedAt.hidden; // the receipt of a ballot that was cast without this script
  if (!isPlain) {
    draw();
    outbox.resume();
    if (form && step === 'code' && code && !outbox.ballot && !hint) look(code);
  }
  for (const one of ['online', 'offline']) addEventListener(one, draw);
  data.closes_ms = stand.closes_ms;
  link.start();
  setInterval(countdown, 500);
  document.documentElement.dataset.ready = '';
}

start();
