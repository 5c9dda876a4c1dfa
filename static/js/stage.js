// @ts-check
/** The big screen: shows the newest state of its room, and says what it has painted. */

import { LiveSocket } from "./socket.js";
import { showFragment } from "./stage_award.js";
import { chamber, glyph, light } from "./stage_chamber.js";
import { Chart } from "./stage_chart.js";
import { Clicker, stayAwake } from "./stage_keys.js";
import { roll } from "./stage_roll.js";

const AGE_FROM_MS = 3000;
const SILENT_MS = 25_000; // the server says something every 20 s
const MESSAGE_MS = 7000;
const FLASH_MS = 450;
const LAST_S = 10;
const LONG_URL = 20;

/** @param {string} id @returns {HTMLElement} */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const first = JSON.parse(part("first").textContent ?? "{}");
const stage = part("stage");
const chart = new Chart(part("plot"), part("chart"));
const seats = chamber(/** @type {any} */ (part("dots")));
const [mark, turnoutGlyph] = [...document.querySelectorAll("[data-glyph]")].map((place) =>
  glyph(place, place.getAttribute("data-glyph") === ""),
);
void mark;
document.documentElement.classList.add("has-script");

let view = first.frame.view;
let lostAt = performance.now();
let isConnected = false;
let spoken = "";
let message = "";
let messageTimer = 0;
let flashTimer = 0;

/** @param {string} key @param {Record<string, number | string>} values */
function say(key, values = {}) {
  const forms = first.words[key];
  const category = new Intl.PluralRules(first.lang).select(Number(values.n ?? 0));
  return (forms[category] ?? forms.other).replace(/\{(\w+)\}/g, (/** @type {string} */ _, /** @type {string} */ name) =>
    String(values[name]),
  );
}

/** @param {string} id @param {string} text */
function write(id, text) {
  const element = part(id);
  if (element.textContent !== text) element.textContent = text;
}

/** Show one frame. @param {any} frame */
function show(frame) {
  const was = view;
  view = frame.view;
  const isTurnout = !frame.figures;
  stage.dataset.phase = view.phase;
  stage.dataset.form = view.form === "award" ? "award" : isTurnout ? "turnout" : view.form;
  if (view.award) stage.dataset.award = view.award_state.split(".")[0];
  else delete stage.dataset.award;
  stage.dataset.size = String(view.question_size);
  stage.toggleAttribute("data-blank", view.blank);
  stage.toggleAttribute("data-frozen", Boolean(view.frozen));
  document.title = view.question || view.event;
  write("event", view.event);
  write("session", view.session);
  write("room", view.room);
  write("rehearsal", view.rehearsal);
  write("phase", view.phase === "idle" ? "" : view.phase_text);
  write("question", view.question || view.event);
  write("addressed", view.addressed);
  write("note", view.note);
  write("ends", view.scale_ends);
  write("sentence", view.sentence);
  write("soon", view.phase === "idle" ? view.phase_text : "");
  write("upcoming", view.upcoming);
  write("frozen", view.frozen);
  write("base", view.base);
  write("abstained", view.abstained);
  write("method", view.method);
  write("rounding", view.rounding);
  write("url", view.join_text);
  write("code", view.join_code);
  part("url").toggleAttribute("data-long", view.join_text.length > LONG_URL);
  part("turnout").hidden = !view.turnout;
  number("turnout-text", view.turnout);
  light(turnoutGlyph, view.counted, view.phones);
  showChamber(isTurnout && view.form === "turnout" && view.phase !== "idle");
  showFragment(part("award"), view.award_html);
  showFragment(part("award-rail"), view.award_rail);
  showTable();
  showClock();
  speak(was);
  clicker.look();
  const painted = () => socket.send({ type: "seen", ch: "stage", epoch: frame.epoch, offset: frame.offset });
  showChart(frame, was, painted);
}

/** @param {string} id @param {string} text a text whose numbers roll */
function number(id, text) {
  const element = part(id);
  const old = element.dataset.text ?? element.textContent ?? "";
  if (old === text) return;
  element.dataset.text = text;
  roll(element, old, text);
}

/** @param {boolean} isShown */
function showChamber(isShown) {
  part("chamber").hidden = !isShown;
  if (!isShown) return;
  const isVoting = view.phase !== "waiting";
  number("counted", isVoting ? String(view.counted) : "");
  write("counted-of", isVoting ? view.caption : view.phase_text);
  write("hint", isVoting && !view.frozen ? view.words.chamber_hint : "");
  light(seats, view.counted, view.phones);
}

/** @param {any} frame @param {any} was @param {() => void} painted */
function showChart(frame, was, painted) {
  const box = part("chart");
  if (!frame.figures) {
    box.hidden = true;
    chart.clear();
    requestAnimationFrame(painted);
    return;
  }
  if (box.hidden || was.poll !== view.poll || was.round !== view.round) chart.clear();
  box.hidden = false;
  box.setAttribute("aria-label", view.sentence || view.question);
  chart.show(frame.figures, view.phase === "open", painted);
}

/** The result as a table, for those who do not see the chart. */
function showTable() {
  const place = part("table");
  if (!view.lines.length) {
    place.replaceChildren();
    return;
  }
  const isRace = view.form === "race";
  const words = view.words;
  const [known, ...ready] = view.table;
  const head = known ?? [
    ...(isRace ? [words.table_place] : []),
    words.table_option,
    words.table_count,
    words.table_value,
    ...view.groups.map((/** @type {any} */ group) => group.title),
  ];
  const rows = known ? ready : view.lines.map((/** @type {any} */ line) => [
    ...(isRace ? [line.place || "–"] : []),
    `${line.letter} ${line.label}`.trim(),
    String(line.count),
    line.value,
    ...view.groups.map(
      (/** @type {any} */ group) =>
        group.lines.find((/** @type {any} */ own) => own.option === line.option)?.value ?? group.hidden,
    ),
  ]);
  const table = document.createElement("table");
  table.createCaption().textContent = view.question;
  const header = table.createTHead().insertRow();
  for (const text of head) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = text;
    header.append(cell);
  }
  const body = table.createTBody();
  for (const texts of rows) {
    const row = body.insertRow();
    for (const text of texts) row.insertCell().textContent = text;
  }
  place.replaceChildren(table);
}

/** Tell a screen reader of a new step once; not of every ballot. @param {any} was */
function speak(was) {
  const step = `${view.poll} ${view.round} ${view.phase} ${view.form} ${view.beside} ${view.compare} ${view.award_state}`;
  if (step === spoken) return;
  const isFirst = spoken === "";
  spoken = step;
  if (isFirst || view.blank) return;
  const result = view.phase === "open" ? "" : view.sentence;
  const isSame = was.poll === view.poll && was.award === view.award;
  const award = view.form === "award" ? (part("award").textContent ?? "").replace(/\s+/g, " ").trim() : "";
  const texts = [isSame ? "" : view.question, view.phase_text, result, award];
  write("status", texts.filter(Boolean).join(". "));
}

function showClock() {
  const clock = part("clock");
  if (view.closes_ms === null) {
    clock.textContent = "";
    clock.removeAttribute("data-last");
    return;
  }
  const left = Math.max(0, Math.ceil((view.closes_ms - socket.serverMs) / 1000));
  const isOver = left === 0 && view.words.clock_over; // it ends nothing: it says that time is over
  write("clock", isOver ? view.words.clock_over : `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`);
  clock.toggleAttribute("data-last", left <= LAST_S);
}

/** The small line: a message, or how old the picture is. */
function showLine() {
  const isSilent = isConnected && socket.ageMs > SILENT_MS;
  const age = isSilent ? socket.ageMs : performance.now() - lostAt;
  let text = message;
  if (!text && (!isConnected || isSilent) && age >= AGE_FROM_MS) {
    const seconds = Math.floor(age / 1000);
    text = seconds < 120 ? say("stage_age", { n: seconds }) : say("stage_age_minutes", { n: Math.floor(seconds / 60) });
  }
  const line = part("line");
  line.hidden = !text;
  if (line.textContent !== text) line.textContent = text;
}

/** @param {string} text */
function tell(text) {
  message = text;
  clearTimeout(messageTimer);
  messageTimer = setTimeout(() => {
    message = "";
    showLine();
  }, MESSAGE_MS);
  showLine();
}

/** @param {string} sign */
function flash(sign) {
  const place = part("flash");
  place.textContent = sign;
  place.hidden = false;
  clearTimeout(flashTimer);
  flashTimer = setTimeout(() => (place.hidden = true), FLASH_MS);
}

const query = new URLSearchParams({ room: first.room, theme: first.theme, lang: first.lang });
const socket = new LiveSocket(`/ws/${first.event}/stage?${query}`, {
  onFrame(frame) {
    if (frame.type === "stage") show(frame);
  },
  onState(state) {
    if (state !== "open" && isConnected) lostAt = performance.now();
    isConnected = state === "open";
    showLine();
  },
});
addEventListener("offline", () => {
  lostAt = performance.now();
  isConnected = false;
});
addEventListener("online", () => {
  isConnected = socket.state === "open";
});

const clicker = new Clicker(
  `/stage/${first.event}/press?lang=${encodeURIComponent(first.lang)}`,
  () => ({ room: first.room, poll: view.poll, award: view.award, round: view.round, state: view.award_state || view.phase, blank: view.blank, beside: view.beside, compare: view.compare }),
  {
    flash,
    say: tell,
    notReached: say("stage_not_reached"),
    guarded: (isGuarded) => stage.toggleAttribute("data-fresh", isGuarded),
    help: /** @type {HTMLDialogElement} */ (part("help")),
  },
);

setInterval(() => {
  showClock();
  showLine();
}, 250);
stayAwake();
socket.noteTime(first.frame.server_ms);
show(first.frame);
socket.start();
