// @ts-check
/** A phone's way to the server: the socket, or plain requests where sockets do not get through. */

import { LiveSocket, within } from './socket.js';

const PATIENCE_MS = 10_000; // without a socket for so long, plain requests take over
const FAILED_UPGRADES = 3;
const REQUEST_MS = 5000;
const FORBIDDEN = 4501; // the server does not know this device

/** @typedef {'connected' | 'slow' | 'offline' | 'reconnecting'} How */

export class PhoneLink {
  /**
   * @param {{event: string, code: string, lang: string}} where
   * @param {object} on
   * @param {(frame: any) => void} on.frame every frame that is news
   * @param {(how: How) => void} on.change
   */
  constructor({ event, code, lang }, on) {
    this.base = `/j/${code}`;
    this.lang = lang;
    this.on = on;
    this._lostMs = Date.now();
    this._isPlain = false;
    this._plainWorks = false;
    this._timer = 0;
    this.socket = new LiveSocket(`/ws/${event}/phone?lang=${lang}`, {
      onFrame: on.frame,
      onState: (state, code) => this._changed(state, code),
      onEpoch: () => this.socket.send({ type: 'hello', v: 1 }), // the store was restarted: what has it of ours?
      isOneOfMany: true,
      firstMs: 5000,
      capMs: 30_000,
    });
  }

  start() {
    for (const event of ['online', 'offline']) addEventListener(event, () => this._say());
    this.socket.start();
    setInterval(() => {
      if (this._lostMs && Date.now() - this._lostMs > PATIENCE_MS) this._goPlain();
    }, 1000);
  }

  /** The server's time now, Unix milliseconds. */
  get serverMs() {
    return this.socket.serverMs;
  }

  /** @param {any} frame a cast; a reply comes as a frame, or never */
  cast(frame) {
    if (!this.socket.send(frame) && this._isPlain) this._post(frame);
  }

  /** @param {any} cast */
  async _post({ poll, round, rev, nonce, selections, ref }) {
    const body = new URLSearchParams({ poll, round, rev, nonce });
    for (const one of selections.length ? selections : ['']) body.append('selections', one);
    const reply = await this._ask(`/cast?lang=${this.lang}`, { method: 'POST', body });
    if (reply?.type) this.on.frame({ ...reply, ref });
  }

  /** @param {string} path @param {RequestInit} [init] @returns {Promise<any>} null when nothing came back */
  async _ask(path, init = {}) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), REQUEST_MS);
    try {
      const headers = { accept: 'application/json' };
      return await (await fetch(this.base + path, { ...init, headers, signal: stop.signal })).json();
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  _goPlain() {
    if (this._isPlain || this.socket.state === 'open') return;
    this._isPlain = true;
    this._look();
  }

  async _look() {
    const all = await this._ask(`/state?lang=${this.lang}`);
    if (!this._isPlain) return; // the socket came back meanwhile
    this._plainWorks = Boolean(all?.welcome);
    if (this._plainWorks) {
      this.socket.noteTime(all.welcome.server_ms);
      this.socket.noteEpoch(all.welcome.epoch);
      for (const push of [all.papers, all.results]) if (this.socket.isNews(push)) this.on.frame(push);
      this.on.frame(all.welcome);
    }
    this._say();
    this._timer = window.setTimeout(() => this._look(), 3000 + within(4000));
  }

  /** @param {string} state @param {number} code */
  _changed(state, code) {
    if (state === 'open') {
      this._lostMs = 0;
      this._isPlain = this._plainWorks = false;
      clearTimeout(this._timer);
    } else {
      this._lostMs ||= Date.now();
      if (this.socket.failures >= FAILED_UPGRADES || state === 'refused') this._goPlain();
    }
    // A page from before its cookie ran out gets a new one; once, or it would never end.
    if (code === FORBIDDEN && !location.search) location.replace(`${this.base}?again=1`);
    this._say();
  }

  _say() {
    if (this.socket.state === 'open') this.on.change('connected');
    else if (navigator.onLine === false) this.on.change('offline');
    else this.on.change(this._plainWorks ? 'slow' : 'reconnecting');
  }
}
