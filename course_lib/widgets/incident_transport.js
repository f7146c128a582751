// Play and Pause, speed, clock and time, and where in the minute the reader is.

import { attribute, button, make, put } from "./live.js";
import { seconds } from "./incident_moves.js";
import { FOLLOWED } from "./incident_verdict.js";

/** @typedef {import("./incident_moves.js").Kit} Kit */
/** @typedef {import("./incident_player.js").Player} Player */
/** @typedef {import("./incident_state.js").Judgement} Judgement */

const SEE = "The verdict below says more.";
const SPEEDS = [1, 2, 4, 8], USUAL_SPEED = 2;

/** Play and Pause, speed, clock and time.
 * @param {Player} clock @param {number} end @param {number} step */
export function transport(clock, end, step) {
  const toggle = button("Play", clock.toggle, "main"), now = make("strong", { class: "clock" });
  const speed = make("select", {}, ...SPEEDS.map((times) =>
    make("option", { value: times, selected: times === USUAL_SPEED }, `${times}×`)));
  speed.addEventListener("change", () => clock.hurry(Number(speed.value)));
  clock.hurry(USUAL_SPEED);
  const dial = make("input", { type: "range", max: end, step, value: 0, "aria-label": "Time" });
  dial.addEventListener("input", () => clock.go(Number(dial.value)));
  const part = make("div", { class: "buttons" }, toggle,
    button("From the start", () => clock.go(0)), make("label", {}, "Speed ", speed), now, dial);
  const show = () => {
    const words = `${seconds(clock.time())} s`;
    const rests = clock.time() === end ? "▶ Play again" : "▶ Play";
    put(toggle, clock.isPlaying() ? "❚❚ Pause" : rests);
    put(now, words);
    dial.value = clock.time();
    dial.setAttribute("aria-valuetext", words);
  };
  return { part, show, focus: () => toggle.focus() };
}

/** Where in the minute one acts, in a sentence.
 * @param {Player} clock @param {Record<string, number>} times */
function whereWords(clock, times) {
  const time = clock.time(), at = seconds(momentOf(time, times));
  if (time < clock.reached()) {
    return `This is the past: a move made now is put at ${at} s, and all after it is made anew.`;
  }
  if (clock.isPlaying()) return "A move is put at the time of the clock.";
  return time ? `A move made now is put at ${at} s.`
    : "Press Play. You may pause whenever you like, and act while it runs or rests.";
}

/** Where the reader is: at a moment, perhaps with an e-mail that is followed, or at the end.
 * @param {Player} clock @param {Kit} kit */
export function whereView(clock, { times }) {
  const part = make("p");
  const show = (/** @type {Judgement} */ { words }, /** @type {number} */ followed) => {
    const isOver = clock.time() === times.end;
    const sign = followed ? ` ${FOLLOWED}is e-mail ${followed}.` : "";
    attribute(part, "class", isOver ? "where verdict" : "where");
    put(part, isOver ? `${words} ${SEE}` : whereWords(clock, times) + sign);
  };
  return { part, show };
}

/** The time that a move made now has: the next tenth of a second, so that nothing seen changes.
 * @param {number} time @param {Record<string, number>} times */
export const momentOf = (time, { step, end }) => Math.min(end, Math.ceil(time / step) * step);
