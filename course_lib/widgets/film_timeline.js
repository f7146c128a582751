// The timeline of a film: bars, turns, marks and arrows, which grow with the time.

import { thin } from "./axis.js";
import { make } from "./live.js";
import { LOOP, positionOf } from "./film_state.js";

/** @typedef {import("./film_state.js").Film} Film */
/** @typedef {import("./film_view.js").Position} Position */
/** @typedef {import("./film_view.js").Go} Go */
/** @typedef {ReturnType<typeof shapes>} Shapes */

const ROW = 20; // pixels of a row

/**
 * Shapes of the timeline. `grow` changes one while the time, or the position, goes from `from` to
 * `to`; of thousands of them a step touches a few.
 */
function shapes() {
  /** @type {{ by: "at" | "k", from: number, to: number, grow: (value: number) => void }[]} */
  const all = [];
  let was = { at: NaN, k: NaN };
  /**
   * @param {string} name
   * @param {Record<string, unknown>} attributes
   * @param {string} words
   * @param {["at" | "k", number, number]} when
   * @param {(made: SVGElement, value: number) => void} grow
   * @returns {SVGElement}
   */
  const shape = (name, attributes, words, [by, from, to], grow) => {
    const made = make(`svg:${name}`, attributes, ...(words ? [make("svg:title", {}, words)] : []));
    all.push({ by, from, to, grow: (/** @type {number} */ value) => grow(made, value) });
    return made;
  };
  const show = (/** @type {Position} */ place) => {
    for (const { by, from, to, grow } of all) {
      const now = place[by], then = was[by];
      const isSame = (now < from && then < from) || (now >= to && then >= to);
      if (!isSame) grow(now);
    }
    was = { at: place.at, k: place.k };
  };
  return { shape, show };
}

/**
 * @param {SVGElement} made
 * @param {boolean} yes
 */
const seen = (made, yes) => { made.style.display = yes ? "" : "none"; };

/**
 * One lane of the timeline: its bars, the turns that its task had, its marks.
 * @param {Film} film
 * @param {string} name
 * @param {number} n
 * @param {number} height
 * @param {(at: number) => string} percent
 * @param {Shapes} growing
 * @param {Go} go
 */
function lane(film, name, n, height, percent, { shape }, go) {
  const bars = film.bars.filter((bar) => bar.lane === n).map((bar) => {
    const place = { x: percent(bar.start), y: ROW * bar.row + 3, height: ROW - 6 };
    const made = shape("rect", { class: `k${bar.kind}`, ...place },
      `${name}: ${film.texts[bar.text]}`, ["at", bar.start, bar.end], (one, at) =>
        one.setAttribute("width", percent(Math.max(0, Math.min(at, bar.end) - bar.start))));
    made.addEventListener("click", () => go(positionOf(film, bar)));
    return made;
  });
  const turns = film.turns.filter(({ who, kind }) => kind < LOOP && film.cast[who].name === name)
    .map(({ start, first }) => shape("rect",
      { class: "ran", x: percent(start), y: 1, width: 3, height: ROW - 2 }, "",
      ["k", first + 1, first + 1], (one, k) => seen(one, first < k)));
  const marks = film.marks.filter((mark) => mark.lane === n).map(({ at: when, text }) =>
    shape("circle", { cx: percent(when), cy: ROW / 2, r: 4 }, film.texts[text],
      ["at", when, when], (one, at) => seen(one, when <= at)));
  return make("div", { class: "lane" }, make("span", {}, name),
    make("svg:svg", { height }, ...bars, ...turns, ...marks));
}

/**
 * The timeline, which grows with the time.
 * @param {Film} film
 * @param {Go} go
 */
export function timelineView(film, go) {
  const end = film.axis.end || 1;
  const percent = (/** @type {number} */ at) => `${((100 * at) / end).toFixed(3)}%`;
  const growing = shapes(), { shape } = growing;
  const heights = film.lanes.map((_, n) =>
    ROW * (1 + Math.max(0, ...film.bars.filter((bar) => bar.lane === n).map(({ row }) => row))));
  const middle = (/** @type {number} */ n) =>
    heights.slice(0, n).reduce((sum, one) => sum + one, ROW / 2);
  const rows = film.lanes.map((name, n) =>
    lane(film, name, n, heights[n], percent, growing, go));
  const arrows = film.arrows.flatMap(({ source, target, sent, received, text }) => [
    shape("line", { x1: percent(sent), y1: middle(source), x2: percent(received),
      y2: middle(target) }, film.texts[text], ["at", sent, sent],
    (one, at) => seen(one, sent <= at)),
    shape("circle", { cx: percent(received), cy: middle(target), r: 3 }, "",
      ["at", received, received], (one, at) => seen(one, received <= at))]);
  const cursor = make("i", { class: "at" });
  const left = (/** @type {number} */ at) => `left:${percent(at)}`;
  const lines = film.axis.ticks.map(([at]) => make("i", { style: left(at) }));
  const over = make("div", { class: "over-lanes" },
    ...lines, make("svg:svg", { class: "arrows" }, ...arrows), cursor);
  const numbers = film.axis.ticks.map(([at, words]) =>
    make("i", { style: left(at) }, `${words} ${film.axis.scale}`));
  const axis = make("div", {}, ...numbers);
  thin(axis, numbers);
  const part = make("div", { class: "time", "aria-hidden": "true" },
    make("div", {}, ...rows, over, make("div", { class: "axis" }, axis)));
  const show = (/** @type {Position} */ place) => {
    growing.show(place);
    rows.forEach((row, n) => row.classList.toggle("on",
      place.active > 0 && film.cast[place.active].name === film.lanes[n]));
    cursor.style.left = percent(place.at);
  };
  return { part, over, show, end };
}
