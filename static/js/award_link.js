// @ts-check
/** How an open page of an award hears how it stands: pushed, or asked for where sockets do not get through. */

import { ask } from './award_outbox.js';
import { LiveSocket, within } from './socket.js';

const PATIENCE_MS = 10_000; // without a socket for so long, plain requests take over
const FAILED_UPGRADES = 3;
const ASK_MS = 10_000; // then it is asked for so often, and a little at random

/**
 * @typedef {{ch: string, epoch: string, offset: number, server_ms: number, key: string, page: string,
 *   turnout: string, head: string, withdrawn: string, pinned: number, words: string[], closes_ms: number | null,
 *   spread_ms: number}} Stand
 */

/** Who has withdrawn, where a paper says so: it stays as it is under a thumb, so this has to be read on it.
 * @param {string} text */
function showWithdrawn(text) {
  for (const place of document.querySelectorAll('[data-withdrawn]')) {
    if (place.textContent?.trim() === text) continue;
    const said = Object.assign(document.createElement('p'), { className: 'warn', textContent: text });
    place.replaceChildren(...(text ? [said] : []));
  }
}

export class AwardLink {
  /**
   * @param {{event: string, award: string, lang: string, push: Stand}} page
   * @param {(stand: Stand) => void} onStand
   * @param {() => number} [patience] how many times longer plain requests may wait
   */
  constructor({ event, award, lang, push }, onStand, patience = () => 1) {
    this.url = `/vote/${event}/${award}/state?lang=${lang}`;
    /** @param {Stand} stand */
    this.onStand = (stand) => {
      showWithdrawn(stand.withdrawn);
      onStand(stand);
    };
    this.patience = patience;
    this._lostMs = Date.now();
    this._isPlain = false;
    this._timer = 0;
    this.socket = new LiveSocket(`/ws/${event}/award?award=${award}&lang=${lang}`, {
      onFrame: (frame) => frame.ch && this.onStand(/** @type {any} */ (frame)),
      onState: (state) => this._changed(state),
      isOneOfMany: true,
      firstMs: 5000,
      capMs: 30_000,
    });
    this.socket.isNews(push); // what the page shows already
    this.socket.noteTime(push.server_ms);
  }

  start() {
    this.socket.start();
    document.addEventListener('visibilitychange', () => document.hidden || this.ask());
    setInterval(() => {
      if (this._lostMs && Date.now() - this._lostMs > PATIENCE_MS) this._goPlain();
    }, 1000);
  }

  /** Ask at once, where no push will come. */
  ask() {
    if (this._isPlain) this._look();
  }

  _goPlain() {
    if (this._isPlain || this.socket.state === 'open') return;
    this._isPlain = true;
    this._look();
  }

  async _look() {
    clearTimeout(this._timer);
    const stand = document.hidden ? null : await ask(this.url);
    if (!this._isPlain) return; // the socket came back meanwhile
    if (stand?.ch && this.socket.isNews(stand)) {
      this.socket.noteTime(stand.server_ms);
      this.onStand(stand);
    }
    clearTimeout(this._timer);
    this._timer = window.setTimeout(() => this._look(), this.patience() * (ASK_MS + within(ASK_MS / 2)));
  }

  /** @param {string} state */
  _changed(state) {
    if (state === 'open') {
      this._lostMs = 0;
      this._isPlain = false;
      clearTimeout(this._timer);
      return;
    }
    this._lostMs ||= Date.now();
    if (this.socket.failures >= FAILED_UPGRADES || state === 'refused') this._goPlain();
  }
}
