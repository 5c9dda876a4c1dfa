// @ts-check
/**
 * Ballots on their way: one record per poll and round, kept in localStorage, so that a ballot outlives
 * the tab. A retry repeats rev and nonce; only the server's reply ends it. Times are milliseconds.
 */

import { within } from './socket.js';

const REPLY_MS = 3000;
const LONGEST_RETRY_MS = 15_000;
const KEEP_MS = 40 * 86_400_000;
const FRESH_MS = 10_000; // a reading of the box may be a little older than a receipt

/**
 * @typedef {{poll: string, round: number, rev: number, nonce: string, selections: string[],
 *   state: 'pending' | 'counted' | 'refused', at: string, ms: number, epoch: string, words: string,
 *   message: string}} Ballot
 * `epoch` is the store's when the ballot was counted, `words` the question, `message` what the server
 * said last.
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
   * @param {(frame: any) => void} deliver hands a cast to the server, if there is a way to it
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
    this.epoch = '';
    /** @type {{ms: number, revs: Map<string, number>} | null} what the box had of ours, and when */
    this._box = null;
    addEventListener('storage', (change) => {
      if (change.key !== this.name) return;
      for (const [key, ballot] of Object.entries(this._read())) {
        // Another tab's ballot counts for us too; what it is still sending stays its own business.
        if (ballot.state !== 'counted' || this.sending.has(key) || this.ballots[key]?.nonce === ballot.nonce) continue;
        this.ballots[key] = ballot;
        this.onChange(key, ballot);
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
    this._done(key);
    const waiting = this._read()[key];
    const rev = Math.max(known, waiting?.state === 'pending' ? waiting.rev : 0) + 1;
    this._set(key, {
      poll, round, rev, nonce: newNonce(), selections, state: 'pending', at: '', ms: Date.now(), epoch: '', words, message: '',
    });
    this._send(key);
  }

  /** Try everything that waits at once: a way to the server has opened. */
  kick() {
    for (const key of [...this.sending.keys()]) this._send(key);
  }

  /** @param {any} frame a receipt or a reject */
  take(frame) {
    const found = [...this.sending].find(([, sent]) => sent.ref === frame.ref);
    if (!found) return;
    const key = found[0];
    const ballot = this.ballots[key];
    if (!ballot) return this._done(key);
    if (frame.type === 'receipt') return this._counted(key, frame.own);
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
   * Own ballots as the box has them, all of them.
   * @param {any[]} owns @param {string} epoch the store's
   */
  learn(owns, epoch) {
    this.epoch = epoch;
    this._box = { ms: Date.now(), revs: new Map(owns.map((own) => [keyOf(own.poll, own.round), own.rev])) };
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
   * Ballots of open rounds that we know as counted and the box does not have: a store that was restarted
   * is offered them again, otherwise the round is another one of the same name.
   * @param {string[]} open keys of open rounds
   * @returns {string[]} keys whose ballots are of another round and forgotten
   */
  compare(open) {
    const forgotten = [];
    for (const key of open) {
      const ballot = this.ballots[key];
      if (!this._box || ballot?.state !== 'counted') continue;
      if ((this._box.revs.get(key) ?? 0) >= ballot.rev || this.sending.has(key)) continue;
      if (ballot.epoch !== this.epoch) this._later(key, within(5000));
      else if (ballot.ms < this._box.ms - FRESH_MS) {
        this.forget(key);
        forgotten.push(key);
      }
    }
    return forgotten;
  }

  /** The person has read what the server said. @param {string} key */
  read(key) {
    const ballot = this.ballots[key];
    if (ballot?.state === 'refused') this.forget(key);
    else if (ballot) ballot.message = '';
  }

  /** @param {string} key */
  forget(key) {
    delete this.ballots[key];
    this._write(key, null);
  }

  /** @param {string} key @param {any} own @param {string} [message] */
  _counted(key, own, message = '') {
    this._done(key);
    const words = this.ballots[key]?.words ?? '';
    const { poll, round, rev, nonce, selections, at } = own;
    const state = /** @type {const} */ ('counted');
    const { epoch } = this;
    this._set(key, { poll, round, rev, nonce, selections, state, at, ms: Date.now(), epoch, words, message });
  }

  /** @param {string} key @param {boolean} [isRetry] */
  _send(key, isRetry = false) {
    const ballot = this.ballots[key];
    if (!ballot) return this._done(key);
    const sent = this._sent(key);
    if (isRetry) sent.tries += 1;
    const { poll, round, rev, nonce, selections } = ballot;
    this.deliver({ type: 'cast', poll, round, rev, nonce, selections, ref: sent.ref });
    const spread = Math.min(LONGEST_RETRY_MS, 1000 * 2 ** Math.min(sent.tries, 6));
    this._later(key, REPLY_MS + within(spread));
  }

  /** @param {string} key @param {number} ms */
  _later(key, ms) {
    const sent = this._sent(key);
    clearTimeout(sent.timer);
    sent.timer = window.setTimeout(() => {
      this._send(key, true);
      if (this.ballots[key]) this.onChange(key, this.ballots[key]);
    }, ms);
  }

  /** @param {string} key */
  _sent(key) {
    const sent = this.sending.get(key) ?? { timer: 0, tries: 0, ref: ++this._ref };
    this.sending.set(key, sent);
    return sent;
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
