// What a film holds: who stands where after each step. Nothing here knows of a page.

import { named } from "./rows.js";

export const LOOP = 2, JUMP = 3; // kinds of a step in camera/film.py: below them are lines
const MOST_NAMES = 6; // in a sentence, as in camera/words.py

/**
 * Times are whole numbers of the film's unit. Who has a turn is a place in the cast, a text one in
 * `texts`, a thing one in `things`; -1 is none.
 * @typedef {object} Wait
 * @property {number} who
 * @property {number} source
 * @property {number} line
 * @property {number} over 1 if the task has ended
 * @property {string} words
 * @property {number} thing the lock that it waits for
 * @property {number[]} others whom it waits for
 */
/**
 * @typedef {object} Step
 * @property {number} kind
 * @property {number} who
 * @property {number} [source]
 * @property {number} [line]
 * @property {number} start
 * @property {number} end
 * @property {string} tale
 * @property {number} turn the first step of its turn
 * @property {Record<number, Wait>} waits of the tasks whose turn ended in it
 */
/** @typedef {{ words: string, holder: number, places?: number, items: string[] }} ThingState */
/**
 * What there is at a position.
 * @typedef {object} Now
 * @property {number[]} ready
 * @property {[number, number][]} timers when each rings, and for whom
 * @property {ThingState[]} states
 * @property {Record<number, string>} values
 * @property {Record<number, Wait>} waits
 * @property {number[]} alive
 * @property {number} clock
 * @property {string} out
 */
/**
 * @typedef {object} Turn
 * @property {number} who
 * @property {number} kind
 * @property {number} first its steps, from and to
 * @property {number} last
 * @property {number} start
 * @property {number} end
 */
/**
 * @typedef {object} Bar
 * @property {number} lane
 * @property {number} row
 * @property {number} kind
 * @property {number} start
 * @property {number} end
 * @property {number} text
 */
/**
 * @typedef {object} Arrow
 * @property {number} source
 * @property {number} target
 * @property {number} sent
 * @property {number} received
 * @property {number} text
 */
/**
 * @typedef {object} Film
 * @property {{ name: string, kind: string }[]} cast
 * @property {{ name: string, kind: string }[]} things
 * @property {{ name: string, first: number, lines: string[] }[]} sources
 * @property {{ end: number, unit: number, scale: string, ticks: [number, string][] }} axis
 * @property {Step[]} steps
 * @property {Now[]} after
 * @property {Turn[]} turns
 * @property {string[]} lanes
 * @property {Bar[]} bars
 * @property {{ lane: number, at: number, text: number }[]} marks
 * @property {Arrow[]} arrows
 * @property {string} problem
 * @property {string[]} notes
 * @property {string[]} texts
 */

/**
 * The rows of each step: a function that gives those of a step, asked in order.
 * @param {Record<string, any>[]} rows
 */
function inOrder(rows) {
  let to = 0;
  return (/** @type {number} */ step) => {
    const from = to;
    while (to < rows.length && rows[to].step === step) to += 1;
    return rows.slice(from, to);
  };
}

/**
 * A list after a change: what stands between its front and its back is new.
 * @template T
 * @param {T[]} list
 * @param {Record<string, any>} row
 * @param {T[]} between
 */
const changed = (list, { front, back }, between) =>
  [...list.slice(0, front), ...between, ...list.slice(list.length - back)];

/**
 * @param {number[]} flat
 * @returns {[number, number][]}
 */
const pairs = (flat) => flat.flatMap((one, n) => n % 2 ? [] : [[one, flat[n + 1]]]);

/**
 * A film unpacked: `steps[k]` is what happened in step k, `after[k]` what there was before it.
 * @param {Record<string, any>} data
 * @returns {Film}
 */
export function unpack(data) {
  const { texts } = data;
  /** @type {any} */
  const film = { ...data };
  for (const name of ["turns", "bars", "marks", "arrows"]) film[name] = named(data[name]);
  let start = 0;
  film.steps = named(data.steps).map((step) => {
    const made = { ...step, start, tale: texts[step.tale], waits: {} };
    start = step.end;
    return made;
  });
  film.turns.forEach((/** @type {Turn} */ turn) => {
    for (let n = turn.first; n <= turn.last; n += 1) film.steps[n].turn = turn.first;
    Object.assign(turn, { start: film.steps[turn.first].start, end: film.steps[turn.last].end });
  });
  film.after = follow(film, data);
  return film;
}

/**
 * What there is before the first step and after each, one by one.
 * @param {Film} film
 * @param {Record<string, any>} data
 */
function follow(film, data) {
  const { texts } = film, main = film.cast.findIndex(({ kind }) => kind === "task");
  /** @type {Record<string, ReturnType<typeof inOrder>>} */
  const rows = {};
  for (const name of ["ready", "timers", "made", "waits", "values"]) {
    rows[name] = inOrder(named(data[name]));
  }
  for (const name of ["states", "printed"]) rows[name] = inOrder(data[name]);
  /** @type {Now} */
  let now = { ready: main < 0 ? [] : [main], timers: [], states: [], values: {}, waits: {},
    alive: main < 0 ? [] : [main], clock: 0, out: "" };
  const after = [now];
  film.steps.forEach((step, n) => {
    now = { ...now, clock: step.end, waits: { ...now.waits } };
    if (step.kind < LOOP) delete now.waits[step.who];
    rows.ready(n).forEach((row) => { now.ready = changed(now.ready, row, row.between); });
    rows.timers(n).forEach((row) => { now.timers = changed(now.timers, row, pairs(row.between)); });
    rows.made(n).forEach(({ who }) => { now.alive = [...now.alive, who]; });
    rows.waits(n).forEach((wait) => {
      now.waits[wait.who] = step.waits[wait.who] =
        /** @type {Wait} */ ({ ...wait, words: texts[wait.text] });
    });
    rows.values(n).forEach(({ text }) => {
      now.values = { ...now.values, [step.who]: texts[text] };
    });
    rows.states(n).forEach(({ thing, words, holder, places, items = [] }) => {
      now.states = Object.assign([...now.states], { [thing]: { words, holder, places, items } });
    });
    rows.printed(n).forEach(({ words }) => { now.out += words; });
    after.push(now);
  });
  return after;
}

/**
 * Where a task is: "ready", "running", "over", "timers" or "waiting".
 * @param {Now} now
 * @param {number} task
 */
export function boxOf(now, task) {
  if (now.ready.includes(task)) return "ready";
  const wait = now.waits[task];
  if (!wait) return "running";
  if (wait.over) return "over";
  return now.timers.some(([, who]) => who === task) ? "timers" : "waiting";
}

/**
 * Names in a row: "a, b and c", or the first few "and 95 others".
 * @param {Film} film
 * @param {number[]} actors
 */
function namesOf(film, actors) {
  const names = actors.map((who) => film.cast[who])
    .map(({ name, kind }) => kind === "task" ? name : `“${name}”`);
  if (names.length > MOST_NAMES) {
    names.splice(MOST_NAMES - 1, names.length, `${names.length - MOST_NAMES + 1} others`);
  }
  return names.length === 1 ? names[0] : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/**
 * What a task waits for at a moment: for whom still, and who holds the lock.
 * @param {Film} film
 * @param {Now} now
 * @param {number} task
 */
export function waitWords(film, now, task) {
  const { others, words, thing } = now.waits[task];
  const left = others.filter((who) => !now.waits[who]?.over);
  if (left.length) return `for ${namesOf(film, left)}`;
  const holder = now.states[thing]?.holder ?? -1;
  return holder < 0 ? words : `${words}, which ${film.cast[holder].name} holds`;
}

/**
 * What makes two steps one, for who goes by "line", "turn" or "moment" of the clock.
 * @param {Film} film
 * @param {number} n
 * @param {string} unit
 */
function keyOf(film, n, unit) {
  if (!n) return -1;
  if (unit === "turn") return film.steps[n - 1].turn;
  return unit === "moment" ? film.after[n].clock : n;
}

/**
 * The position to go to from `k`, by "line", "turn" or "moment"; `way` is 1 or -1.
 * @param {Film} film
 * @param {number} k
 * @param {string} unit
 * @param {number} way
 */
export function next(film, k, unit, way) {
  const last = film.steps.length, key = (/** @type {number} */ n) => keyOf(film, n, unit);
  let n = Math.max(0, Math.min(last, k + way));
  while (n < last && key(n + 1) === key(n)) n += 1; // to the end of what begins there
  while (way < 0 && n && key(n) === key(k)) n -= 1;
  return n;
}

/**
 * The position at a time: after the last step that had begun by then, but before a jump's end.
 * @param {Film} film
 * @param {number} at
 */
export function positionAt(film, at) {
  return 1 + film.steps.findLastIndex(
    ({ kind, start, end }) => start <= at && (kind !== JUMP || end <= at));
}

/**
 * The position of a bar: where its task began to wait, or blocked, or got its turn at last.
 * @param {Film} film
 * @param {Bar} bar
 */
export function positionOf(film, { lane, kind, start, end }) {
  const mine = film.steps.map((step, n) => ({ ...step, place: n + 1 }))
    .filter(({ who }) => film.cast[who].name === film.lanes[lane]);
  let found = mine.findLast((step) => step.end <= start && step.who in step.waits);
  if (kind === 2) found = mine.find((step) => step.start >= end);
  if (kind === 3) found = mine.find((step) => step.start === start && step.end > start);
  return found?.place ?? positionAt(film, start);
}

/**
 * Things of equal key together, each as [key, things], in the order of their first.
 * @template T, Key
 * @param {T[]} things
 * @param {(thing: T) => Key} by
 * @returns {[Key, T[]][]}
 */
export function grouped(things, by) {
  /** @type {Map<Key, T[]>} */
  const found = new Map();
  for (const thing of things) {
    const key = by(thing), those = found.get(key) ?? [];
    found.set(key, those);
    those.push(thing);
  }
  return [...found];
}
