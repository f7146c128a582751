// Promises: how each stands at a moment, and when it broke; mirrors incidents/promises.py.

import { say, seconds, SECOND } from "./incident_moves.js";

/** @typedef {import("./incident_moves.js").Promised} Promised */
/** @typedef {import("./incident_crew.js").Day} Day */
/** @typedef {import("./incident_crew.js").Mail} Mail */
/** @typedef {{ words: string, now: string, broken: number | null }} Standing */
/** @typedef {{ at: number, mail: number }} Break */

/** Whether a moment lies in a stretch of time.
 * @param {{ start: number, end: number | null }} one @param {number} time */
export const isNow = ({ start, end }, time) => start <= time && (end === null || time < end);

/** When an e-mail breaks a promise of so many at most.
 * @type {Record<string, (mail: Mail) => number | null>} */
const TALLIES = {
  lost: ({ lost }) => lost,
  twice: ({ sent }) => sent[1] ?? null,
  again: ({ stays }) => stays.filter(({ place }) => place === "worker")[1]?.start ?? null,
  failed: ({ failed }) => failed,
  refused: ({ refused }) => refused,
};
/** What a promise of a time asks for.
 * @type {Record<string, (mail: Mail) => number | null>} */
export const CLOCKS = { known: ({ know }) => know, accepted: ({ accept }) => accept };

/** What is promised, as a reader says it.
 * @param {Day} day @param {Promised} promise */
function promiseWords({ kit }, { kind, limit }) {
  const noun = () => say(kit, "noun", kind);
  if (kind in TALLIES) return say(kit, "promise", limit ? "most" : "none", { limit, noun: noun() });
  if (kind in CLOCKS) return say(kit, "promise", "time", { limit, noun: noun() });
  return say(kit, "promise", kind, { limit });
}

/** How a promise stands at a moment.
 * @param {Day} day @param {Promised} promise @param {number} time @returns {Standing} */
export function standingAt(day, promise, time) {
  const found = brokenAt(day, promise);
  return { words: promiseWords(day, promise), now: nowWords(day, promise, time),
    broken: found && found.at <= time ? found.at : null };
}

/** When a promise broke, and by which e-mail.
 * @param {Day} day @param {Promised} promise @returns {Break | null} */
export function brokenAt(day, promise) {
  const { kind, limit } = promise;
  if (kind in TALLIES) return tally(day, kind)[limit] ?? null;
  if (kind in CLOCKS) return clockBroken(day, promise);
  return kind === "workers" ? workersBroken(day, limit) : paidBroken(day, limit);
}

/** @param {Day} day @param {Promised} promise @param {number} time */
function nowWords(day, { kind }, time) {
  const { kit } = day;
  if (kind in TALLIES) {
    const asked = day.mails.filter(({ arrival }) => arrival <= time).length;
    const count = tally(day, kind).filter(({ at }) => at <= time).length;
    return say(kit, "promise", "now_count", { count, asked });
  }
  if (kind in CLOCKS) return clockNow(day, kind, time);
  if (kind === "workers") {
    const crew = thereAt(day, time);
    const isDead = (/** @type {number} */ number) => day.works.some((work) =>
      work.kind === "dead" && work.worker === number && work.start <= time && time < work.due);
    const alive = crew.filter((number) => !isDead(number)).length;
    return say(kit, "promise", "now_workers", { count: crew.length, alive });
  }
  return say(kit, "promise", "now_paid", { paid: Math.floor(paidBy(day, time) / SECOND) });
}

/** Which e-mails count against a promise, in order of time.
 * @param {Day} day @param {string} kind @returns {Break[]} */
function tally(day, kind) {
  return day.mails.flatMap((mail) => {
    const at = TALLIES[kind](mail);
    return at === null ? [] : [{ at, mail: mail.number }];
  }).sort(byTime);
}

/** @param {Break} one @param {Break} other */
const byTime = (one, other) => one.at - other.at || one.mail - other.mail;

/** Who counts at a moment: a refused e-mail does until it is refused.
 * @param {Day} day @param {number} time */
const askedBy = ({ mails }, time) => mails.filter(({ arrival, refused }) =>
  arrival <= time && (refused === null || time < refused));

/** The nearest rank of the 99th percentile.
 * @param {number} count */
const rank = (count) => Math.floor((99 * count + 99) / 100);

/** @param {Day} day @param {string} kind @param {number} time */
function clockNow(day, kind, time) {
  const ages = askedBy(day, time).map((mail) => {
    const told = CLOCKS[kind](mail);
    return { at: (told !== null && told <= time ? told : time) - mail.arrival, mail: mail.number };
  }).sort(byTime);
  if (!ages.length) return say(day.kit, "promise", "now_nothing");
  const { at, mail } = ages[rank(ages.length) - 1];
  return say(day.kit, "promise", "now_time", { time: seconds(at), mail });
}

/** The first moment at which more than one in a hundred had not been told in time.
 * @param {Day} day @param {Promised} promise */
function clockBroken(day, { kind, limit }) {
  const { end } = day.kit.times;
  const late = askedBy(day, end).flatMap((mail) => {
    const told = CLOCKS[kind](mail), at = mail.arrival + SECOND * limit;
    return at <= end && (told === null || told >= at) ? [{ at, mail: mail.number }] : [];
  }).sort(byTime);
  return late.find(({ at }, n) => {
    const asked = askedBy(day, at).length;
    return n + 1 > asked - rank(asked);
  }) ?? null;
}

/** Which workers are there, and cost something.
 * @param {Day} day @param {number} time */
export const thereAt = (day, time) =>
  day.shifts.filter((shift) => isNow(shift, time)).map(({ worker }) => worker);

/** What all workers have cost by then, in worker-milliseconds.
 * @param {Day} day @param {number} time */
function paidBy(day, time) {
  return day.shifts.reduce((sum, { start, end }) =>
    sum + Math.max(0, Math.min(end ?? time, time) - start), 0);
}

/** @param {Day} day @param {number} limit */
function workersBroken(day, limit) {
  const starts = day.shifts.map(({ start }) => start).sort((one, other) => one - other);
  const at = starts.find((start) => thereAt(day, start).length > limit);
  return at === undefined ? null : { at, mail: 0 };
}

/** The first millisecond after which they have cost more, by halving.
 * @param {Day} day @param {number} limit */
function paidBroken(day, limit) {
  let low = 0, high = day.kit.times.end;
  if (paidBy(day, high) <= SECOND * limit) return null;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (paidBy(day, middle) > SECOND * limit) high = middle;
    else low = middle + 1;
  }
  return { at: low, mail: 0 };
}
