// What a film looks like at a position. Each part is made once, and `show` moves it to a position.

import { thin } from "./axis.js";
import { button, make } from "./live.js";
import { JUMP, LOOP, boxOf, grouped, positionOf, waitWords } from "./film_state.js";

/** @typedef {import("./film_state.js").Film} Film */
/** @typedef {import("./film_state.js").Now} Now */
/** @typedef {import("./film_state.js").Step} Step */
/** @typedef {ReturnType<typeof positionOn>} Position */
/** @typedef {ReturnType<typeof shapes>} Shapes */
/** @typedef {(k: number) => void} Go to a position */

const BARS = ["working", "waiting", "ready, the loop is busy", "blocked"]; // kinds in trace.py
const ROW = 20; // pixels of a row in the timeline
const FEW = 10, FEW_GROUPS = 5; // chips in the ready queue, rows in a box
const FEW_IN_ROW = 4, FEW_ON_LINE = 3; // chips in a row of a box, and on a line
const soft = (/** @type {string} */ words) => make("span", { class: "soft" }, words);
const more = (/** @type {number} */ count) => `and ${count} more`;

/**
 * The first parts, and how many others there are.
 * @param {Node[]} parts
 * @param {number} most
 * @param {(count: number) => string} rest
 */
const few = (parts, most, rest) => parts.length <= most ? parts
  : [...parts.slice(0, most), soft(rest(parts.length - most))];

/**
 * All that the parts need to know of position `k` at the time `at`, which may lie behind it.
 * @param {Film} film
 * @param {number} k
 * @param {number} at
 */
export function positionOn(film, k, at) {
  const now = film.after[k], isBetween = at > now.clock;
  /** @type {Step} */
  const none = { kind: LOOP, who: 0, start: at, end: at, tale: "", turn: -1, waits: {} };
  const step = isBetween || !k ? none : film.steps[k - 1];
  const active = step.kind === JUMP ? 0 : step.who;
  return { k, at, now, isBetween, step, active, before: film.after[Math.max(0, k - 1)],
    blocks: step.kind !== JUMP && step.end > step.start, hasEnded: active in step.waits };
}

/**
 * A chip with the name of who can have a turn.
 * @param {Film} film
 * @param {number} who
 * @param {string} kind
 */
function chip(film, who, kind) {
  return make("span", { class: `chip ${kind} ${film.cast[who].kind}` }, film.cast[who].name);
}

/**
 * How the chip of a task looks at a position.
 * @param {number} who
 * @param {Position} place
 */
function looks(who, { now, active, hasEnded, blocks }) {
  if (who === active && !hasEnded) return blocks ? "held" : "running";
  const where = boxOf(now, who);
  return where === "timers" ? "waiting" : where;
}

/**
 * The program: a row a line, with those who stand there.
 * @param {Film} film
 */
export function programView(film) {
  const rows = new Map();
  const part = make("div", { class: "code", role: "group", tabindex: 0,
    "aria-label": "The program" });
  film.sources.forEach(({ name, first, lines }, source) => {
    if (film.sources.length > 1) part.append(make("p", { class: "title" }, name));
    lines.forEach((words, n) => {
      const row = make("div", {}, make("span", { class: "nr" }, String(first + n)),
        make("code", {}, ...painted(words)), make("span", { class: "who" }));
      rows.set(`${source} ${first + n}`, row);
      part.append(row);
    });
  });
  const rowOf = (/** @type {any} */ { source, line } = {}) => rows.get(`${source} ${line}`);
  const show = (/** @type {Position} */ place) => stand(film, part, rows, rowOf, place);
  return { part, show };
}

/**
 * A line of Python whose `async`, `await` and comment stand out.
 * @param {string} words
 */
function painted(words) {
  const parts = words.split(/(\b(?:async|await)\b|#.*)/);
  return parts.map((part, n) => n % 2 ? make(part[0] === "#" ? "i" : "b", {}, part) : part);
}

/**
 * Put everybody on the line where they stand, and light the line that runs.
 * @param {Film} film
 * @param {HTMLElement} part
 * @param {Map<string, any>} rows
 * @param {(at?: any) => any} rowOf
 * @param {Position} place
 */
function stand(film, part, rows, rowOf, place) {
  const { now, active, step, blocks } = place;
  for (const row of rows.values()) {
    row.classList.remove("now", "held");
    row.lastChild.replaceChildren();
  }
  const standing = now.alive.filter((who) => who === active || !now.waits[who]?.over);
  const rowFor = (/** @type {number} */ who) => rowOf(who === active ? step : now.waits[who]);
  for (const [row, those] of grouped(standing, rowFor)) {
    row?.lastChild.append(...few(those.map((who) => chip(film, who, looks(who, place))),
      FEW_ON_LINE, (count) => `+${count}`));
  }
  const lit = active ? rowOf(step) : null;
  if (!lit) return;
  lit.classList.add(blocks ? "held" : "now");
  part.scrollTop = lit.offsetTop - part.clientHeight / 2;
}

/**
 * A box with a title; as high as it will ever be, up to a few rows, so that nothing jumps.
 * @param {string} title
 * @param {string} hint
 * @param {number} rows
 */
function box(title, hint, rows) {
  const body = make("div", { style: `min-height:${24 * Math.max(1, Math.min(3, rows))}px` });
  const part = make("section", {}, make("p", { class: "title" }, `${title} `, soft(hint)), body);
  const fill = (/** @type {Node[]} */ parts) =>
    body.replaceChildren(...(parts.length ? parts : [soft("nobody")]));
  return { part, fill };
}

/**
 * Rows of a box: equal words once, with those to whom they apply.
 * @param {Film} film
 * @param {number[]} tasks
 * @param {(who: number) => string} wordsOf
 * @param {(who: number) => string} kind
 */
function wordRows(film, tasks, wordsOf, kind) {
  const rows = grouped(tasks, wordsOf).map(([words, those]) => make("p", {},
    ...few(those.map((who) => chip(film, who, kind(who))), FEW_IN_ROW, more), words));
  return few(rows, FEW_GROUPS, more);
}

/**
 * Where each task is: running, ready, waiting for a timer or for others, or over.
 * @param {Film} film
 */
export function boxesView(film) {
  const most = (/** @type {(now: Now) => number} */ count) =>
    Math.max(0, ...film.after.map(count));
  const running = box("Running", "at most one at a time", 1);
  const ready = box("Ready queue", "the loop takes the first", 1);
  const timers = box("Timers", "the next to ring first", most((now) => now.timers.length));
  const waiting = box("Waiting for others", "", most((now) =>
    Object.values(now.waits).filter((wait) => !wait.over).length - now.timers.length));
  const over = box("Over", "", 1);
  const parts = [running, ready, timers, waiting, over];
  const show = (/** @type {Position} */ place) => {
    const { now, before } = place, ringing = before.timers.map(([, who]) => who);
    const inBox = (/** @type {string} */ name) =>
      now.alive.filter((who) => boxOf(now, who) === name);
    /** @type {(who: number, all: number[], kind: string) => Node} */
    const fresh = (who, all, kind) => chip(film, who, all.includes(who) ? kind : `${kind} new`);
    running.fill(runningNow(film, place));
    ready.fill(few(now.ready.map((who) => fresh(who, before.ready, "ready")), FEW, more));
    timers.fill(few(grouped(now.timers, ([due]) => due).map(([due, those]) =>
      make("p", {}, make("strong", {}, timeOn(film, due)), ...few(those.map(([, who]) =>
        fresh(who, ringing, "waiting")), FEW_IN_ROW, more))),
    FEW_GROUPS, more));
    waiting.fill(wordRows(film, inBox("waiting"), (who) => waitWords(film, now, who),
      (who) => who in place.step.waits ? "waiting new" : "waiting"));
    over.fill(wordRows(film, inBox("over"), (who) => waitWords(film, now, who), () => "over"));
  };
  return { parts: parts.map(({ part }) => part), show };
}

/**
 * Who runs, with its variables; or why nobody does.
 * @param {Film} film
 * @param {Position} place
 */
function runningNow(film, { k, now, active, blocks, hasEnded, step }) {
  if (active && !hasEnded) {
    return [chip(film, active, blocks ? "held" : "running"),
      make("code", {}, now.values[active] ?? "")];
  }
  if (!hasEnded) return [soft(k ? "nobody: the loop sleeps until a timer rings" : "nobody yet")];
  const end = step.waits[active].over ? "is over" : "has given its turn back";
  return [soft(`${film.cast[active].name} ${end}`)];
}

/**
 * Queues with their places, locks with their holders.
 * @param {Film} film
 */
export function thingsView(film) {
  const part = box("Queues and locks", "", film.things.length);
  const show = (/** @type {Position} */ { now }) => part.fill(now.states.map((state, n) => {
    const { words, places = 0, items } = state;
    const free = Array.from({ length: Math.max(0, Math.min(places, 9) - items.length) },
      () => "\u00a0");
    const { name, kind } = film.things[n];
    return make("p", {}, make("strong", {}, name), soft(kind), words, make("span", {},
      ...[...items, ...free].map((item, m) =>
        make("span", { class: m < items.length ? "place" : "place free" }, item))));
  }));
  return { part: part.part, show };
}

/**
 * A time in words.
 * @param {Film} film
 * @param {number} at
 */
export const timeOn = ({ axis }, at) => `${+(at * axis.unit).toFixed(3)} ${axis.scale}`;

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

/**
 * The turns of the moment, one after the other, to click.
 * @param {Film} film
 * @param {Go} go
 */
export function turnsView(film, go) {
  const part = make("div", { class: "turns" });
  const show = (/** @type {Position} */ { at, k, step }) => {
    const moment = film.turns.filter(({ kind, start, end }) =>
      kind !== JUMP && start <= at && at <= end);
    const mine = moment.findIndex(({ first }) => first === step.turn);
    const from = Math.max(0, Math.min(mine - 5, moment.length - FEW));
    const buttons = moment.slice(from, from + FEW).map(({ who, first }, n) => {
      const how = n + from === mine ? "running" : first < k ? "over" : "";
      return button(film.cast[who].name, () => go(first + 1), `chip ${film.cast[who].kind} ${how}`);
    });
    const left = moment.length - from - buttons.length;
    part.replaceChildren(
      moment.length ? `Turns at ${timeOn(film, at)}, one after the other:` : "\u00a0", ...buttons,
      ...(left > 0 ? [soft(more(left))] : []));
  };
  return { part, show };
}

/**
 * What the colours mean, and the keys.
 * @param {Film} film
 */
export function legend(film) {
  const key = (/** @type {string} */ words) => make("kbd", {}, words);
  const kinds = [...new Set(film.bars.map(({ kind }) => kind))].sort();
  const entries = kinds.map((kind) => make("span", {}, make("svg:svg", {},
    make("svg:rect", { class: `k${kind}`, x: 1, y: 1, width: 22, height: 10 })), ` ${BARS[kind]}`));
  return make("p", { class: "legend" }, ...entries, make("span", { class: "soft" },
    key("←"), key("→"), " step, with ", key("Shift"), " a turn; ", key("Page Up"),
    key("Page Down"), " a moment. Click or drag in the timeline."));
}
