// @ts-check
/** The phone: one question at a time, honest words about the ballot, and no form swapped under a thumb. */

import { LiveSocket, within } from './socket.js';
import { Outbox, keyOf } from './outbox.js';

const PATIENCE_MS = 10_000; // then plain requests carry us
const LINGER_MS = 1500; // "Counted" stays so long before the next question comes

/** @param {string} id */
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const data = JSON.parse(at('data').textContent ?? '{}');
const [paperAt, resultsAt, sayAt, linkAt, noteAt] = ['paper', 'results', 'say', 'link', 'note'].map(at);
const newer = /** @type {HTMLButtonElement} */ (at('newer'));

/** @typedef {{poll: string, round: number, shuffled: boolean, closes_ms: number | null, html: string}} Card */

/** @type {Card[]} */
let cards = [];
let idle = '';
let known = false; // whether the first papers have come
/** @type {Card[]} */
let results = [];
/** @type {any[]} */
let owns = data.own;
let restarted = false;
/** @type {Set<string>} */
const left = new Set(); // questions the person turned away from
/** @type {Map<string, string[]>} */
const drafts = new Map();
/** What stands in front of the person. @type {{key: string, form: HTMLFormElement, rev: number, touched: boolean, editing: boolean, closed: boolean, closes: number | null} | null} */
let now = null;
let shown = ''; // result last announced
let lingering = 0;

/** @param {string} name @param {Record<string, string | number>} [values] */
const words = (name, values = {}) =>
  String(data.words[name] ?? '').replace(/\{(\w+)\}/g, (_, one) => String(values[one] ?? ''));

/** @param {string} text say it once to whoever listens */
function say(text) {
  if (text && sayAt.textContent !== text) sayAt.textContent = text;
}

// -- the way to the server --------------------------------------------------------------------------

const socket = new LiveSocket(`/ws/${data.event}/phone?lang=${data.lang}`, {
  onFrame: take,
  onState: linkChanged,
  onEpoch: () => {
    restarted = true;
    if (socket.state === 'open') socket.send({ type: 'hello', v: 1 }); // what has the box now?
  },
  firstMs: 5000,
  capMs: 30_000,
});
let lostMs = Date.now();
let plain = false; // whether plain requests stand in for the socket
let plainWorks = false;
let plainTimer = 0;

const outbox = new Outbox(data.event, deliver, changed);
const base = `/j/${data.code}`;

/** @param {any} frame @returns {boolean} */
function deliver(frame) {
  if (socket.send(frame)) return true;
  if (plain) post(frame);
  return plain;
}

/** @param {string} path @param {RequestInit} [init] */
async function ask(path, init = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 5000);
  try {
    return await fetch(base + path, { ...init, headers: { accept: 'application/json' }, signal: stop.signal });
  } finally {
    clearTimeout(timer);
  }
}

/** @param {any} frame */
async function post({ poll, round, rev, nonce, selections, ref }) {
  const body = new URLSearchParams({ poll, round, rev, nonce });
  for (const one of selections.length ? selections : ['']) body.append('selections', one);
  try {
    const reply = await (await ask('/cast', { method: 'POST', body })).json();
    if (reply.type) outbox.take({ ...reply, ref });
  } catch {
    /* the outbox tries again */
  }
}

async function look() {
  clearTimeout(plainTimer);
  if (!plain) return;
  try {
    const reply = await ask(`/state?lang=${data.lang}`);
    if (reply.ok) {
      const { welcome, papers, results: shownNow } = await reply.json();
      const cameBack = !plainWorks;
      plainWorks = true;
      socket.noteTime(welcome.server_ms);
      socket.noteEpoch(welcome.epoch);
      if (socket.isNews(papers)) take(papers);
      take(welcome, cameBack);
      if (socket.isNews(shownNow)) take(shownNow);
    } else plainWorks = false;
  } catch {
    plainWorks = false;
  }
  link();
  clearTimeout(plainTimer);
  if (plain) plainTimer = window.setTimeout(look, 3000 + within(4000));
}

/** @param {string} state @param {number} code */
function linkChanged(state, code) {
  if (state === 'open') plain = plainWorks = false;
  else if (!lostMs) lostMs = Date.now();
  if (state === 'open') lostMs = 0;
  else if (socket.failures >= 3 || state === 'refused') goPlain();
  if (code === 4501 && !owns.length && !plain) location.reload();
  link();
}

function goPlain() {
  if (plain || socket.state === 'open') return;
  plain = true;
  look();
}

function link() {
  const isOff = navigator.onLine === false;
  const key =
    socket.state === 'open' ? 'connected' : isOff ? 'offline_short' : plain && plainWorks ? 'slow' : 'reconnecting';
  const text = words(`phone_${key}`);
  if (linkAt.textContent !== text) linkAt.textContent = text;
  linkAt.className = socket.state === 'open' ? '' : 'warn';
  draw();
}

/** @param {any} frame @param {boolean} [isFirst] */
function take(frame, isFirst = true) {
  if (frame.type === 'papers') takePapers(frame);
  else if (frame.type === 'results') takeResults(frame.cards);
  else if (frame.type === 'receipt' || frame.type === 'reject') outbox.take(frame);
  else if (frame.type === 'welcome') {
    owns = frame.own;
    outbox.learn(owns);
    if (restarted) outbox.offerAgain(cards.map((card) => keyOf(card.poll, card.round)), owns);
    restarted = false;
    if (isFirst) outbox.kick();
    draw();
  }
}

// -- which question ---------------------------------------------------------------------------------

/** @param {string} key */
const ballotOf = (key) => outbox.ballots[key];
/** @param {string} key */
const isAnswered = (key) => ['counted', 'pending'].includes(ballotOf(key)?.state);
/** @param {string} key */
const isSending = (key) => ballotOf(key)?.state === 'pending';

/** @returns {Card | undefined} the first question that still wants an answer */
const unanswered = () =>
  cards.find(({ poll, round }) => !isAnswered(keyOf(poll, round)) && !left.has(keyOf(poll, round)));

/** Whether taking the form away now would take something from the person. */
function isBusy() {
  if (!now) return false;
  const holdsFocus = now.form.querySelector('fieldset')?.contains(document.activeElement);
  return now.touched || now.editing || now.closed || isSending(now.key) || (holdsFocus && !isAnswered(now.key));
}

/** @param {{cards: Card[], idle: string}} papers */
function takePapers(papers) {
  const before = new Set(cards.map((card) => keyOf(card.poll, card.round)));
  const isFirst = !known;
  cards = papers.cards;
  idle = papers.idle;
  known = true;
  for (const key of left) if (!cards.some((card) => keyOf(card.poll, card.round) === key)) left.delete(key);
  const fresh = cards.find((card) => !before.has(keyOf(card.poll, card.round)));
  if (fresh && !isFirst && !isAnswered(keyOf(fresh.poll, fresh.round))) {
    // Browsers refuse, loudly, to shake a phone that nobody has touched yet.
    const isTouched = /** @type {any} */ (navigator).userActivation?.hasBeenActive;
    if (isTouched && navigator.vibrate) navigator.vibrate(80);
  }
  settle();
}

/** Show what should be in front of the person, unless they are busy with what is. */
function settle() {
  if (!known) return;
  clearTimeout(lingering);
  lingering = 0;
  const here = now && cards.find((card) => keyOf(card.poll, card.round) === now?.key);
  if (now && here) now.closes = here.closes_ms;
  if (now && !here && isBusy()) now.closed = true;
  if (now && here) now.closed = false;
  const next = unanswered();
  if (!isBusy()) {
    if (next && next !== here) {
      const linger = LINGER_MS - (Date.now() - countedMs);
      if (now && here && linger > 0 && ballotOf(now.key)?.state === 'counted') lingering = window.setTimeout(settle, linger);
      else mount(next);
    } else if (!here && cards.length) mount(cards[0]);
    else if (!cards.length) rest();
  }
  const isWaiting = isBusy() && next !== undefined && keyOf(next.poll, next.round) !== now?.key;
  if (isWaiting && newer.hidden) say(words('phone_new_question'));
  newer.hidden = !isWaiting;
  draw();
}

let countedMs = 0;

/** @param {() => void} change swap what is shown; whoever had the focus inside finds it on the new heading */
function swap(change) {
  const hadFocus = paperAt.contains(document.activeElement);
  change();
  scrollTo(0, 0);
  if (hadFocus) paperAt.querySelector('h1')?.focus();
}

function rest() {
  const old = paperAt.querySelector('.idle');
  const fresh = document.createElement('template');
  fresh.innerHTML = idle;
  const section = /** @type {HTMLElement} */ (fresh.content.firstElementChild);
  const answer = data.answers[keyOf(section.dataset.poll ?? '', Number(section.dataset.round))] ?? '';
  const answerAt = section.querySelector('[data-answer]');
  if (answerAt) answerAt.textContent = answer;
  if (old && old.innerHTML === section.innerHTML) return;
  now = null;
  swap(() => paperAt.replaceChildren(fresh.content));
  say(section.querySelector('h1')?.textContent ?? '');
}

/** @param {Card} card */
function mount(card) {
  swap(() => (paperAt.innerHTML = card.html));
  const form = /** @type {HTMLFormElement} */ (paperAt.querySelector('form'));
  if (card.shuffled) shuffle(form, card.poll);
  adopt(form, card.closes_ms);
  if (now) {
    const draft = drafts.get(now.key);
    if (draft && !isAnswered(now.key)) {
      choose(draft);
      now.touched = true;
    }
  }
  if (now && !isAnswered(now.key)) say(form.querySelector('h1')?.textContent ?? '');
  draw();
}

/** @param {HTMLFormElement} form @param {number | null} closes */
function adopt(form, closes) {
  const { poll = '', round = '' } = form.dataset;
  now = { key: keyOf(poll, Number(round)), form, rev: 0, touched: false, editing: false, closed: false, closes };
  follow();
  if (now.rev === 0 && chosen().length) now.touched = true; // the browser kept what was chosen before a reload
}

/** Take over the ballot in the box, as long as the person has nothing of their own on the paper. */
function follow() {
  if (!now || now.touched || now.editing) return;
  const ballot = ballotOf(now.key);
  if (!ballot || ballot.state === 'refused') return;
  now.rev = ballot.state === 'counted' ? ballot.rev : now.rev;
  choose(ballot.selections);
}

/** FNV-1a over UTF-8, as polls/paper.py does it. @param {string} text */
function fnv1a(text) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** @param {HTMLFormElement} form @param {string} poll */
function shuffle(form, poll) {
  const rows = [...form.querySelectorAll('.option:not(.abstain)')].map((row) => ({
    row,
    hash: fnv1a(`${data.seed}:${poll}:${row.querySelector('input')?.value}`),
  }));
  const abstain = form.querySelector('.abstain');
  const list = form.querySelector('.options, .scale');
  rows.sort((a, b) => a.hash - b.hash);
  list?.append(...rows.map(({ row }) => row), ...(abstain ? [abstain] : []));
}

// -- the paper --------------------------------------------------------------------------------------

/** @returns {HTMLInputElement[]} */
const inputs = () => (now ? [...now.form.querySelectorAll('input[name=selections]')].map((one) => /** @type {HTMLInputElement} */ (one)) : []);
const chosen = () => inputs().filter((one) => one.checked).map((one) => one.value);

/** @param {string[]} selections none is an abstention */
function choose(selections) {
  const wanted = selections.length ? selections : [''];
  for (const one of inputs()) one.checked = wanted.includes(one.value);
}

/** @param {string} name */
const part = (name) => /** @type {HTMLElement} */ (now?.form.querySelector(`[data-${name}]`));

let hint = '';

/** Paint the state of the paper in front: a pure function of outbox, link and what was touched. */
function draw() {
  drawResults();
  if (!now) return;
  const { form, closed, editing } = now;
  const ballot = ballotOf(now.key);
  const sending = ballot?.state === 'pending';
  const counted = ballot?.state === 'counted';
  const locked = closed || sending || (counted && !editing && !now.touched);
  const max = Number(form.dataset.max);
  const count = chosen().length;
  /** @type {HTMLFieldSetElement} */ (form.querySelector('fieldset')).disabled = locked;
  form.classList.toggle('is-counted', counted && locked && !closed);
  const time = counted ? ballot.at : '';
  let text = hint || (max > 1 && count ? words('choose_chosen', { chosen: count, n: max }) : count ? '' : (form.querySelector('#how')?.textContent ?? ''));
  let mood = '';
  if (sending) {
    text = sendingWords(ballot);
    mood = text === words('phone_sending') ? '' : 'warn';
  } else if (ballot?.message) {
    text = counted ? `${ballot.message} ${words('phone_counted', { time })}` : ballot.message;
    mood = 'bad';
  } else if (closed) {
    text = counted ? words('phone_closed_counted', { time }) : words('phone_closed_unsent');
    mood = counted ? 'good' : 'bad';
  } else if (counted && !hint) {
    text = words('phone_counted', { time });
    mood = 'good';
  }
  const line = part('state');
  if (line.textContent !== text) line.textContent = text;
  line.className = `state ${mood}`;
  if (mood) say(text);
  const send = /** @type {HTMLButtonElement} */ (part('send'));
  send.textContent = words(sending ? 'phone_sending' : counted ? 'phone_send_change' : 'phone_send');
  send.hidden = closed || (counted && locked);
  send.disabled = sending;
  send.classList.toggle('is-waiting', sending || count === 0);
  part('change').hidden = !(counted && locked && !closed);
  part('keep').hidden = !(counted && !locked);
  part('go').hidden = !closed || sending;
}

/** @param {import('./outbox.js').Ballot} ballot */
function sendingWords(ballot) {
  if (ballot.message) return ballot.message;
  const tries = outbox.sending.get(keyOf(ballot.poll, ballot.round))?.tries ?? 1;
  if (!outbox.keeps && (tries > 1 || navigator.onLine === false)) return words('phone_storage_off');
  if (navigator.onLine === false) return words('phone_offline');
  return tries > 1 ? words('phone_not_sent') : words('phone_sending');
}

function countdown() {
  if (!now || !part('left')) return;
  if (now.closes === null || now.closed) {
    if (part('left').textContent) part('left').textContent = '';
    return;
  }
  const seconds = Math.max(0, Math.ceil((now.closes - socket.serverMs) / 1000));
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  part('left').textContent = words('phone_left', { time });
}

/** The outbox has news. @param {string} key @param {import('./outbox.js').Ballot | undefined} ballot */
function changed(key, ballot) {
  if (!ballot) return;
  if (now?.key === key) {
    if (ballot.state === 'counted' && outbox.sending.has(key)) return draw();
    if (ballot.state === 'counted') {
      // An answer that came another way does not touch what is being filled in here.
      const isMine = sent === key || !now.touched;
      if (isMine) {
        now.touched = now.editing = false;
        follow();
        if (sent === key) countedMs = Date.now();
        sent = '';
        data.answers[key] = answerWords(ballot);
      }
    } else if (ballot.state === 'refused') sent = '';
    else follow();
  } else if (ballot.message && ballot.state !== 'pending') {
    // The ballot of a question that is gone: say what became of it all the same.
    noteAt.hidden = false;
    noteAt.replaceChildren(Object.assign(document.createElement('p'), { className: 'bad', textContent: `${ballot.words} ${ballot.message}` }));
    say(ballot.message);
    if (ballot.state === 'refused') outbox.forget(key);
  }
  settle();
  draw();
}

let sent = ''; // the question this tab has sent an answer to

/** @param {import('./outbox.js').Ballot} ballot */
function answerWords(ballot) {
  const texts = inputs()
    .filter((one) => one.checked)
    .map((one) => one.parentElement?.querySelector('span')?.firstChild?.textContent ?? '');
  return `${words('phone_your_answer', { answer: texts.join(', ') })} · ${words('phone_counted', { time: ballot.at })}`;
}

paperAt.addEventListener('change', (event) => {
  const input = /** @type {HTMLInputElement} */ (event.target);
  if (!now || input.name !== 'selections') return;
  now.touched = true;
  hint = '';
  const max = Number(now.form.dataset.max);
  if (max > 1 && input.checked) {
    for (const one of inputs()) if (one !== input && (!one.value || !input.value)) one.checked = false; // abstain or choose
    if (chosen().length > max) {
      input.checked = false;
      hint = words('choose_enough', { n: max });
      say(hint);
    }
  }
  const ballot = ballotOf(now.key);
  if (ballot?.state === 'refused') outbox.forget(now.key);
  else if (ballot?.message) ballot.message = '';
  draw();
});

paperAt.addEventListener('submit', (event) => {
  event.preventDefault();
  if (!now || now.closed || isSending(now.key)) return;
  const selections = chosen();
  if (!selections.length) {
    hint = words('reject_none_chosen');
    say(hint);
    draw();
    return;
  }
  const { poll = '', round = '' } = now.form.dataset;
  const question = now.form.querySelector('h1')?.textContent ?? '';
  hint = '';
  sent = now.key;
  drafts.delete(now.key);
  say(words('phone_sending'));
  outbox.put({ poll, round: Number(round), selections: selections.filter(Boolean), words: question }, now.rev);
});

paperAt.addEventListener('click', (event) => {
  const link = /** @type {HTMLElement} */ (event.target).closest('[data-change], [data-keep], [data-go]');
  if (!link || !now) return;
  event.preventDefault();
  const ballot = ballotOf(now.key);
  if (link.matches('[data-change]')) {
    now.editing = true;
    if (ballot) ballot.message = '';
    draw();
    inputs().find((one) => one.checked)?.focus({ preventScroll: true });
    return;
  }
  now.touched = now.editing = false;
  hint = '';
  if (link.matches('[data-go]')) {
    if (ballot?.state === 'refused') outbox.forget(now.key);
    now.closed = false;
    paperAt.replaceChildren();
    now = null;
  } else follow();
  settle();
  if (link.matches('[data-go]')) paperAt.querySelector('h1')?.focus();
});

newer.addEventListener('click', () => {
  const next = unanswered();
  if (!now || !next) return;
  if (now.touched) drafts.set(now.key, chosen());
  if (!now.closed && !isAnswered(now.key)) left.delete(now.key);
  mount(next);
  settle();
  paperAt.querySelector('h1')?.focus();
});

// -- results ----------------------------------------------------------------------------------------

/** @param {Card[]} fresh */
function takeResults(fresh) {
  results = fresh;
  drawResults();
}

function drawResults() {
  if (!known) return;
  const isAsking = now !== null && !(ballotOf(now.key)?.state === 'counted' && !now.touched && !now.editing);
  const visible = isAsking || now?.closed ? [] : results.filter((card) => !now || keyOf(card.poll, card.round) === now.key);
  const names = visible.map((card) => keyOf(card.poll, card.round)).join();
  const html = visible.map((card) => card.html).join('');
  if (painted === html) return;
  painted = html;
  const fresh = document.createElement('template');
  fresh.innerHTML = html;
  if (!patch(fresh.content)) resultsAt.replaceChildren(fresh.content);
  const isOut = names !== shown && visible.length > 0 && !now;
  shown = names;
  if (isOut) say(`${words('phone_new_result')} ${resultsAt.querySelector('.sentence')?.textContent ?? ''}`);
}

let painted = '';

/** Change figures in place, so that bars grow and open details stay open. @param {DocumentFragment} fresh */
function patch(fresh) {
  const keys = (/** @type {ParentNode} */ root) =>
    [...root.querySelectorAll('.result, [data-option], [data-t], rect')].map((one) => one.getAttribute('data-option') ?? one.tagName).join();
  if (!resultsAt.firstElementChild || keys(fresh) !== keys(resultsAt)) return false;
  const old = resultsAt.querySelectorAll('[data-t], rect, li');
  fresh.querySelectorAll('[data-t], rect, li').forEach((one, place) => {
    if (one.tagName === 'rect') old[place].setAttribute('width', one.getAttribute('width') ?? '0');
    else if (one.tagName === 'LI') old[place].className = one.className;
    else if (old[place].textContent !== one.textContent) old[place].textContent = one.textContent;
  });
  return true;
}

// -- start ------------------------------------------------------------------------------------------

outbox.learn(owns);
const first = /** @type {HTMLFormElement | null} */ (paperAt.querySelector('form'));
if (first) {
  adopt(first, null);
  if (new URLSearchParams(location.search).has('change') && now) now.editing = true;
}
history.replaceState(null, '', base + (new URLSearchParams(location.search).has('lang') ? `?lang=${data.lang}` : ''));
addEventListener('online', link);
addEventListener('offline', link);
setInterval(() => {
  countdown();
  if (lostMs && Date.now() - lostMs > PATIENCE_MS) goPlain();
}, 1000);
socket.start();
outbox.resume();
draw();
