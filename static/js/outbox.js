// @ts-check
/**
 * Ballots on their way: one record per poll and round, kept in localStorage, so that a ballot outlives
 * the tab. A retry repeats rev and nonce; only the server's reply ends it. Times are milliseconds.
 */

import { within } from './socket.js';

const REPLY_MS = 3000;
const LONGEST_RETRY_MS = 15_000;
const KEEP_MS = 40 * 86_400_000;

/**
 * @typedef {{poll: string, round: number, rev: number, nonce: string, selections: string[],
 *   state: 'pending' | 'counted' | 'refused', at: string, ms: number, words: string,
 *   message: string}} Ballot
 * `words` is the question, `message` what the server said last.
 */

/** @param {string} poll @param {number} round */
export const keyOf = (poll, round) => `${poll}:${round}`;

/** 128 random bits; a plain-http page has no crypto.randomUUID. */
function newNonce() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export class Outbox {
  /**
   * @param {string} event
   * @param {(frame: any) => boolean} deliver false: there is no way to the server now
   * @param {(key: string, ballot: Ballot) => void} onChange
   */
  constructor(event, deliver, onChange) {
    this.name = `hemicycle:${event}`;
    this.deliver = deliver;
    this.onChange = onChange;
    /** Whether this browser keeps what we give it. */
    this.keeps = true;
    /** @type {Record<string, Ballot>} */
    this.ballots = this._read();
    /** @type {Map<string, {timer: number, tries: number, ref: number}>} ballots this tab is sending */
    this.sending = new Map();
    this._ref = 0;
    addEventListener('storage', (change) => {
      if (change.key !== this.name) return;
      const before = this.ballots;
      this.ballots = { ...before, ...this._read() };
      for (const [key, ballot] of Object.entries(this.ballots)) {
        const old = before[key];
        if (!old || old.nonce !== ballot.nonce || old.state !== ballot.state) this.onChange(key, ballot);
      }
    });
  }

  /** Send what an earlier tab left behind. */
  resume() {
    for (const [key, ballot] of Object.entries(this.ballots)) if (ballot.state === 'pending') this._send(key);
  }

  /**
   * A new ballot: written down first, then sent.
   * @param {{poll: string, round: number, selections: string[], words: string}} answer
   * @param {number} known rev of the ballot this person saw as counted, or 0
   */
  put({ poll, round, selections, words }, known) {
    const key = keyOf(poll, round);
    const waiting = this._read()[key];
    const rev = Math.max(known, waiting?.state === 'pending' ? waiting.rev : 0) + 1;
    this._set(key, {
      poll, round, rev, nonce: newNonce(), selections, state: 'pending', at: '', ms: Date.now(), words, message: '',
    });
    this._send(key);
  }

  /** Try everything that waits at once: a way to the server has opened. */
  kick() {
    for (const key of this.sending.keys()) this._send(key);
  }

  /** @param {any} frame a receipt or a reject */
  take(frame) {
    const found = [...this.sending].find(([, sent]) => sent.ref === frame.ref);
    if (!found) return;
    const key = found[0];
    const ballot = this.ballots[key];
    if (frame.type === 'receipt') {
      if (frame.own.nonce === ballot.nonce) this._counted(key, frame.own);
      return;
    }
    if (frame.temporary) {
      this._set(key, { ...ballot, message: frame.message });
      this._later(key, (frame.retry_ms ?? REPLY_MS) + within(1000));
      return;
    }
    this._done(key);
    if (frame.own) this._counted(key, frame.own, frame.message);
    else this._set(key, { ...ballot, state: 'refused', message: frame.message });
  }

  /**
   * Own ballots as the box has them.
   * @param {any[]} owns
   */
  learn(owns) {
    for (const own of owns) {
      const key = keyOf(own.poll, own.round);
      const ballot = this.ballots[key];
      const isOurs = !ballot || ballot.nonce === own.nonce;
      if (isOurs ? ballot?.state !== 'counted' : ballot.state !== 'pending' && own.rev >= ballot.rev) {
        this._counted(key, own);
      }
    }
  }

  /**
   * The store was restarted: offer counted ballots of open rounds again, unless the box has them.
   * @param {string[]} open keys @param {any[]} owns
   */
  offerAgain(open, owns) {
    for (const key of open) {
      const ballot = this.ballots[key];
      const has = owns.some((own) => keyOf(own.poll, own.round) === key && own.rev >= (ballot?.rev ?? 0));
      if (ballot?.state === 'counted' && !has && !this.sending.has(key)) this._later(key, within(5000));
    }
  }

  /** @param {string} key forget what was refused, once it has been read */
  forget(key) {
    delete this.ballots[key];
    this._write(key, null);
  }

  /** @param {string} key @param {any} own @param {string} [message] */
  _counted(key, own, message = '') {
    this._done(key);
    const words = this.ballots[key]?.words ?? '';
    const { poll, round, rev, nonce, selections, at } = own;
    this._set(key, { poll, round, rev, nonce, selections, state: 'counted', at, ms: Date.now(), words, message });
  }

  /** @param {string} key */
  _send(key) {
    const ballot = this.ballots[key];
    if (!ballot) return;
    const tries = (this.sending.get(key)?.tries ?? 0) + 1;
    const ref = ++this._ref;
    clearTimeout(this.sending.get(key)?.timer);
    this.sending.set(key, { timer: 0, tries, ref });
    const { poll, round, rev, nonce, selections } = ballot;
    this.deliver({ type: 'cast', poll, round, rev, nonce, selections, ref });
    const spread = within(Math.min(LONGEST_RETRY_MS, 1000 * 2 ** Math.min(tries, 6)));
    this._later(key, REPLY_MS + spread);
  }

  /** @param {string} key @param {number} ms */
  _later(key, ms) {
    const sent = this.sending.get(key) ?? { timer: 0, tries: 0, ref: 0 };
    clearTimeout(sent.timer);
    sent.timer = window.setTimeout(() => {
      this._send(key);
      this.onChange(key, this.ballots[key]);
    }, ms);
    this.sending.set(key, sent);
  }

  /** @param {string} key */
  _done(key) {
    clearTimeout(this.sending.get(key)?.timer);
    this.sending.delete(key);
  }

  /** @param {string} key @param {Ballot} ballot */
  _set(key, ballot) {
    this.ballots[key] = ballot;
    this._write(key, ballot);
    this.onChange(key, ballot);
  }

  /** @returns {Record<string, Ballot>} */
  _read() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.name) ?? '{}');
      return Object.fromEntries(Object.entries(kept).filter(([, ballot]) => ballot.ms > Date.now() - KEEP_MS));
    } catch {
      this.keeps = false;
      return {};
    }
  }

  /** @param {string} key @param {Ballot | null} ballot */
  _write(key, ballot) {
    try {
      const { [key]: _, ...others } = this._read(); // other tabs write here too
      localStorage.setItem(this.name, JSON.stringify(ballot ? { ...others, [key]: ballot } : others));
    } catch {
      this.keeps = false;
    }
  }
}
