// What a schedule says in numbers: the mirror of measures.py.

import { UNIT } from "./explorer_schedule.js";

/** @typedef {import("./explorer_schedule.js").Outcome} Outcome */
/** @typedef {import("./explorer_schedule.js").Schedule} Schedule */
/** @typedef {[time: number, value: number]} Point */
/** @typedef {"accept" | "complete" | "know"} Clock */
/** @typedef {ReturnType<typeof measured>} Measured */

/** @param {number[]} list */
export const sum = (list) => list.reduce((total, value) => total + value, 0);

/**
 * What became of the requests.
 * @param {Schedule} made
 * @returns {Record<string, number>}
 */
export function counts({ outcomes }) {
  const many = (/** @type {(outcome: Outcome) => unknown} */ is) => outcomes.filter(is).length;
  return {
    accepted: many(({ accept }) => accept !== null),
    done: many(({ copies }) => copies),
    "told failed, but done": many(({ failed }) => failed),
    duplicated: sum(outcomes.map(({ copies }) => Math.max(0, copies - 1))),
    lost: many(({ accept, copies }) => accept !== null && !copies),
    refused: many(({ refused }) => refused),
  };
}

/**
 * Microseconds from arrival that half of them do not exceed, and 99 per cent (nearest rank); null
 * means never.
 * @param {{ outcomes: Outcome[] }} made
 * @param {Clock} clock
 */
export function ranks({ outcomes }, clock) {
  const times = new Float64Array(outcomes.filter(({ refused }) => !refused)
    .map((outcome) => (outcome[clock] ?? Infinity) - outcome.arrival)).sort();
  const at = (/** @type {number} */ q) => {
    const found = times[Math.max(0, Math.ceil((q * times.length) / 100) - 1)];
    return Number.isFinite(found) ? found : null;
  };
  return { 50: at(50), 99: at(99) };
}

/**
 * L counted, λ per second, W in seconds, λW.
 * @param {Schedule} made
 */
export function little({ outcomes }) {
  const stays = outcomes.flatMap(({ arrival, complete }) =>
    complete === null ? [] : [{ arrival, complete }]);
  if (!stays.length) return [0, 0, 0, 0];
  const changes = stays.flatMap(({ arrival, complete }) =>
    [{ time: arrival, by: 1 }, { time: complete, by: -1 }])
    .sort((a, b) => a.time - b.time || a.by - b.by);
  let area = 0, there = 0, before = changes[0].time;
  for (const { time, by } of changes) {
    area += there * (time - before);
    there += by;
    before = time;
  }
  const duration = before - changes[0].time, rate = stays.length / duration;
  const stay = sum(stays.map(({ arrival, complete }) => complete - arrival)) / stays.length;
  return [area / duration, rate * UNIT, stay / UNIT, rate * stay];
}

/**
 * How many wait, and how long the oldest of them has. Two points at one time are a step; who leaves
 * and who follows at one moment are one step.
 * @param {Schedule} made
 */
function lines(made) {
  /** @type {Point[]} */
  const depth = [], age = /** @type {Point[]} */ ([]);
  const waiting = /** @type {number[]} */ ([]); // since when; the oldest first
  for (const { time, by, since } of made.depth) {
    const note = () => {
      depth.push([time, waiting.length]);
      age.push([time, time - (waiting[0] ?? time)]);
    };
    if (depth.at(-1)?.[0] === time) [depth, age].forEach((line) => line.pop());
    else note();
    if (by > 0) waiting.push(since);
    else waiting.splice(waiting.indexOf(since), 1);
    note();
  }
  return { depth, age };
}

/** The same, computed once for each schedule, and not for one of which none is drawn. */
export const linesOf = once(lines);

/**
 * A schedule with all that is said of it.
 * @param {Schedule} made
 */
export function measured(made) {
  const [accept, complete, know] = /** @type {const} */ (["accept", "complete", "know"])
    .map((clock) => ranks(made, clock));
  return { ...made, clocks: { accept, complete, know }, counts: counts(made) };
}

/**
 * The same function, which computes once for each object.
 * @template {object} Of
 * @template Made
 * @param {(of: Of) => Made} compute
 */
export function once(compute) {
  const known = /** @type {WeakMap<Of, Made>} */ (new WeakMap());
  return (/** @type {Of} */ of) => {
    const made = known.get(of) ?? compute(of);
    known.set(of, made);
    return made;
  };
}
