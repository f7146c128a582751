// What the explorer shows of a schedule, beside that of before the last change.

import { attribute, fillIn, make, put } from "./live.js";
import { UNIT, isUrgent, servers } from "./explorer_schedule.js";
import { linesOf, once, sum } from "./explorer_measures.js";

/** @typedef {import("./explorer_measures.js").Measured} Measured */
/** @typedef {import("./explorer_measures.js").Point} Point */
/** @typedef {import("./explorer_schedule.js").Outcome} Outcome */
/** @typedef {import("./explorer_schedule.js").Schedule} Schedule */
/** @typedef {import("./explorer_schedule.js").Setting} Setting */
/** @typedef {{ row: number, from: number, to: number }} Bar */

const SHOWN = 40; // requests in the timelines; the numbers are of all
const WIDTH = 1000; // of a chart, in units of its own
const FINE = 10000; // to which a line is drawn, both ways, before it is put into its chart
const HIGH = 60, ROW = 7, WORKER = 10; // pixels of a chart, of a request's row, of a worker's

/**
 * A time in words; null is what never came.
 * @param {number | null} us
 */
export function seconds(us) {
  if (us === null) return "never";
  return us < UNIT ? `${(us / 1000).toFixed(0)} ms` : `${(us / UNIT).toFixed(2)} s`;
}

/**
 * A title, and an SVG with a path for each look.
 * @param {number} height
 * @param {string[]} looks
 */
function chart(height, looks) {
  const paths = new Map(looks.map((look) => [look, make("svg:path", { class: look })]));
  const picture = make("svg:svg", { preserveAspectRatio: "none", "aria-hidden": "true" },
    ...paths.values());
  const caption = make("figcaption");
  const size = (/** @type {number} */ high) => {
    attribute(picture, "viewBox", `0 0 ${WIDTH} ${high}`);
    attribute(picture, "style", `height:${high}px`);
  };
  const draw = (/** @type {string} */ look, /** @type {string} */ d, transform = "") => {
    attribute(paths.get(look), "d", d);
    attribute(paths.get(look), "transform", transform);
  };
  size(height);
  return { figure: make("figure", {}, caption, picture), caption, draw, size };
}

/**
 * Path data of bars in their rows.
 * @param {Bar[]} list
 * @param {number} scale
 * @param {{ row: number, top: number, high: number }} place
 */
function bars(list, scale, { row, top, high }) {
  const across = (/** @type {number} */ time) => (time * scale).toFixed(1);
  return list.map((bar) => `M${across(bar.from)} ${bar.row * row + top}H${across(bar.to)}`
    + `v${high}H${across(bar.from)}z`).join("");
}

/**
 * Where a line turns: what lies on its way is not drawn.
 * @param {Point[]} points
 */
function corners(points) {
  const kept = /** @type {Point[]} */ ([[0, 0]]);
  for (const point of points) {
    while (isOnTheWay(kept.at(-2), kept.at(-1), point)) kept.pop();
    kept.push(point);
  }
  return kept;
}

/**
 * @param {Point | undefined} from
 * @param {Point | undefined} by
 * @param {Point} to
 */
const isOnTheWay = (from, by, to) => from && by
  && (by[1] - from[1]) * (to[0] - by[0]) === (to[1] - by[1]) * (by[0] - from[0]);

/** A line at a size of its own: what is before need not be drawn anew. */
const pathOf = once((/** @type {Point[]} */ points) => {
  const last = points.at(-1)?.[0] ?? 0, most = Math.max(0, ...points.map(([, value]) => value));
  const [wide, high] = [last, most].map((one) => FINE / (one || 1));
  const places = corners(points).map(([time, value]) =>
    `${Math.round(time * wide)} ${Math.round(value * high)}`);
  return { d: `M${places.join("L")}`, wide, high, most };
});

/**
 * A chart of the queue over time, in which two lines have one scale: now, and before.
 * @param {string} title
 * @param {(most: number) => string | number} words
 */
function queueChart(title, words) {
  const { figure, caption, draw } = chart(HIGH, ["before", "line"]);
  const show = (/** @type {Point[]} */ now, /** @type {Point[] | undefined} */ then,
    /** @type {number} */ last) => {
    const line = pathOf(now), before = then && pathOf(then);
    const most = Math.max(line.most, before?.most ?? 0);
    for (const [look, path] of Object.entries({ before, line })) {
      if (path) draw(look, path.d, `matrix(${WIDTH / (last || 1) / path.wide} 0 0 ${
        (4 - HIGH) / (most || 1) / path.high} 0 ${HIGH})`);
    }
    put(caption, `${title} ${words(line.most)}${before ? `, before ${words(before.most)}` : ""}`);
  };
  return { figure, show };
}

/** The age of the oldest in the queue, and below it how many wait. */
export function queueView() {
  const age = queueChart("The oldest in the queue has waited at most", seconds);
  const depth = queueChart("In the queue: at most", (most) => most), axis = axisView();
  const show = (/** @type {Measured} */ made, /** @type {Measured | undefined} */ past) => {
    const now = linesOf(made), then = past && linesOf(past);
    const last = Math.max(...[now, then].map((of) => of?.depth.at(-1)?.[0] ?? 0));
    age.show(now.age, then?.age, last);
    depth.show(now.depth, then?.depth, last);
    axis.show(last);
  };
  return { parts: [age.figure, depth.figure, axis.part], show };
}

/** The numbers below a chart. */
function axisView() {
  const marks = [0, 1, 2].map(() => make("span"));
  const show = (/** @type {number} */ end) => marks.forEach((mark, n) =>
    put(mark, `${((end * n) / 2 / UNIT).toFixed(1)} s`));
  return { part: make("div", { class: "axis", "aria-hidden": "true" }, ...marks), show };
}

/**
 * The first requests, and what was done for them.
 * @param {Schedule} made
 */
function firstOf({ outcomes, works }) {
  const shown = outcomes.slice(0, SHOWN), own = works.filter(({ request }) => request < SHOWN);
  const begun = new Map([...own].reverse().map((work) => [work.request, work]));
  const end = Math.max(...own.map((work) => work.end),
    ...shown.map(({ accept, arrival }) => Math.max(accept ?? 0, arrival)));
  return { shown, own, begun, end };
}

/** The first requests and the workers, a row each. */
export function timelinesView() {
  const people = chart(SHOWN * ROW, ["wait", "held", "work"]), crew = chart(0, ["work"]);
  const axis = axisView();
  put(people.caption, `The first ${SHOWN} requests, one row each`);
  const show = (/** @type {Schedule} */ made, /** @type {Setting} */ setting) => {
    const { shown, own, begun, end } = firstOf(made), scale = WIDTH / end;
    const rows = (/** @type {(outcome: Outcome, n: number) => number | null} */ until) =>
      shown.map((outcome, row) =>
        ({ row, from: outcome.arrival, to: until(outcome, row) ?? outcome.arrival }));
    const high = { row: ROW, top: 0.5, high: ROW - 1 };
    people.draw("wait", bars(rows((one, n) => begun.get(n)?.start ?? one.accept), scale,
      { row: ROW, top: 2.5, high: 2 }));
    people.draw("held", bars(rows(({ accept, know }) => accept ?? know), scale, high));
    people.draw("work", bars(own.map(({ request, start, end: to }) =>
      ({ row: request, from: start, to })), scale, high));
    const work = made.works.filter(({ start }) => start < end)
      .map((one) => ({ row: one.worker, from: one.start, to: Math.min(one.end, end) }));
    crew.size(WORKER * servers(setting));
    crew.draw("work", bars(work, scale, { row: WORKER, top: 1, high: 8 }));
    const share = sum(work.map(({ from, to }) => to - from)) / end / servers(setting);
    put(crew.caption, `Workers, one row each: ${(100 * share).toFixed(0)} % busy`);
    axis.show(end);
  };
  return { parts: [people.figure, crew.figure, axis.part], show };
}

/** What the looks mean. */
export function legend() {
  const looks = { line: "now", before: "before the last change", held: "the caller waits",
    wait: "in line", work: "being worked on" };
  return make("p", {}, ...Object.entries(looks).map(([look, words]) =>
    make("span", {}, make("i", { class: look }), words)));
}

/** The first requests as a table, to unfold. */
export function tableView() {
  const table = make("table"), part = make("details", {},
    make("summary", {}, "The same as a table"), make("div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": "The requests as a table" },
      table));
  const show = (/** @type {Schedule} */ made, /** @type {Schedule | undefined} */ past,
    /** @type {Setting} */ { order }) => {
    if (!part.open) return;
    const { shown, begun } = firstOf(made);
    fillIn(table, [["request", "came", "accepted", "worker", "begun", "done", "done before",
      "known", "copies"],
    ...shown.map((outcome, n) => [
      order === "priority" && isUrgent(n) ? `${n + 1}, urgent` : n + 1,
      seconds(outcome.arrival), seconds(outcome.accept),
      (begun.get(n)?.worker ?? NaN) + 1 || "none", seconds(begun.get(n)?.start ?? null),
      seconds(outcome.complete),
      past ? seconds(past.outcomes[n].complete) : "–", seconds(outcome.know), outcome.copies])]);
  };
  return { part, show };
}
