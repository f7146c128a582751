// What the explorer says in words and numbers.

import { fillIn, make, put } from "./live.js";
import { isSync, isUrgent, refuses } from "./explorer_schedule.js";
import { little, ranks } from "./explorer_measures.js";
import { seconds } from "./explorer_view.js";

/** @typedef {import("./explorer_measures.js").Clock} Clock */
/** @typedef {import("./explorer_measures.js").Measured} Measured */
/** @typedef {import("./explorer_schedule.js").Setting} Setting */

const CLOCKS = /** @type {[Clock, string][]} */ ([
  ["accept", "accepted"], ["complete", "done"], ["know", "known"]]);

/**
 * How the synchronous server with the same requests, workers, places, order and crashes compares.
 * @param {Measured} made
 * @param {Measured} other
 * @param {Setting} setting
 */
export function comparison(made, other, setting) {
  const [mine, theirs] = [made, other].map(({ clocks }) => clocks.accept[50]);
  if (isSync(setting) || mine === null) return "One answer, and so one clock.";
  const [done, late] = [made, other].map(({ clocks }) => seconds(clocks.complete[50]));
  const answer = theirs === null ? "says yes to less than half of them"
    : `answers after ${seconds(theirs)}: ${(theirs / mine).toFixed(1)} times later`;
  const [here, there] = [made, other].map(({ counts }) => counts.refused);
  const refused = refuses(setting) ? ` It refuses ${there} requests, this one ${here}.` : "";
  return `A synchronous server with as many workers${refuses(setting) ? " and places" : ""} `
    + `${answer}. Accepted, not sent: done after ${done} here, ${late} there.${refused}`;
}

/**
 * What the urgent ones gain, and the others pay.
 * @param {Measured} made
 * @param {Setting} setting
 */
function priorities({ outcomes }, { order }) {
  if (order !== "priority") return "";
  const [urgent, others] = [true, false].map((yes) => {
    const those = outcomes.filter((_, n) => isUrgent(n) === yes);
    return Object.entries(ranks({ outcomes: those }, "complete"))
      .map(([q, time]) => `p${q} ${seconds(time)}`).join(", ");
  });
  return `Urgent ones are done after ${urgent}; the others after ${others}.`;
}

/** @param {Measured} made */
export function law(made) {
  const [counted, rate, stay, product] = little(made).map((one, n) => one.toFixed(n === 1 ? 4 : 3));
  return `Little's law: L counted ${counted}; λW = ${rate} per s × ${stay} s = ${product}.`;
}

/** All of them, beside those of before the last change. */
export function wordsView() {
  const clocks = make("table"), tally = make("table");
  const [told, urgent, crowd, rule] = ["", "", "", ""].map(() => make("p"));
  const show = (/** @type {Measured} */ made, /** @type {Measured | undefined} */ past,
    /** @type {Measured} */ other, /** @type {Setting} */ setting) => {
    const both = (/** @type {Clock} */ clock, /** @type {Measured | undefined} */ of) =>
      of ? Object.values(of.clocks[clock]).map(seconds) : ["–", "–"];
    fillIn(clocks, [["time until", "p50", "p99", "p50 before", "p99 before"],
      ...CLOCKS.map(([clock, name]) => [name, ...both(clock, made), ...both(clock, past)])]);
    fillIn(tally, [[`of ${made.outcomes.length} requests`, "now", "before"],
      ...Object.entries(made.counts).map(([name, count]) =>
        [name, count, past?.counts[name] ?? "–"])]);
    put(told, comparison(made, other, setting));
    put(urgent, priorities(made, setting));
    put(rule, law(made));
  };
  const said = (/** @type {Measured} */ { clocks: of }) => CLOCKS.slice(0, 2).map(([clock, name]) =>
    `${name}: p50 ${seconds(of[clock][50])}`).join(", ");
  return { part: make("div",
      { class: "numbers", tabindex: 0, role: "group", "aria-label": "The requests as numbers" },
    clocks, tally, make("div", {}, told, urgent, rule, crowd)), show, said,
  tell: (/** @type {string} */ words) => put(crowd, words) };
}
