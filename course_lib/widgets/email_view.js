// What the e-mail scene looks like at a moment. Each part is made once, and moved there.

import { thin } from "./axis.js";
import { attribute, fillIn, make, put } from "./live.js";
import {
  CLOCKS, OUT_OF_ORDER, WAYS, clockWords, compared, stateAt, verdict,
} from "./email_state.js";
import {
  CROSS, HIDDEN, KINDS, TICK, TICKS, badge, panel, path, seen, shape,
} from "./email_stage.js";

/** @typedef {import("./email_state.js").Fate} Fate */
/** @typedef {import("./email_state.js").Side} Side */
/** @typedef {import("./email_state.js").Span} Span */
/** @typedef {import("./email_state.js").State} State */

/**
 * A sign of the timeline, from its moment on.
 * @param {(time: number) => string} percent
 * @param {number} at
 * @param {string} d
 */
function signAt(percent, at, d) {
  const part = shape("svg", "", { x: percent(at), y: 8 }, badge(7, 0, path("", d)));
  return { part, move: (/** @type {number} */ now) => seen(part, at <= now) };
}

/**
 * A bar of the timeline, which grows with the time.
 * @param {(time: number) => string} percent
 * @param {Span} span
 */
function bar(percent, { kind, start, end }) {
  const height = kind === OUT_OF_ORDER ? 4 : 12;
  const part = shape("rect", KINDS[kind], { x: percent(start), y: 8 - height / 2, height });
  const move = (/** @type {number} */ now) =>
    attribute(part, "width", percent(Math.max(0, Math.min(now, end) - start)));
  return { part, move };
}

/**
 * When a user is told what: the time and the sign of it.
 * @param {Fate} fate
 * @returns {[number, string][]}
 */
function news({ asked, accept, know, failed }) {
  const answers = /** @type {[number, string][]} */ ([
    [accept === know ? NaN : asked + accept, TICK], [asked + know, failed ? CROSS : TICKS]]);
  return answers.filter(([at]) => !isNaN(at));
}

/**
 * The timeline of one side: a row a lane, times in per cent of `end`.
 * @param {Side} side
 * @param {number} end
 */
function timeline(side, end) {
  const percent = (/** @type {number} */ time) => `${((100 * time) / end).toFixed(2)}%`;
  const lanes = side.lanes.map((lane, n) => {
    const crashes = side.crashes.filter((crash) => crash.lane === n);
    const told = lane.startsWith("user") ? news(side.fates[n]) : [];
    return { lane, moving: [
      ...side.spans.filter((span) => span.lane === n).map((span) => bar(percent, span)),
      ...crashes.map(({ at }) => signAt(percent, at, CROSS)),
      ...told.map(([at, d]) => signAt(percent, at, d))] };
  });
  const rows = lanes.filter(({ lane }) => lane !== "queue").flatMap(({ lane, moving }) =>
    [make("span", {}, lane), make("svg:svg", {}, ...moving.map(({ part }) => part))]);
  const move = (/** @type {number} */ now) =>
    lanes.forEach(({ moving }) => moving.forEach((one) => one.move(now)));
  return { rows: [make("b", {}, side.way), ...rows], move };
}

/**
 * The seconds below the timelines, with a line up from each, and the line that says: now.
 * @param {number} step
 * @param {number} end
 */
function axis(step, end) {
  const at = (/** @type {number} */ time) => `left:${(100 * time) / end}%`;
  const now = make("i", { class: "now" });
  const ticks = Array.from({ length: Math.floor(end / step) + 1 },
    (_, n) => make("i", { style: at(n * step) }, `${(n * step) / 1000} s`));
  const part = make("div", { class: "axis" }, ...ticks, now);
  thin(part, ticks);
  return { part,
    move: (/** @type {number} */ time) => attribute(now, "style", at(Math.max(0, time))) };
}

/** The three clocks of both ways, and what became of the mails, as tables. */
function tables() {
  const clocks = make("table"), counts = make("table");
  const heads = WAYS.map((way) => way.replace("chro", "\u00adchro\u00ad")); // where they may part
  const show = (/** @type {State[]} */ [left, right]) => {
    fillIn(clocks, [["mean time until", ...heads, "which is"], ...CLOCKS.map((name, n) =>
      [name, clockWords(left.clocks[n]), clockWords(right.clocks[n]),
        compared(left.clocks[n], right.clocks[n])])]);
    fillIn(counts, [["e-mails", ...heads], ...Object.keys(left.counts).map((name) =>
      [name, left.counts[name], right.counts[name]])]);
  };
  const part = make("div", { class: "tables", tabindex: 0, role: "group",
    "aria-label": "The numbers" }, clocks, counts); // they may be wider than the page
  return { part, show };
}

/** What the colours and signs mean. */
function legend() {
  const entry = (/** @type {string} */ name, /** @type {Element} */ mark) =>
    make("span", {}, make("svg:svg", {}, mark), name);
  const sample = (/** @type {string} */ kind, height = 12) =>
    shape("rect", kind, { y: 8 - height / 2, width: 24, height });
  const mark = (/** @type {string} */ d) => badge(16, 8, path("", d));
  return make("p", { class: "legend", ...HIDDEN }, entry("working", sample("working")),
    entry("waiting", sample("waiting")), entry("out of order", sample("away", 4)),
    entry("accepted", mark(TICK)), entry("knows that it is sent", mark(TICKS)),
    entry("crash or failure", mark(CROSS)));
}

/** The whole picture: `build` makes it for two runs, `show` takes it to a time. */
export function sceneView() {
  const panels = make("div", { class: "panels" }), ratio = make("p", { class: "ratio" });
  const lines = make("div", { class: "lines", ...HIDDEN }), numbers = tables();
  let sides = /** @type {Side[]} */ ([]);
  let parts = /** @type {ReturnType<typeof panel>[]} */ ([]);
  let moving = /** @type {((time: number) => void)[]} */ ([]);
  const build = (/** @type {Side[]} */ made, /** @type {number} */ tick,
    /** @type {number} */ count) => {
    sides = made;
    const end = Math.max(...sides.map((side) => side.end)), ruler = axis(tick, end);
    const times = sides.map((side) => timeline(side, end));
    parts = sides.map((side) => panel(side, count));
    moving = [...times, ruler].map(({ move }) => move);
    panels.replaceChildren(...parts.map(({ part }) => part));
    lines.replaceChildren(...times.flatMap(({ rows }) => rows), ruler.part);
  };
  const show = (/** @type {number} */ time) => {
    if (!sides.length) return; // nothing could be made
    const states = sides.map((side) => stateAt(side, time));
    parts.forEach((part, n) => part.move(states[n], time));
    moving.forEach((move) => move(time));
    numbers.show(states);
    put(ratio, verdict(sides, time));
  };
  const said = () => [...parts.flatMap((part) => part.said()), ratio.textContent]
    .filter(Boolean).join(". ");
  return { parts: [panels, ratio, numbers.part, lines, legend()], build, show, said };
}
