// What is so at a moment of the e-mail scene: read from the rows of two runs, and nothing else.
// Nothing here knows of a page.

import { named } from "./rows.js";

export const WAYS = ["synchronous", "asynchronous"];
export const CLOCKS = ["accepted", "sent", "known to the user"];
export const WAITING = 1, OUT_OF_ORDER = 2, ACCEPTING = 3; // kinds of a span in email_wire.py
const SENDING = 0, HOURS = ["accept", "complete", "know"];
const FAILED = "told: failed";

/**
 * All times are milliseconds, those of a fate counted from `asked`; NaN is what never came.
 * @typedef {object} Span
 * @property {number} lane
 * @property {number} kind
 * @property {number} start
 * @property {number} end
 * @property {number} mail
 * @property {number} box
 */
/** @typedef {Record<string, number>} Fate */
/**
 * @typedef {object} Side
 * @property {string} way
 * @property {string[]} lanes
 * @property {boolean} isAsync
 * @property {number} end
 * @property {Span[]} spans
 * @property {Fate[]} fates
 * @property {{ at: number, change: number }[]} queue
 * @property {{ at: number, lane: number }[]} crashes
 */
/** @typedef {{ came: number, of: number, mean: number, isOpen: boolean }} Clock */
/** @typedef {ReturnType<typeof stateAt>} State */

/**
 * Both sides of a scene; `names` are the fields of their rows.
 * @param {Record<string, any>} scene
 * @param {Record<string, string>} names
 * @returns {Side[]}
 */
export function unpack(scene, names) {
  return WAYS.map((way) => {
    const side = { ...scene[way], way, isAsync: scene[way].lanes.includes("queue") };
    for (const [name, fields] of Object.entries(names)) {
      side[name] = named({ fields, rows: side[name] });
    }
    return side;
  });
}

/**
 * Whether a clock of a mail has struck.
 * @param {Fate} fate
 * @param {string} hour
 * @param {number} time
 */
const isBy = (fate, hour, time) => fate.asked + fate[hour] <= time;

/**
 * How a user stands.
 * @param {Fate} fate
 * @param {number} time
 */
function toldAt(fate, time) {
  if (fate.asked > time) return "ready";
  if (isBy(fate, "know", time)) return fate.failed ? FAILED : "told: sent";
  return isBy(fate, "accept", time) ? "free" : "waiting";
}

/**
 * The state of one side `time` ms after the first request; before it, nobody has begun.
 * @param {Side} side
 * @param {number} time
 */
export function stateAt(side, time) {
  const told = side.fates.map((fate) => toldAt(fate, time));
  const past = side.queue.filter(({ at }) => at <= time);
  return {
    now: side.spans.filter(({ start, end }) => start <= time && time < end),
    told,
    crashed: side.crashes.filter(({ at }) => at <= time).map(({ lane }) => lane),
    depth: past.reduce((sum, { change }) => sum + change, 0),
    counts: countsAt(side, told, time),
    clocks: HOURS.map((hour) => clockAt(side, hour, time)),
  };
}

/**
 * What became of the mails by now.
 * @param {Side} side
 * @param {string[]} told
 * @param {number} time
 * @returns {Record<string, number>}
 */
function countsAt({ fates, spans, end }, told, time) {
  const over = spans.filter((span) => span.kind === SENDING && span.end <= time)
    .map(({ mail }) => mail);
  const sent = new Set(over);
  const accepted = fates.filter((fate) => isBy(fate, "accept", time));
  const failed = told.flatMap((word, n) => word === FAILED ? [n + 1] : []);
  return {
    accepted: accepted.length,
    sent: sent.size,
    "told failed": failed.length,
    "told failed, but sent": failed.filter((mail) => sent.has(mail)).length,
    duplicated: over.length - sent.size,
    lost: time < end ? 0 : accepted.filter((fate) => !fate.copies).length,
  };
}

/**
 * A clock of all mails: the mean of those that it has struck for, of how many, and whether there
 * is more to come.
 * @param {Side} side
 * @param {string} hour
 * @param {number} time
 * @returns {Clock}
 */
function clockAt({ fates, end }, hour, time) {
  const times = fates.map((fate) => fate[hour]).filter((one) => !isNaN(one));
  const isOpen = !fates.every((fate) =>
    isNaN(fate[hour]) ? end <= time : isBy(fate, hour, time));
  const mean = times.reduce((sum, one) => sum + one, 0) / times.length;
  return { came: times.length, of: fates.length, mean, isOpen };
}

/**
 * When the first user has an answer, whichever it is.
 * @param {Side} side
 */
export const answerOf = ({ fates: [first] }) => first.accept || first.know;

/** @param {number} time */
export const ms = (time) => `${Math.round(time).toLocaleString("en")} ms`;

/**
 * A clock in words: its mean, and of how many if it never strikes for some.
 * @param {Clock} clock
 */
export function clockWords({ came, of, mean, isOpen }) {
  if (isOpen) return "not yet";
  if (!came) return "never";
  return came < of ? `${ms(mean)} (${came} of ${of})` : ms(mean);
}

/**
 * The asynchronous clock beside the synchronous one, once both have struck for all.
 * @param {Clock} sync
 * @param {Clock} async
 */
export function compared(sync, async) {
  if ([sync, async].some(({ isOpen, came, of }) => isOpen || came < of)) return "–";
  return sync.mean > async.mean ? `${(sync.mean / async.mean).toFixed(2)} × sooner`
    : `${(async.mean / sync.mean).toFixed(2)} × as long`;
}

/**
 * What the two first answers say, once both are there.
 * @param {Side[]} sides
 * @param {number} time
 */
export function verdict([sync, async], time) {
  const [late, soon] = [sync, async].map(answerOf);
  if (!(time >= late && time >= soon)) return "";
  const times = `${(late / soon).toFixed(1)} times sooner`;
  return sync.fates[0].failed
    ? `The first asynchronous user is told “accepted” ${times} than the synchronous one “failed”.`
    : `The first asynchronous user has an answer ${times}: accepted, not sent.`;
}

/**
 * What each part does, in words.
 * @param {Side} side
 * @param {State} state
 * @returns {string[]}
 */
export function words(side, state) {
  const isSingle = side.fates.length === 1;
  const many = (/** @type {string} */ word) =>
    `${state.told.filter((other) => other === word).length} ${word}`;
  const tally = [...new Set(state.told)].map((word) => (isSingle ? word : many(word)));
  const parts = side.lanes.map((lane, n) => `${lane}: ${partWords(lane, n, state)}`);
  return [`${isSingle ? "user" : "users"}: ${tally.join(", ")}`,
    ...parts.filter((part) => !part.startsWith("user"))];
}

/**
 * @param {string} lane
 * @param {number} n
 * @param {State} state
 */
function partWords(lane, n, { now, depth, crashed }) {
  const doing = now.filter((span) => span.lane === n);
  if (lane === "queue") return `${depth} in line`;
  if (lane === "provider") return doing.length ? "away" : "there";
  return (doing.map(spanWords).join(", ") || "idle")
    + (crashed.includes(n) ? " (has crashed once)" : "");
}

/** @param {Span} span */
function spanWords({ kind, mail }) {
  if (kind === OUT_OF_ORDER) return "starting again";
  const verb = kind === WAITING ? "waiting for the provider with"
    : kind === ACCEPTING ? "accepting" : "sending";
  return `${verb} e-mail ${mail}`;
}

/**
 * The times at which something begins or ends, in order.
 * @param {Side[]} sides
 */
export function moments(sides) {
  const times = sides.flatMap(({ spans, queue }) => [
    ...spans.flatMap(({ start, end }) => [start, end]), ...queue.map(({ at }) => at)]);
  return times.sort((a, b) => a - b);
}
