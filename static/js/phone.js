// @ts-check
/** The phone: one question at a time, honest words about the ballot, no form swapped under a thumb. */

import { Drafts } from './drafts.js';
import { Outbox, keyOf } from './outbox.js';
import { PhoneLink } from './phone_link.js';
import { Paper, fragment } from './phone_paper.js';
import { Ranking } from './phone_rank.js';
import { paint } from './phone_results.js';
import { stateLine } from './phone_state.js';

const LINGER_MS = 1500; // "Counted" stays so long before the next question comes
const [TOGETHER_MS, SAID_MS] = [500, 10_000]; // what comes within so long is said in one go; it stands so long

/**
 * @typedef {{poll: string, round: number, shuffled: boolean, closes_ms: number | null, html: string}} Card
 * @typedef {import('./outbox.js').Ballot} Ballot
 */

/** @param {string} id */
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const data = JSON.parse(at('data').textContent ?? '{}');
const [paperAt, resultsAt, sayAt, linkAt, noteAt, newer] = ['paper', 'results', 'say', 'link', 'note', 'newer'].map(at);

/** @type {Card[]} */
let cards = [];
/** @type {Card[]} */
let results = [];
let idle = '';
let isKnown = false; // whether the first papers have come
/** @type {Paper | null} what stands in front of the person; null on the waiting page */
let now = null;
const drafts = new Drafts(data.event);
let sentKey = ''; // the question this tab waits for
let countedMs = 0;
let lingering = 0;
let resultsHeard = new Map(); // those on the waiting page, and their sentences
/** @type {(string | (() => string))[]} */
let saying = [];
let saidTimer = 0;
let lastHow = '';

/** @param {string} name @param {Record<string, string | number>} [values] */
const words = (name, values = {}) =>
  String(data.words[name] ?? '').replace(/\{(\w+)\}/g, (_, one) => String(values[one] ?? ''));

/** @param {(string | (() => string))[]} texts said once to whoever listens, as they are when they are said */
function say(...texts) {
  saying.push(...texts);
  clearTimeout(saidTimer);
  saidTimer = window.setTimeout(() => {
    const texts = saying.map((text) => (typeof text === 'string' ? text : text()));
    sayAt.replaceChildren(texts.join(' ')); // a new node: the same words a second time are news too
    saying = [];
    saidTimer = window.setTimeout(() => sayAt.replaceChildren(), SAID_MS);
  }, TOGETHER_MS);
}

const link = new PhoneLink(data, {
  frame: take,
  change: (how) => {
    if (how !== lastHow && (how === 'connected' || how === 'slow')) outbox.kick();
    lastHow = how;
    linkAt.textContent = words(`phone_${how === 'offline' ? 'offline_short' : how}`);
    linkAt.className = how === 'connected' ? '' : 'warn';
    draw();
  },
});
const outbox = new Outbox(data.event, (frame) => link.cast(frame), changed);

/** @param {any} frame */
function take(frame) {
  switch (frame.type) {
    case 'papers':
      return takePapers(frame);
    case 'results':
      results = frame.cards;
      return draw();
    case 'receipt':
    case 'reject':
      return outbox.take(frame);
    case 'welcome':
      outbox.learn(frame.own, frame.epoch);
      compare();
      settle();
  }
}

// -- which question ---------------------------------------------------------------------------------

/** @param {Card} card */
const cardKey = (card) => keyOf(card.poll, card.round);
/** @param {string} key @returns {Ballot | undefined} */
const ballotOf = (key) => outbox.ballots[key];
/** @param {string} key @param {string[]} states */
const isBallot = (key, ...states) => states.includes(ballotOf(key)?.state ?? '');
/** @param {string} key */
const isAnswered = (key) => isBallot(key, 'counted', 'pending');

/** Whether taking the form away now would take something from the person. */
function isBusy() {
  if (!now) return false;
  if (now.touched || now.editing || isBallot(now.key, 'pending', 'refused')) return true;
  if (now.closed) return !isBallot(now.key, 'counted');
  return now.holdsFocus && !isAnswered(now.key);
}

/** @param {{cards: Card[], idle: string}} papers */
function takePapers(papers) {
  const before = cards.map(cardKey);
  const fresh = papers.cards.find((card) => !before.includes(cardKey(card)) && !isAnswered(cardKey(card)));
  // Browsers refuse, loudly, to shake a phone that nobody has touched yet.
  if (fresh && isKnown && navigator.userActivation?.hasBeenActive) navigator.vibrate?.(80);
  ({ cards, idle } = papers);
  isKnown = true;
  compare();
  settle(fresh);
}

/** Bring in front of the person what should be there, unless they are busy with what is. @param {Card} [fresh] */
function settle(fresh) {
  if (!isKnown) return draw();
  clearTimeout(lingering);
  const here = cards.find((card) => cardKey(card) === now?.key);
  const busy = isBusy();
  if (now && here) now.closesMs = here.closes_ms;
  const wasClosed = now?.closed;
  if (now) now.closed = !here && busy;
  const next = cards.find((card) => !isAnswered(cardKey(card)) && cardKey(card) !== now?.key);
  const lingerMs = LINGER_MS - (Date.now() - countedMs);
  const wanted = here ? (isAnswered(cardKey(here)) ? next : fresh) : (next ?? cards[0]);
  if (!busy && now && lingerMs > 0 && (wanted || !here)) lingering = window.setTimeout(() => settle(), lingerMs);
  else if (!busy && wanted && wanted !== here) mount(wanted);
  else if (!busy && !here && !wanted) rest();
  const isWaiting = busy && next !== undefined;
  newer.hidden = !isWaiting;
  draw();
  // Where the line does not stay at the bottom of the screen, nobody would see why nothing can be chosen.
  if (now?.closed && !wasClosed) now.part('state').scrollIntoView({ block: 'nearest' });
}

/** Show something else; whoever had the focus inside finds it on the new heading. @param {Node} fresh */
function swap(fresh) {
  const hadFocus = paperAt.contains(document.activeElement);
  paperAt.replaceChildren(fresh);
  scrollTo(0, 0);
  if (hadFocus) paperAt.querySelector('h1')?.focus();
}

/** The waiting page. */
function rest() {
  const fresh = fragment(idle);
  const section = /** @type {HTMLElement} */ (fresh.firstElementChild);
  const { poll = '', round } = section.dataset;
  const answerAt = section.querySelector('[data-answer]');
  if (answerAt) answerAt.textContent = data.answers[keyOf(poll, Number(round))] ?? '';
  const old = paperAt.querySelector('.idle');
  if (!old) {
    now = null;
    swap(fresh);
    say(words('phone_question_gone'));
  } else if (old.innerHTML !== section.innerHTML) {
    // The heading stands in a live region: changed in place, a screen reader hears it.
    const [kept, given] = [old, section].map((one) => /** @type {HTMLElement} */ (one.querySelector('[role=status]')));
    if (kept.innerHTML !== given.innerHTML) kept.innerHTML = given.innerHTML;
    while (kept.nextSibling) kept.nextSibling.remove();
    while (given.nextSibling) old.append(given.nextSibling);
  }
}

/** @param {Card} card */
function mount(card) {
  swap(fragment(card.html));
  const paper = adopt(card.closes_ms);
  if (card.shuffled) paper.shuffle(data.seed);
  if (!isAnswered(paper.key)) say(words('phone_new_question'));
}

/** Take over the form that stands in the page. @param {number | null} closesMs */
function adopt(closesMs) {
  const form = /** @type {HTMLFormElement} */ (paperAt.querySelector('form'));
  now = form.dataset.kind === 'preference' ? new Ranking(form, closesMs) : new Paper(form, closesMs);
  follow();
  const draft = isAnswered(now.key) ? undefined : drafts.get(now.key);
  if (draft) {
    now.choose(draft);
    now.touched = true;
  }
  return now;
}

/** Show the ballot that is sent or counted, as long as nothing of the person's own is on the paper. */
function follow() {
  const ballot = now && ballotOf(now.key);
  if (!now || !ballot || ballot.state === 'refused' || now.touched || now.editing) return;
  if (ballot.state === 'counted') now.rev = ballot.rev;
  now.choose(ballot.selections);
}

/** Hold what we know as counted against what the box has. */
function compare() {
  if (outbox.compare(cards.map(cardKey)).includes(now?.key ?? '') && !now?.touched) now?.clear();
}

// -- the paper --------------------------------------------------------------------------------------

/** Paint how things stand: a function of outbox, link, and what the person has touched. */
function draw() {
  drawResults();
  if (!now) return;
  const ballot = ballotOf(now.key);
  const isSending = ballot?.state === 'pending';
  const isCounted = ballot?.state === 'counted';
  const isLocked = now.closed || isSending || (isCounted && !now.editing && !now.touched);
  /** @type {HTMLFieldSetElement} */ (now.form.querySelector('fieldset')).disabled = isLocked;
  now.form.classList.toggle('is-counted', isCounted && isLocked && !now.closed);
  const [text, mood] = stateLine(now, ballot, outbox, words);
  const line = now.part('state');
  const heard = isLocked ? '' : now.heard;
  if (line.textContent !== heard + text) line.replaceChildren(...(heard ? [hidden(heard)] : []), text);
  line.className = `state ${mood}`;
  const send = /** @type {HTMLButtonElement} */ (now.part('send'));
  const label = words(isSending ? 'phone_sending' : isCounted ? 'phone_send_change' : 'phone_send');
  if (send.textContent !== label) send.textContent = label;
  send.setAttribute('aria-disabled', String(isSending)); // not `disabled`: that would take the focus
  send.classList.toggle('is-waiting', isSending || !now.chosen.length);
  const isGoing = document.activeElement === send;
  send.hidden = isLocked && !isSending;
  if (isGoing && send.hidden) now.form.querySelector('h1')?.focus({ preventScroll: true });
  now.part('change').hidden = !(isCounted && isLocked && !now.closed);
  now.part('keep').hidden = !(isCounted && !isLocked);
  now.part('go').hidden = !now.closed || isSending;
}

/** @param {string} text for screen readers alone */
const hidden = (text) => Object.assign(document.createElement('span'), { className: 'visually-hidden', textContent: text });

/** The outbox has news. @param {string} key @param {Ballot} ballot */
function changed(key, ballot) {
  if (ballot.state !== 'pending' && now?.key !== key && ballot.message) {
    // The question is gone from the screen: say what became of its ballot all the same.
    const text = `${ballot.words} ${ballot.message}`;
    noteAt.replaceChildren(Object.assign(document.createElement('p'), { className: 'bad', textContent: text }));
    if (ballot.state === 'refused') outbox.forget(key);
  }
  if (now?.key === key) {
    if (sentKey === key && ballot.state !== 'pending') {
      now.touched = now.editing = ballot.state === 'refused';
      if (ballot.state === 'counted') countedMs = Date.now();
      sentKey = '';
    }
    follow(); // an answer that came another way does not touch what is being filled in here
    if (ballot.state === 'counted' && !now.touched) {
      const answer = words('phone_your_answer', { answer: now.answer });
      data.answers[key] = `${answer} · ${words('phone_counted', { time: ballot.at })}`;
    }
  }
  settle();
}

paperAt.addEventListener('change', (event) => {
  if (!now?.concerns(event.target)) return;
  now.heard = '';
  now.hint = now.take(/** @type {HTMLElement} */ (event.target)) ? '' : words('choose_enough', { n: now.max });
  outbox.read(now.key);
  drafts.set(now.key, now.chosen);
  draw();
});

paperAt.addEventListener('submit', (event) => {
  event.preventDefault();
  if (!now || now.closed || isBallot(now.key, 'pending')) return;
  const { chosen, key, poll, round, question, rev } = now;
  now.heard = '';
  now.hint = chosen.length ? '' : words('reject_none_chosen');
  if (!chosen.length) return draw();
  sentKey = key;
  drafts.delete(key);
  outbox.put({ poll, round, selections: chosen.filter(Boolean), words: question }, rev);
});

paperAt.addEventListener('click', (event) => {
  const link = /** @type {HTMLElement} */ (event.target).closest('[data-change], [data-keep], [data-go]');
  if (!link || !now) return;
  event.preventDefault();
  outbox.read(now.key);
  drafts.delete(now.key);
  now.hint = now.heard = '';
  now.editing = link.matches('[data-change]');
  now.touched = now.closed = false;
  follow();
  if (link.matches('[data-go]')) now = null;
  settle();
  const target = now?.editing ? now.first : paperAt.querySelector('h1');
  target?.focus({ preventScroll: true });
});

newer.addEventListener('click', () => {
  const next = cards.find((card) => !isAnswered(cardKey(card)) && cardKey(card) !== now?.key);
  if (!now || !next) return;
  if (now.touched && !isAnswered(now.key)) drafts.set(now.key, now.chosen);
  mount(next);
  settle();
  paperAt.querySelector('h1')?.focus();
});

function countdown() {
  if (!now) return;
  let text = '';
  if (now.closesMs !== null && !now.closed) {
    const seconds = Math.max(0, Math.ceil((now.closesMs - link.serverMs) / 1000));
    text = words('phone_left', { time: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}` });
  }
  now.part('left').textContent = text;
}

/** Results stand on the waiting page and under one's own counted answer, never beside an open choice. */
function drawResults() {
  if (!isKnown) return;
  const isChoosing = now && (!isBallot(now.key, 'counted') || now.touched || now.editing || now.closed);
  const visible = isChoosing ? [] : results.filter((card) => !now || cardKey(card) === now.key);
  paint(resultsAt, visible.map((card) => card.html).join(''));
  // Said where it stands by itself: when it is revealed, and when its question has closed.
  const shown = new Map(now ? [] : Array.from(resultsAt.querySelectorAll('.result'), sentenceOf));
  const fresh = [...shown.keys()].filter((key) => !resultsHeard.has(key));
  if (fresh.length) say(words('phone_new_result'), ...fresh.map((key) => () => resultsHeard.get(key) ?? ''));
  resultsHeard = shown;
}

/** @param {Element} result @returns {[string, string]} its key and its sentence */
function sentenceOf(result) {
  const { poll = '', round } = /** @type {HTMLElement} */ (result).dataset;
  return [keyOf(poll, Number(round)), result.querySelector('.sentence')?.textContent ?? ''];
}

// -- start ------------------------------------------------------------------------------------------

const query = new URLSearchParams(location.search);
if (data.own) outbox.learn(data.own, data.epoch);
if (paperAt.querySelector('form')) {
  const paper = adopt(null);
  if (outbox.compare([paper.key]).length) paper.clear();
  paper.editing = query.has('change') && isBallot(paper.key, 'counted');
  paper.touched = !isAnswered(paper.key) && paper.chosen.length > 0; // kept by the browser over a reload
}
history.replaceState(null, '', query.has('lang') ? `${location.pathname}?lang=${data.lang}` : location.pathname);
setInterval(countdown, 500);
link.start();
outbox.resume();
draw();
