// What the explorer says: the three clocks, what became of the requests, and two sentences.

import { fillIn, make, put } from "./live.js";
import { isSync, isUrgent, refuses } from "./explorer_schedule.js";
import { counts, little, percentile } from "./explorer_measures.js";
import { seconds } from "./explorer_view.js";

/** @typedef {import("./explorer_schedule.js").Schedule} Schedule */
/** @typedef {import("./explorer_schedule.js").Setting} Setting */
/** @typedef {"accept" | "complete" | "know"} Clock */

const CLOCKS = /** @type {[Clock, string][]} */ ([
  ["accept", "accepted"], ["complete", "done"], ["know", "known"]]);

/**
 * How the synchronous server with the same requests, workers, places, order and crashes compares.
 * @param {Schedule} made
 * @param {Schedule} other
 * @param {Setting} setting
 */
export function comparison(made, other, setting) {
  const [mine, theirs] = [made, other].map((of) => percentile(50, of, "accept"));
  if (isSync(setting) || mine === null) return "One answer, and so one clock.";
  const [done, late] = [made, other].map((of) => seconds(percentile(50, of, "complete")));
  const answer = theirs === null ? "says yes to less than half of them"
    : `answers after ${seconds(theirs)}: ${(theirs / mine).toFixed(1)} times later`;
  const [here, there] = [made, other].map((of) => counts(of).refused);
  const refused = refuses(setting) ? ` It refuses ${there} requests, this one ${here}.` : "";
  return `A synchronous server with as many workers${refuses(setting) ? " and places" : ""} `
    + `${answer}. Accepted, not sent: done after ${done} here, ${late} there.${refused}`;
}

/**
 * What the urgent ones gain, and the others pay.
 * @param {Schedule} made
 * @param {Setting} setting
 */
export function priorities({ outcomes }, { order }) {
  if (order !== "priority") return "";
  const [urgent, others] = [true, false].map((yes) => {
    const those = outcomes.filter((_, n) => isUrgent(n) === yes);
    return [50, 99].map((q) =>
      `p${q} ${seconds(percentile(q, { outcomes: those }, "complete"))}`).join(", ");
  });
  return `Urgent ones are done after ${urgent}; the others after ${others}.`;
}

/** @param {Schedule} made */
export function law(made) {
  const [counted, rate, stay, product] = little(made).map((one, n) => one.toFixed(n === 1 ? 4 : 3));
  return `Little's law: L counted ${counted}; λW = ${rate} per s × ${stay} s = ${product}.`;
}

/** All of them, with the numbers of before the last change beside. */
export function wordsView() {
  const clocks = make("table"), tally = make("table");
  const [told, urgent, crowd, rule] = ["", "", "", ""].map(() => make("p"));
  const show = (/** @type {Schedule} */ made, /** @type {Schedule | undefined} */ past,
    /** @type {Schedule} */ other, /** @type {Setting} */ setting) => {
    const at = (/** @type {number} */ q, /** @type {Clock} */ clock,
      /** @type {Schedule | undefined} */ of) => of ? seconds(percentile(q, of, clock)) : "–";
    fillIn(clocks, [["time until", "p50", "p99", "p50 before", "p99 before"],
      ...CLOCKS.map(([clock, name]) => [name, at(50, clock, made), at(99, clock, made),
        at(50, clock, past), at(99, clock, past)])]);
    const old = past && counts(past);
    fillIn(tally, [[`of ${made.outcomes.length} requests`, "now", "before"],
      ...Object.entries(counts(made)).map(([name, count]) => [name, count, old?.[name] ?? "–"])]);
    put(told, comparison(made, other, setting));
    put(urgent, priorities(made, setting));
    put(rule, law(made));
  };
  const said = (/** @type {Schedule} */ made) => CLOCKS.slice(0, 2).map(([clock, name]) =>
    `${name}: p50 ${seconds(percentile(50, made, clock))}`).join(", ");
  return { part: make("div", { class: "numbers" }, clocks, tally,
    make("div", {}, told, urgent, rule, crowd)), show, said,
  tell: (/** @type {string} */ words) => put(crowd, words) };
}
