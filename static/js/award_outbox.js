// @ts-check
/**
 * One ballot of an award on its way: paper, receipt and code stay in this phone's storage until the server
 * says that it is counted. Sending it again repeats it as it is, so that it counts once and its receipt
 * stays the same. Times are milliseconds.
 */

const REQUEST_MS = 8000;
const FIRST_MS = 2000;
const LONGEST_MS = 15_000;

/**
 * @typedef {{choices: string[][], receipt: string, salt: string, code: string}} Paper
 * @typedef {{count: number, words: string}} Pin a checkpoint: its ballots, and the words that stand for them
 * @typedef {{state: 'pending' | 'counted' | 'refused', receipt: string, at: string, again: string,
 *   paper: Paper | null, message: string, ofCode: boolean, pinned?: number, pin?: Pin}} Ballot
 * `paper` is what is sent, gone once it is counted; `at` the time of day when it was counted, `again` the
 * words for a ballot that was in the box already; `message` what the server said last; `pinned` how many
 * ballots were in checkpoints when it was counted, `pin` the first checkpoint that holds it.
 */

/**
 * Ask the server; null when nothing came back.
 * @param {string} path @param {object | URLSearchParams} [body] posted when given @returns {Promise<any>}
 */
export async function ask(path, body) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), REQUEST_MS);
  const isForm = body instanceof URLSearchParams;
  try {
    const reply = await fetch(path, {
      method: body ? 'POST' : 'GET',
      body: isForm ? body : body && JSON.stringify(body),
      headers: { accept: 'application/json', ...(body && !isForm ? { 'content-type': 'application/json' } : {}) },
      signal: stop.signal,
      cache: 'no-store',
    });
    return await reply.json();
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

export class AwardOutbox {
  /**
   * @param {string} path event/award @param {string} round @param {number} opened when the round opened:
   * a ballot of another opening is none of this one @param {string} lang @param {() => void} onChange
   */
  constructor(path, round, opened, lang, onChange) {
    this.name = `hemicycle:vote:${path}:${round}:${opened}`;
    this.round = round;
    this.url = `/vote/${path}/cast?lang=${lang}`;
    this.onChange = onChange;
    /** Whether this browser keeps what we give it. */
    this.keeps = true;
    this.tries = 0;
    this._timer = 0;
    this._isSending = false;
    /** @type {Ballot | null} */
    this.ballot = this._read();
    addEventListener('online', () => this.kick());
    addEventListener('storage', (change) => {
      if (change.key !== this.name) return;
      this.ballot = this._read();
      this.onChange();
    });
  }

  /** Send what an earlier tab or visit left behind. */
  resume() {
    if (this.ballot?.state === 'pending') this._send();
  }

  /** A new ballot: written down first, then sent. @param {Paper} paper */
  put(paper) {
    this.tries = 0;
    this._set({ state: 'pending', receipt: paper.receipt, at: '', again: '', paper, message: '', ofCode: false });
    this._send();
  }

  /** Try at once. */
  kick() {
    if (this.ballot?.state === 'pending') this._send();
  }

  /** Nothing of a ballot stays on this phone. */
  forget() {
    clearTimeout(this._timer);
    this._set(null);
  }

  /** Remember the checkpoint that holds the counted ballot. @param {Pin} pin */
  pin(pin) {
    if (this.ballot) this._set({ ...this.ballot, pin });
  }

  async _send() {
    clearTimeout(this._timer);
    const ballot = this.ballot;
    if (this._isSending || !ballot?.paper) return;
    this._isSending = true;
    const reply = await ask(this.url, { round: this.round, ...ballot.paper });
    this._isSending = false;
    if (this.ballot?.receipt !== ballot.receipt || this.ballot.state !== 'pending') return; // another tab's reply came first
    if (reply?.counted) {
      const again = reply.at ? '' : reply.message;
      this._set({ ...ballot, state: 'counted', paper: null, at: reply.at, again, message: '', pinned: reply.pinned });
    } else if (!reply || typeof reply.code !== 'string' || reply.temporary || reply.code === 'limited') {
      this.tries += 1;
      this._set({ ...ballot, message: reply?.message ?? '' });
      const least = reply?.retry_ms || FIRST_MS;
      const spread = Math.min(LONGEST_MS, 500 * 2 ** Math.min(this.tries, 5));
      this._timer = window.setTimeout(() => this._send(), least + Math.random() * spread);
    } else {
      this._set({ ...ballot, state: 'refused', message: reply.message, ofCode: reply.of_code });
    }
  }

  /** @param {Ballot | null} ballot */
  _set(ballot) {
    this.ballot = ballot;
    try {
      // A refused one is told to whoever sent it; a later visit begins anew.
      if (ballot && ballot.state !== 'refused') localStorage.setItem(this.name, JSON.stringify(ballot));
      else localStorage.removeItem(this.name);
    } catch {
      this.keeps = false;
    }
    this.onChange();
  }

  /** @returns {Ballot | null} */
  _read() {
    try {
      return JSON.parse(localStorage.getItem(this.name) ?? 'null');
    } catch {
      this.keeps = false;
      return null;
    }
  }
}
