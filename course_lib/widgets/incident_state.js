// How an incident stands at a moment, and the verdict; mirrors incidents/moment.py, promises.py
// and judging.py. Nothing here knows of a page.

import { say, seconds, SECOND } from "./incident_moves.js";

/** @typedef {import("./incident_moves.js").Promised} Promised */
/** @typedef {import("./incident_moves.js").Settings} Settings */
/** @typedef {import("./incident_system.js").Day} Day */
/** @typedef {import("./incident_system.js").Entry} Entry */
/** @typedef {import("./incident_system.js").Mail} Mail */
/** @typedef {import("./incident_system.js").Stay} Stay */
/** @typedef {{ number: number, kind: string, mail: number, attempt: number, start: number,
 *   due: number }} Hand */
/** @typedef {{ words: string, now: string, broken: number | null }} Standing */
/** @typedef {{ time: number, settings: Settings, queue: number[], oldest: number,
 *   workers: Hand[], provider: string, pausing: number[], counts: Record<string, number>,
 *   standing: Standing[] }} Moment */
/** @typedef {{ at: number, mail: number }} Break */
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

/** @param {{ start: number, end: number | null }} one @param {number} time */
const isNow = ({ start, end }, time) => start <= time && (end === null || time < end);

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

// Promises.

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
const CLOCKS = { known: ({ know }) => know, accepted: ({ accept }) => accept };

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
function brokenAt(day, promise) {
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
const thereAt = (day, time) =>
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
