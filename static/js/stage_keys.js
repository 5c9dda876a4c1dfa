// @ts-check
/** The clicker: which key means what, and the press that goes to the server. */

/** @type {Record<string, "next" | "previous" | "blank" | "hide" | "groups" | "rules" | "full" | "help">} */
const KEYS = {
  PageDown: "next",
  ArrowRight: "next",
  " ": "next",
  Enter: "next",
  PageUp: "previous",
  ArrowLeft: "previous",
  ".": "blank",
  b: "blank",
  B: "blank",
  h: "hide",
  H: "hide",
  g: "groups",
  G: "groups",
  r: "rules",
  R: "rules",
  f: "full",
  F: "full",
  "?": "help",
};

const SIGNS = { next: "→", previous: "←", blank: "■", hide: "H", groups: "G", rules: "R", full: "F", help: "?" };

const WAIT_MS = 8000;
const AGAIN_MS = 7000;
/** After a press, and after the screen has changed what keys mean, no key does anything for so long, in ms. */
const GUARD_MS = 700;

/** @typedef {{room: string, poll: string, award: string, round: number, state: string, blank: boolean, beside: boolean, compare: boolean}} Seen */

export class Clicker {
  /**
   * @param {string} url where presses go
   * @param {() => Seen} seen what the screen shows now
   * @param {{flash: (sign: string) => void, say: (text: string) => void, notReached: string,
   *          guarded: (isGuarded: boolean) => void, help: HTMLDialogElement}} face
   */
  constructor(url, seen, face) {
    this.url = url;
    this.seen = seen;
    this.face = face;
    /** What was shown at the presses that are on their way. @type {Set<string>} */
    this.underWay = new Set();
    /** The press that the server wants to hear a second time, as it cannot be undone, and since when. */
    this.asked = "";
    this.askedAt = 0;
    /** What keys were about when the screen was last looked at. */
    this.shown = "";
    this.isGuarded = false;
    this.guardTimer = 0;
    document.addEventListener("keydown", (event) => this.key(event));
  }

  /** The screen was painted: when keys mean something else now, the second press of a double click is not for that. */
  look() {
    const shown = JSON.stringify(this.seen());
    if (this.shown && this.shown !== shown) this.guard();
    this.shown = shown;
  }

  guard() {
    clearTimeout(this.guardTimer);
    this.setGuarded(true);
    this.guardTimer = setTimeout(() => this.setGuarded(false), GUARD_MS);
  }

  /** @param {boolean} isGuarded */
  setGuarded(isGuarded) {
    this.isGuarded = isGuarded;
    this.face.guarded(isGuarded);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const meaning = KEYS[event.key];
    if (!meaning) return;
    if (this.face.help.open && meaning !== "help") return;
    event.preventDefault();
    const isStep = meaning !== "full" && meaning !== "help";
    if (isStep && this.isGuarded) return;
    this.face.flash(SIGNS[meaning]);
    if (isStep) this.guard();
    if (meaning === "full") void fullscreen();
    else if (meaning === "help") toggle(this.face.help);
    else if (meaning === "groups") void this.press(this.seen().beside ? "together" : "beside");
    else if (meaning === "rules") void this.press(this.seen().compare ? "own_rule" : "compare");
    else void this.press(meaning);
  }

  /** @param {"next" | "previous" | "blank" | "hide" | "beside" | "together" | "compare" | "own_rule"} action */
  async press(action) {
    const body = JSON.stringify({ action, ...this.seen() });
    if (this.underWay.has(body)) return; // the second press of a double click meant the same screen
    this.underWay.add(body);
    const { room, poll, award, round, state, blank } = this.seen();
    const sure = this.asked === body && performance.now() - this.askedAt < AGAIN_MS;
    this.asked = "";
    try {
      const response = await fetch(this.url, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify({ action, room, poll, award, round, state, blank, sure }),
        signal: AbortSignal.timeout(WAIT_MS),
      });
      const stands = await response.json();
      if (stands.again) [this.asked, this.askedAt] = [body, performance.now()];
      if (!response.ok) this.face.say(stands.message ?? this.face.notReached);
    } catch {
      this.face.say(this.face.notReached);
    } finally {
      this.underWay.delete(body);
    }
  }
}

/** @param {HTMLDialogElement} dialog */
function toggle(dialog) {
  if (dialog.open) dialog.close();
  else dialog.showModal();
}

async function fullscreen() {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await document.documentElement.requestFullscreen();
  } catch {
    // A browser that refuses full screen still has its own key for it.
  }
}

/** Keep the screen on where the browser can, again after every return to the page. */
export function stayAwake() {
  const ask = async () => {
    if (document.hidden || !("wakeLock" in navigator)) return;
    try {
      await navigator.wakeLock.request("screen");
    } catch {
      // Refused (no power, no right): the machine's own settings decide.
    }
  };
  document.addEventListener("visibilitychange", ask);
  void ask();
}
