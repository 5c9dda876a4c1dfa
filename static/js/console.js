// @ts-check
/**
 * The moderator's console. Everything it shows is on the server: this writes the numbers that change by
 * the second into the page and fetches the panel again when something else changed, but never while a
 * confirmation is open.
 */

import { LiveSocket } from "./socket.js";

/** A stage that shows less than was counted this long ago is behind, in ms. */
const STALL_MS = 1500;
/** The panel is not fetched more often than this, in ms. */
const FETCH_MS = 1000;
/** A big button that has just changed its meaning takes no press for this long, in ms. */
const GUARD_MS = 700;

/** @typedef {{room?: string, poll?: string, counted?: number, offset?: number}} Painted */
/**
 * @typedef {object} Counts
 * @property {number} phones
 * @property {number} stages
 * @property {number} consoles
 * @property {Record<string, number>} received
 * @property {Record<string, number>} counted
 * @property {Record<string, string>} lines
 * @property {Painted[]} painted
 * @property {boolean} store_down
 * @property {boolean} disk_low
 * @property {Record<string, Record<string, number>>} awards
 */

const data = JSON.parse(byId("console-data").textContent ?? "{}");
/** @type {Record<string, string>} */
const words = data.words;
const htmx = /** @type {any} */ (window).htmx;
const panel = byId("panel");

/** @type {{revision: string, counts: Counts} | null} */
let push = null;
/** @type {{at: number, counted: Record<string, number>}[]} */
let history = [];
let heardAt = new Date();
let skewMs = 0;
let fetchedAt = 0;
let isFetching = false;
let guardTimer = 0;
let isGuarded = false;
let onStage = seen();
let stageSince = performance.now();
let mainWords = mainButton()?.textContent ?? "";
let areGroupsOpen = false;

/** @param {string} id @returns {HTMLElement} */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @param {string} id @param {string} text */
function write(id, text) {
  const element = document.getElementById(id);
  if (element && element.textContent !== text) element.textContent = text;
}

/** What the panel says it shows. @returns {DOMStringMap} */
function state() {
  return byId("panel-state").dataset;
}

/** The poll that the stage should show: none while it is blank. */
function seen() {
  return state().blank === "1" ? "" : (state().poll ?? "");
}

/** The button, or the heading of the question that it asks first. @returns {HTMLElement | null} */
function mainButton() {
  return /** @type {HTMLElement | null} */ (document.getElementById("main-action"));
}

/** A time of day as everything else on the page says it: where the event is. @param {Date} at */
function clock(at) {
  return at.toLocaleTimeString("en-GB", { timeZone: data.timezone });
}

/** @param {string} text @param {Record<string, string | number>} values */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

// --- numbers ------------------------------------------------------------------------------------------

/** What the stages of this room show. @returns {Painted[]} */
function painted() {
  return push ? push.counts.painted.filter((words) => (words.room ?? "") === (state().room ?? "")) : [];
}

/** Ballots on the slowest stage that shows this poll. @returns {number | null} */
function shown() {
  const here = painted().filter((words) => words.poll === seen());
  return seen() && here.length ? Math.min(...here.map((words) => words.counted ?? 0)) : null;
}

/** The sentence that says what is wrong with the stage, or nothing. @param {number} now */
function trouble(now) {
  if (!push) return byId("stall").textContent ?? "";
  if (push.counts.stages === 0) return words.no_stage;
  if (painted().length === 0 && now - stageSince > STALL_MS) return words.no_stage_here;
  if (!seen()) return "";
  const counted = push.counts.counted[seen()] ?? 0;
  const before = history.findLast((entry) => entry.at <= now - STALL_MS);
  const onScreen = shown();
  if (onScreen === null) return now - stageSince > STALL_MS ? words.stall_elsewhere : "";
  const isBehind = before !== undefined && onScreen < Math.min(before.counted[seen()] ?? 0, counted);
  return isBehind ? fill(words.stall, { shown: onScreen, counted }) : "";
}

function paint() {
  const now = performance.now();
  if (push) {
    const counts = push.counts;
    write("n-phones", String(counts.phones));
    write("n-stages", String(counts.stages));
    write("n-consoles", String(counts.consoles));
    const poll = state().poll ?? "";
    const counted = counts.counted[poll] ?? 0;
    write("n-received", String(Math.max(counted, counts.received[poll] ?? 0)));
    write("n-counted", String(counted));
    const onScreen = shown();
    write("n-shown", onScreen === null ? "–" : String(onScreen));
    const award = counts.awards[state().award ?? ""] ?? {};
    for (const place of panel.querySelectorAll("[data-award-count]")) {
      const cast = String(award[/** @type {HTMLElement} */ (place).dataset.awardCount ?? ""] ?? place.textContent);
      if (place.textContent !== cast) place.textContent = cast;
    }
    byId("store-down").hidden = !counts.store_down;
    byId("disk-low").hidden = !counts.disk_low;
  }
  write("stall", trouble(now));
  const countdown = document.getElementById("countdown");
  if (countdown) {
    const leftS = Math.ceil((Number(countdown.dataset.closes) - Date.now() - skewMs) / 1000);
    const text = leftS > 0 ? `${Math.floor(leftS / 60)}:${String(leftS % 60).padStart(2, "0")}` : (countdown.dataset.over ?? "");
    write("countdown", text);
  }
}

// --- the panel -----------------------------------------------------------------------------------------

/** Whether somebody is in the middle of a confirmation, which must not be swapped away. */
function isBusy() {
  return panel.querySelector("details.confirm[open]") !== null;
}

/** Whether the panel is older than what was heard. */
function isOld() {
  if (!push) return false;
  if (push.revision !== state().revision) return true;
  // An answer that was changed leaves the number of ballots as it was, but not what the hall sees.
  const { open, line, phones } = state();
  const isSame = line === (push.counts.lines[seen()] ?? "") && phones === String(push.counts.phones);
  return open === "1" && seen() !== "" && !isSame;
}

async function refresh() {
  const now = performance.now();
  byId("meanwhile").hidden = !(isBusy() && push !== null && push.revision !== state().revision);
  if (!isOld() || isBusy() || isFetching || now - fetchedAt < FETCH_MS) return;
  isFetching = true;
  fetchedAt = now;
  const room = encodeURIComponent(state().room ?? "");
  try {
    await htmx.ajax("GET", `/console/${data.event}/panel?room=${room}`, { target: "#panel", swap: "innerMorph" });
  } finally {
    isFetching = false;
  }
}

/** Take no press of the big button for a while: it has just changed its meaning. */
function guard() {
  clearTimeout(guardTimer);
  isGuarded = true;
  guardTimer = setTimeout(() => {
    isGuarded = false;
    delete mainButton()?.dataset.fresh;
  }, GUARD_MS);
}

function swapped() {
  const button = mainButton();
  if ((button?.textContent ?? "") !== mainWords) {
    mainWords = button?.textContent ?? "";
    guard();
  }
  if (button && isGuarded) button.dataset.fresh = ""; // each panel that is swapped in is without it
  if (seen() !== onStage) {
    onStage = seen();
    stageSince = performance.now();
    history = [];
    follow();
  }
  const groups = document.getElementById("hall-groups");
  if (groups instanceof HTMLDetailsElement) groups.open = areGroupsOpen;
  paint();
}

/** Bring the poll on stage into view in the run of show, without moving the page itself. */
function follow() {
  const box = byId("show-scroll");
  const line = document.getElementById("poll-current");
  if (!line || box.scrollHeight <= box.clientHeight) return;
  const [place, frame] = [line.getBoundingClientRect(), box.getBoundingClientRect()];
  if (place.top < frame.top || place.bottom > frame.bottom) box.scrollTop += place.top - frame.top - 60;
}

// --- what happens -----------------------------------------------------------------------------------------

new LiveSocket(`/ws/${data.event}/console`, {
  onFrame(frame) {
    heardAt = new Date();
    if (frame.server_ms) skewMs = frame.server_ms - Date.now();
    if (frame.type !== "console") return;
    push = /** @type {any} */ (frame);
    history.push({ at: performance.now(), counted: frame.counts.counted });
    while (history.length > 2 && history[1].at < performance.now() - 2 * STALL_MS) history.shift();
    paint();
    refresh();
  },
  onState(connection) {
    if (connection === "refused") location.reload(); // the link was renewed: the page says so
    const isOn = connection === "open";
    const line = byId("link-state");
    line.classList.toggle("is-on", isOn);
    line.classList.toggle("is-off", !isOn && push !== null);
    if (isOn) line.textContent = words.console_connected;
    else if (push === null) line.textContent = words.console_connecting;
    else line.textContent = fill(words.console_offline, { time: clock(heardAt) });
  },
}).start();

document.addEventListener("keydown", (event) => {
  if (event.key !== " " || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  const target = event.target;
  const taken = "a, button, input, select, textarea, summary, [tabindex], [contenteditable]";
  if (target instanceof Element && target.closest(taken)) return;
  event.preventDefault();
  mainButton()?.click();
});

// Captured before htmx hears of it: a second press of the same finger must not do the next thing too.
document.addEventListener(
  "submit",
  (event) => {
    const isMain = event.target instanceof Element && event.target.id === "main-action-form";
    if (!isMain || !isGuarded) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

panel.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("#meanwhile-show")) return;
  for (const open of panel.querySelectorAll("details.confirm[open]")) open.removeAttribute("open");
  fetchedAt = 0;
  refresh();
});

panel.addEventListener(
  "toggle",
  (event) => {
    if (!(event.target instanceof HTMLDetailsElement)) return;
    if (event.target.id === "hall-groups") areGroupsOpen = event.target.open;
    else if (event.target.open) /** @type {HTMLElement | null} */ (event.target.querySelector("input[type=text], .danger"))?.focus();
    else refresh();
  },
  true,
);

document.addEventListener("htmx:after:swap", swapped);

/**
 * Say that an action was not done, or that nobody knows; that a panel could not be fetched shows in the
 * connection line.
 * @param {any} context @param {string} text
 */
function failed(context, text) {
  if (context?.request?.method === "POST") write("notice", text);
}

// A right that was taken away, or a server that fails, must not be painted into the panel; nor a newer panel over a
// confirmation that was begun while it was fetched.
document.addEventListener("htmx:before:swap", (event) => {
  const context = /** @type {any} */ (event).detail?.ctx;
  const status = context?.response?.status ?? 200;
  if (status < 400) {
    if (context?.request?.method === "GET" && isBusy()) event.preventDefault();
    return;
  }
  event.preventDefault();
  if (status === 403 || status === 404) location.reload();
  else failed(context, words.console_busy);
});
document.addEventListener("htmx:error", (event) =>
  failed(/** @type {any} */ (event).detail?.ctx, words.console_unreached),
);

setInterval(() => {
  paint();
  refresh();
}, 250);
follow();
paint();
