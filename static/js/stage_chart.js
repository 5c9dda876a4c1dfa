// @ts-check
/**
 * The chart: a Plotly figure drawn for a field of so many pixels, fitted into whatever room there is.
 *
 * A figure that comes while another is being painted replaces any that waits: what is shown is always
 * the newest there was. Places of a race swap at most once a second while voting is open.
 */

import { isStill, roll } from "./stage_roll.js";

const SWAP_MS = 1000;
const MOST_STRETCH = 1.45;
const LATE_MS = 120; // how long after its due end a movement is given up
const RUSH_MS = 500; // figures that follow each other faster than this
const HASTE_MS = 120; // move so fast that the newest is never far behind

/** @typedef {{data: any[], layout: any, config: any}} Figure */

/** @type {any} */
const plotly = () => /** @type {any} */ (globalThis).Plotly;

/** @param {Figure} figure the options as they stand below each other */
function order(figure) {
  return figure.data
    .filter((trace) => trace.type === "bar")
    .map((trace) => trace.ids.join(" "))
    .join("|");
}

/**
 * A bar without any length has no shape that could grow into one, so that none is shorter than this
 * share of its axis; nobody sees it.
 */
const LEAST = 0.0001;

/** The figure's traces with every bar long enough to grow from. @param {Figure} figure */
function growable(figure) {
  return figure.data.map((trace) => {
    if (trace.type !== "bar") return trace;
    const [along, axis] = trace.orientation === "h" ? ["x", trace.xaxis] : ["y", trace.yaxis];
    // Mirrored bars have their zero on the right, so that either end of the range may be the far one.
    const range = figure.layout[`${axis[0]}axis${axis.slice(1)}`]?.range ?? [0, 100];
    return { ...trace, [along]: trace[along].map((/** @type {number} */ length) => Math.max(length, Math.max(...range) * LEAST)) };
  });
}

/** The same figure with bars of no length, from which they grow. @param {Figure} figure @returns {Figure} */
function flat(figure) {
  const axes = new Set(
    figure.data
      .filter((trace) => trace.type === "bar")
      .map((trace) => (trace.orientation === "h" ? trace.xaxis : trace.yaxis)),
  );
  const data = figure.data.map((trace) => {
    const along = axes.has(trace.xaxis) ? "x" : axes.has(trace.yaxis) ? "y" : "";
    return along ? { ...trace, [along]: trace[along].map(() => 0) } : trace;
  });
  return { ...figure, data };
}

/** Whether Plotly can move from one figure to the other. @param {Figure} one @param {Figure} other */
function isAlike(one, other) {
  const kinds = (/** @type {Figure} */ figure) => figure.data.map((trace) => `${trace.type}${trace.mode}`);
  return kinds(one).join() === kinds(other).join() && one.layout.uirevision === other.layout.uirevision;
}

export class Chart {
  /**
   * @param {HTMLElement} plot what Plotly draws into
   * @param {HTMLElement} box the room there is
   */
  constructor(plot, box) {
    this.plot = plot;
    this.box = box;
    /** @type {Figure | null} */
    this.shown = null;
    /** @type {{figure: Figure, isOpen: boolean, done: () => void} | null} */
    this.waiting = null;
    this.isBusy = false;
    this.swapped = 0;
    this.timer = 0;
    this.paintedAt = -RUSH_MS;
    new ResizeObserver(() => this.refit()).observe(box);
  }

  /**
   * Show a figure; `done` is called once it is on the screen, and never for one that was overtaken.
   * @param {Figure} figure
   * @param {boolean} isOpen whether voting is open
   * @param {() => void} done
   */
  show(figure, isOpen, done) {
    this.waiting = { figure, isOpen, done };
    void this.work();
  }

  /** Forget what is shown; the next figure starts anew. */
  clear() {
    this.waiting = null;
    clearTimeout(this.timer);
    this.shown = null;
  }

  async work() {
    if (this.isBusy || !this.waiting || !plotly()) return;
    const { figure, isOpen, done } = this.waiting;
    const shown = this.shown;
    const isSwap = shown !== null && isAlike(shown, figure) && order(shown) !== order(figure);
    const early = isOpen && isSwap ? this.swapped + SWAP_MS - performance.now() : 0;
    if (early > 0) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.work(), early);
      return;
    }
    this.waiting = null;
    this.isBusy = true;
    if (isSwap) this.swapped = performance.now();
    try {
      await this.paint(figure);
      await new Promise((resolve) => requestAnimationFrame(resolve));
      done();
    } catch (error) {
      console.error(error);
      this.shown = null;
    } finally {
      this.isBusy = false;
    }
    void this.work();
  }

  /** @param {Figure} figure */
  async paint(figure) {
    const shown = this.shown;
    const moves = !isStill() && !document.hidden;
    if (shown === null || !isAlike(shown, figure)) {
      // Bars grow from nothing when a result appears; where only the form changed it is a cut.
      const grows = moves && shown === null;
      await this.draw(grows ? flat(figure) : figure, 0);
      this.shown = figure;
      if (!grows) return;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      await this.draw(figure, figure.layout.transition?.duration ?? 0);
      return;
    }
    const before = this.texts(shown);
    const isRush = performance.now() - this.paintedAt < RUSH_MS && order(shown) === order(figure);
    const calm = figure.layout.transition?.duration ?? 0;
    this.shown = figure;
    this.paintedAt = performance.now();
    const painted = this.draw(figure, moves ? (isRush ? Math.min(HASTE_MS, calm) : calm) : 0);
    if (moves) this.rollTexts(before);
    await painted;
  }

  /** @param {Figure} figure @param {number} duration in ms */
  async draw(figure, duration) {
    const { layout, config } = this.fitted(figure);
    const still = { ...layout };
    delete still.transition;
    delete still.datarevision; // the flat figure has other data under the same revision
    const moving = duration > 0 ? { ...still, transition: { ...layout.transition, duration } } : still;
    const isMoving = duration > 0;
    const drawn = plotly().react(this.plot, growable(figure), isMoving ? moving : still, config);
    // A movement that is overtaken may never report its end.
    const end = new Promise((resolve) => setTimeout(resolve, duration + LATE_MS));
    await (isMoving ? Promise.race([drawn, end]) : drawn);
  }

  /** The figure's layout for the room there is. @param {Figure} figure */
  fitted(figure) {
    const { width, height } = figure.layout.meta;
    const room = this.box.getBoundingClientRect();
    const scale = Math.min(room.width / width, room.height / height) || 1;
    const tall = Math.min(room.height / scale, height * MOST_STRETCH);
    const wide = room.width / scale;
    this.plot.style.setProperty("transform", `scale(${scale})`);
    return {
      layout: { ...figure.layout, width: Math.min(wide, width * 1.02), height: tall, autosize: false },
      config: { ...figure.config, responsive: false },
    };
  }

  refit() {
    if (this.shown && !this.isBusy) void this.draw(this.shown, 0);
  }

  /** @param {Figure} figure the numbers in its texts, by trace and id */
  texts(figure) {
    /** @type {Map<string, string>} */
    const found = new Map();
    figure.data.forEach((trace, index) => {
      if (trace.mode !== "text") return;
      trace.ids.forEach((/** @type {string} */ id, /** @type {number} */ at) => {
        found.set(`${index} ${id}`, trace.text[at]);
      });
    });
    return found;
  }

  /** @param {Map<string, string>} before */
  rollTexts(before) {
    requestAnimationFrame(() => {
      for (const group of this.plot.querySelectorAll(".scatterlayer .trace")) {
        const index = /** @type {any} */ (group).__data__?.[0]?.trace?.index;
        for (const element of group.querySelectorAll(".textpoint text")) {
          const id = /** @type {any} */ (element).__data__?.id;
          const old = before.get(`${index} ${id}`);
          const node = element.firstChild;
          if (old === undefined || node?.nodeType !== Node.TEXT_NODE) continue;
          const now = node.textContent ?? "";
          if (old !== now && /\d/.test(now)) roll(node, old, now);
        }
      }
    });
  }
}
