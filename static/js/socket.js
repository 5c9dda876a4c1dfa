// @ts-check
/**
 * One live connection for every face: says hello, drops pushes that are not newer, notices silence,
 * comes back by itself. Times are milliseconds.
 */

const PROTOCOL = 'hemicycle.v1';
const SILENCE_MS = 45_000; // the server says something every 20 s
const DOUBT_MS = 25_000; // on coming back to the page, this much silence is a dead connection
const OPEN_MS = 10_000; // an upgrade that takes longer has failed
const NO_RETURN = 4500; // close codes from here to 4999: do not come back

/** @param {number} ms @returns {number} a random moment from 0 to ms */
export const within = (ms) => Math.random() * ms;

/**
 * @typedef {'connecting' | 'open' | 'waiting' | 'refused' | 'stopped'} LinkState
 * @typedef {{type: string, [field: string]: any}} Frame
 */

export class LiveSocket {
  /**
   * @param {string} path such as "/ws/ecc2020/phone?lang=en"
   * @param {object} options
   * @param {(frame: Frame) => void} options.onFrame every frame that is news; pushes only when newer
   * @param {(state: LinkState, code: number) => void} [options.onState] `code` is the close code, or 0
   * @param {(epoch: string) => void} [options.onEpoch] the store was restarted: old offsets mean nothing
   * @param {number} [options.firstMs] spread of the first try after an unannounced loss
   * @param {number} [options.capMs] the longest spread of later tries
   * @param {boolean} [options.isOneOfMany] come back within the window that `welcome` gave, since as many
   *   others have lost the same server
   */
  constructor(path, { onFrame, onState, onEpoch, firstMs = 1000, capMs = 5000, isOneOfMany = false }) {
    this.path = path;
    this.onFrame = onFrame;
    this.onState = onState ?? (() => {});
    this.onEpoch = onEpoch ?? (() => {});
    this.firstMs = firstMs;
    this.capMs = capMs;
    this.isOneOfMany = isOneOfMany;
    /** @type {LinkState} */
    this.state = 'stopped';
    /** Tries in a row that came to nothing. */
    this.failures = 0;
    /** The server's clock minus ours. */
    this.clockMs = 0;
    this.epoch = '';
    this.heardMs = Date.now();
    /** @type {WebSocket | null} */
    this._socket = null;
    /** @type {Map<string, {epoch: string, offset: number, serverMs: number}>} */
    this._seen = new Map();
    this._byeMs = -1;
    this._windowMs = -1;
    this._timer = 0;
    this._watch = 0;
    this._wake = this._wake.bind(this);
    this._fail = this._fail.bind(this);
  }

  /** Milliseconds since the server was last heard. */
  get ageMs() {
    return Date.now() - this.heardMs;
  }

  /** The server's time now, Unix milliseconds. */
  get serverMs() {
    return Date.now() + this.clockMs;
  }

  start() {
    addEventListener('online', this._wake);
    addEventListener('offline', this._fail);
    document.addEventListener('visibilitychange', this._wake);
    this._watch = window.setInterval(() => this._listen(), 5000);
    this._connect();
  }

  stop() {
    removeEventListener('online', this._wake);
    removeEventListener('offline', this._fail);
    document.removeEventListener('visibilitychange', this._wake);
    clearInterval(this._watch);
    clearTimeout(this._timer);
    this._drop();
    this._say('stopped');
  }

  /** @param {Frame} frame @returns {boolean} whether it was handed to an open connection */
  send(frame) {
    if (this.state !== 'open' || !this._socket) return false;
    this._socket.send(JSON.stringify(frame));
    return true;
  }

  /**
   * Note a state that came another way (in the page, by a plain request); false when it is not news.
   * Who is connected changes no offset; a push that shows it carries the server's time, which then decides.
   * @param {{ch: string, epoch: string, offset: number, server_ms?: number}} push
   */
  isNews({ ch, epoch, offset, server_ms: serverMs = 0 }) {
    const seen = this._seen.get(ch);
    const isSame = seen && seen.epoch === epoch && offset === seen.offset && serverMs <= seen.serverMs;
    if (isSame || (seen && seen.epoch === epoch && offset < seen.offset)) return false;
    this._seen.set(ch, { epoch, offset, serverMs });
    this.noteEpoch(epoch);
    return true;
  }

  /** @param {string} epoch */
  noteEpoch(epoch) {
    const before = this.epoch;
    this.epoch = epoch;
    if (before && before !== epoch) this.onEpoch(epoch);
  }

  /** @param {number} serverMs */
  noteTime(serverMs) {
    this.clockMs = serverMs - Date.now();
  }

  _connect() {
    clearTimeout(this._timer);
    this._say('connecting');
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    let socket;
    try {
      socket = new WebSocket(`${scheme}//${location.host}${this.path}`, PROTOCOL);
    } catch {
      this._lost(0);
      return;
    }
    this._socket = socket;
    this._timer = window.setTimeout(() => this._fail(), OPEN_MS);
    socket.onopen = () => {
      clearTimeout(this._timer);
      this.heardMs = Date.now();
      this.failures = 0;
      this._say('open');
      this.send({ type: 'hello', v: 1 });
    };
    socket.onmessage = (message) => this._take(String(message.data));
    socket.onclose = (event) => this._lost(event.code);
  }

  /** @param {string} text */
  _take(text) {
    this.heardMs = Date.now();
    /** @type {Frame} */
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return; // a newer server may say things we do not know
    }
    if (frame.server_ms) this.noteTime(frame.server_ms);
    if (frame.type === 'bye') this._byeMs = frame.window_ms;
    if (frame.type === 'welcome') {
      this.noteEpoch(frame.epoch);
      if (this.isOneOfMany) this._windowMs = frame.window_ms;
    }
    if (frame.ch && !this.isNews(/** @type {any} */ (frame))) return;
    this.onFrame(frame);
  }

  _drop() {
    const socket = this._socket;
    this._socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  _fail() {
    if (this.state !== 'open' && this.state !== 'connecting') return;
    this._drop();
    this._lost(0);
  }

  /** @param {number} code */
  _lost(code) {
    const wasOpen = this.state === 'open';
    this._drop();
    clearTimeout(this._timer);
    if (code >= NO_RETURN && code < 5000) {
      this._say('refused', code);
      return;
    }
    if (!wasOpen) this.failures += 1;
    let spread = Math.min(this.capMs, this.firstMs * 2 ** Math.min(this.failures, 10));
    if (wasOpen && this._windowMs >= 0) spread = this._windowMs;
    if (this._byeMs >= 0) {
      spread = this._byeMs;
      this._byeMs = -1;
    }
    this._timer = window.setTimeout(() => this._connect(), within(spread));
    this._say('waiting', code);
  }

  /** Silence for too long means that nobody is there any more, whatever the browser believes. */
  _listen() {
    if (this.state === 'open' && this.ageMs > SILENCE_MS) this._fail();
  }

  _wake() {
    if (document.visibilityState === 'hidden' || this.state === 'stopped' || this.state === 'refused') return;
    if (this.state === 'open' && this.ageMs > DOUBT_MS) this._fail();
    if (this.state !== 'waiting') return;
    clearTimeout(this._timer);
    this._timer = window.setTimeout(() => this._connect(), within(1000));
  }

  /** @param {LinkState} state @param {number} [code] */
  _say(state, code = 0) {
    this.state = state;
    this.onState(state, code);
  }
}
