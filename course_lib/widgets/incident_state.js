// How an incident stands at a moment, and the verdict; mirrors incidents/moment.py and judging.py.
// Nothing here knows of a page.

import { say, seconds, SECOND } from "./incident_moves.js";
import { brokenAt, CLOCKS, isNow, standingAt, thereAt } from "./incident_promises.js";

/** @typedef {import("./incident_moves.js").Promised} Promised */
/** @typedef {import("./incident_moves.js").Settings} Settings */
/** @typedef {import("./incident_crew.js").Day} Day */
/** @typedef {import("./incident_crew.js").Entry} Entry */
/** @typedef {import("./incident_crew.js").Mail} Mail */
/** @typedef {import("./incident_crew.js").Stay} Stay */
/** @typedef {{ number: number, kind: string, mail: number, attempt: number, start: number,
 *   due: number }} Hand */
/** @typedef {import("./incident_promises.js").Break} Break */
/** @typedef {import("./incident_promises.js").Standing} Standing */
/** @typedef {{ time: number, settings: Settings, queue: number[], oldest: number,
 *   workers: Hand[], provider: string, pausing: number[], counts: Record<string, number>,
 *   standing: Standing[] }} Moment */
/** @typedef {{ promise: string, words: string, broken: number | null, since: number | null,
 *   mail: number }} Finding */
/** @typedef {{ words: string, findings: Finding[] }} Judgement */
/** @typedef {{ words: string, since: number }} Cause */

/** What happened, in words.
 * @param {Day} day @param {Entry} entry */
export const logWords = (day, entry) => say(day.kit, "log", entry.kind, { ...entry });

/** All at one moment, after all that happened in this millisecond.
 * @param {Day} day @param {number} time @returns {Moment} */
export function momentAt(day, time) {
  const spells = day.spells.filter((s) => s.start <= time && time < s.end).map(({ kind }) => kind);
  const stays = day.mails.flatMap(({ number, stays: all }) => {
    const stay = all.find((one) => isNow(one, time));
    return stay ? [{ number, ...stay }] : [];
  });
  const waiting = stays.filter(({ place }) => place === "queue");
  return {
    time,
    settings: settingsAt(day, time),
    queue: waiting.map(({ number }) => number),
    oldest: Math.max(0, ...waiting.map(({ start }) => time - start)),
    workers: Array.from({ length: day.kit.counts.workers }, (_, n) => handAt(day, n + 1, time)),
    provider: ["away", "slow"].find((kind) => spells.includes(kind)) ?? "there",
    pausing: stays.filter(({ place }) => place === "pause").map(({ number }) => number),
    counts: countsAt(day, time),
    standing: day.kit.story.promises.map((promise) => standingAt(day, promise, time)),
  };
}

/** @param {Day} day @param {number} time */
function settingsAt(day, time) {
  const found = { ...day.opening }, { rules } = day.kit;
  for (const { at, kind, value } of day.log) {
    if (at <= time && kind in found) {
      found[kind] = rules[kind].most && value !== "none" ? Number(value) : value;
    }
  }
  return found;
}

/** @param {Day} day @param {number} number @param {number} time @returns {Hand} */
function handAt(day, number, time) {
  const nothing = { number, kind: "idle", mail: 0, attempt: 0, start: 0, due: 0 };
  if (!thereAt(day, time).includes(number)) return { ...nothing, kind: "gone" };
  const work = day.works.find((one) => one.worker === number && isNow(one, time));
  if (!work) return nothing;
  const { kind, mail, attempt, start, due } = work;
  return { number, kind, mail, attempt, start, due };
}

/** @param {Day} day @param {number} time */
function countsAt({ mails }, time) {
  const byThen = (/** @type {number | null} */ at) => at !== null && at <= time;
  const count = (/** @type {(mail: Mail) => boolean} */ test) => mails.filter(test).length;
  return {
    asked: count((mail) => byThen(mail.arrival)),
    accepted: count((mail) => byThen(mail.accept)),
    sent: count((mail) => mail.sent.some(byThen)),
    twice: count((mail) => mail.sent.filter(byThen).length > 1),
    refused: count((mail) => byThen(mail.refused)),
    failed: count((mail) => byThen(mail.failed)),
    lost: count((mail) => byThen(mail.lost)),
  };
}

// The verdict.

/** Which promises were kept, and of the others moment and cause.
 * @param {Day} day @returns {Judgement} */
export function judge(day) {
  const { kit } = day, { end } = kit.times, made = day.moves.length;
  const findings = kit.story.promises.map((promise) => finding(day, promise, end));
  const count = findings.length, kept = findings.filter(({ broken }) => broken === null).length;
  const moves = say(kit, "verdict", made === 1 ? "move" : "moves", { count: made });
  const about = { end: end / SECOND, count, kept, moves };
  return { words: say(kit, "verdict", kept === count ? "all" : "some", about), findings };
}

/** @param {Day} day @param {Promised} promise @param {number} end @returns {Finding} */
function finding(day, promise, end) {
  const found = brokenAt(day, promise), stands = standingAt(day, promise, end);
  if (!found) {
    const words = say(day.kit, "cause", "kept", { now: stands.now });
    return { promise: stands.words, words, broken: null, since: null, mail: 0 };
  }
  const { words, since } = cause(day, promise, found);
  return { promise: stands.words, words, broken: found.at, since, mail: found.mail };
}

/** @param {Day} day @param {Promised} promise @param {Break} found @returns {Cause} */
function cause(day, promise, found) {
  const { kind, limit } = promise, at = seconds(found.at);
  if (kind in CLOCKS) return clockCause(day, promise, found);
  if (kind in BEGINNINGS) return tallyCause(day, kind, found);
  if (kind === "again") {
    const since = entries(day, "taken", found.mail)[0].at;
    const about = { at, mail: found.mail, since: seconds(since) };
    return { words: say(day.kit, "cause", kind, about), since };
  }
  const about = { at, limit, mail: found.mail, count: thereAt(day, found.at).length };
  return { words: say(day.kit, "cause", kind, about), since: found.at };
}

/** The entries of the log about an e-mail, of a kind.
 * @param {Day} day @param {string} kind @param {number} mail */
const entries = (day, kind, mail) =>
  day.log.filter((entry) => entry.kind === kind && entry.mail === mail);

/** Why an e-mail was lost, sent twice or given up: its entry knows.
 * @param {Day} day @param {string} kind @param {Break} found @returns {Cause} */
function tallyCause(day, kind, { at, mail }) {
  const entry = day.log.find((one) => one.mail === mail && one.at === at && one.why);
  if (!entry) throw new Error(`no entry for e-mail ${mail} at ${at}`);
  const { since, worker } = BEGINNINGS[kind](day, entry);
  const about = { mail, at: seconds(at), since: seconds(since), worker };
  return { words: say(day.kit, "cause", `${kind}_${entry.why}`, about), since };
}

/** When a cause began, and whose it was.
 * @type {Record<string, (day: Day, entry: Entry) => { since: number, worker: number }>} */
const BEGINNINGS = {
  lost: (day, { mail, worker }) =>
    ({ since: entries(day, "acked", mail).slice(-1)[0].at, worker }),
  twice: (day, { mail, why }) => {
    if (why === "dead") {
      const { at, worker } = entries(day, "sent", mail)[0];
      const killed = day.log.find((entry) =>
        entry.kind === "killed" && entry.worker === worker && entry.at >= at);
      return { since: killed ? killed.at : at, worker };
    }
    const [again] = entries(day, "redelivered", mail), place = day.log.indexOf(again);
    const taken = entries(day, "taken", mail).filter((entry) => day.log.indexOf(entry) < place);
    return { since: again.at, worker: taken[taken.length - 1].worker };
  },
  failed: (day, { at, mail, why, worker }) =>
    ({ since: why === "attempts" ? entries(day, "taken", mail)[0].at : at, worker }),
};

/** Why an e-mail was late: it was lost, had failed, or spent its time somewhere.
 * @param {Day} day @param {Promised} promise @param {Break} found @returns {Cause} */
function clockCause(day, { kind, limit }, found) {
  const mail = day.mails[found.mail - 1], { kit } = day;
  const about = { mail: mail.number, asked: seconds(mail.arrival), noun: say(kit, "noun", kind),
    limit };
  for (const [name, at] of Object.entries({ time_lost: mail.lost, time_failed: mail.failed })) {
    if (at !== null && at <= found.at) {
      return { words: say(kit, "cause", name, { ...about, since: seconds(at) }), since: at };
    }
  }
  const { place, length, since } = longest(mail, found.at);
  const more = { length: seconds(length), since: seconds(since),
    count: place === "queue" ? before(day, mail, since) : 0 };
  const words = say(kit, "cause", `time_${place}`, { ...about, ...more });
  return { words: words + (place === "dead" ? "" : meanwhile(day, since, found.at)), since };
}

/** Where an e-mail was longest by then, for how long, and since when; of equal ones the first.
 * @param {Mail} mail @param {number} until */
function longest({ stays }, until) {
  /** @type {Map<string, { place: string, length: number, since: number }>} */
  const spent = new Map();
  for (const { place, start, end } of stays) {
    const length = Math.min(end ?? until, until) - start;
    const known = spent.get(place) ?? { place, length: 0, since: start };
    if (length > 0) spent.set(place, { ...known, length: known.length + length });
  }
  return [...spent.values()].reduce((most, one) => (one.length > most.length ? one : most));
}

/** How many stood before an e-mail in the queue.
 * @param {Day} day @param {Mail} mail @param {number} time */
function before({ mails }, { number }, time) {
  const waits = (/** @type {Stay} */ stay) => stay.place === "queue" && isNow(stay, time);
  return mails.slice(0, number - 1).filter(({ stays }) => stays.some(waits)).length;
}

/** What else went wrong in that time: the first of each kind.
 * @param {Day} day @param {number} since @param {number} until */
function meanwhile({ kit, spells, log }, since, until) {
  const told = ["away", "slow"].map((kind) => {
    const spell = spells.find((s) => s.kind === kind && s.start < until && s.end > since);
    return spell ? say(kit, "cause", `while_${kind}`, { start: seconds(spell.start) }) : "";
  });
  const killed = log.find(({ kind, at }) => kind === "killed" && since <= at && at < until);
  if (killed) {
    const about = { worker: killed.worker, start: seconds(killed.at) };
    told.push(say(kit, "cause", "while_killed", about));
  }
  return told.join("");
}
