// What a film looks like at a position. Each part is made once, and `show` moves it to a position.

import { button, make } from "./live.js";
import { JUMP, LOOP, boxOf, grouped, waitWords } from "./film_state.js";

/** @typedef {import("./film_state.js").Film} Film */
/** @typedef {import("./film_state.js").Now} Now */
/** @typedef {import("./film_state.js").Step} Step */
/** @typedef {ReturnType<typeof positionOn>} Position */
/** @typedef {(k: number) => void} Go to a position */

const BARS = ["working", "waiting", "ready, the loop is busy", "blocked"]; // kinds in trace.py
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
