// The time of an incident in its reader's hand: it plays, rests, and goes back into the past.

import { calm } from "./calm.js";
import { SECOND } from "./incident_moves.js";

const LONGEST = 100; // milliseconds of a frame: a page that was asleep goes on where it was

/**
 * `time` is what is looked at, `reached` the latest that was seen with these moves.
 * @typedef {object} Player
 * @property {() => number} time
 * @property {() => number} reached
 * @property {() => boolean} isPlaying
 * @property {(time: number) => void} go
 * @property {(time: number) => void} forget
 * @property {() => void} toggle
 * @property {() => void} pause
 * @property {(times: number) => void} hurry
 */

/**
 * A clock from 0 to `end` milliseconds that calls `show` whenever it stands elsewhere. For who has
 * asked for less motion it goes from second to second.
 * @param {number} end
 * @param {() => void} show
 * @returns {Player}
 */
export function player(end, show) {
  let time = 0, reached = 0, speed = 1, frame = 0, last = 0, exact = 0;
  const stand = (/** @type {number} */ there) => {
    time = Math.max(0, Math.min(end, Math.floor(there)));
    reached = Math.max(reached, time);
  };
  const pause = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    show();
  };
  const tick = (/** @type {number} */ now) => {
    exact += speed * Math.min(LONGEST, now - last);
    last = now;
    stand(calm() ? Math.floor(exact / SECOND) * SECOND : exact);
    frame = time < end ? requestAnimationFrame(tick) : 0;
    show();
  };
  const start = () => {
    if (time === end) stand(0);
    exact = time;
    last = performance.now();
    frame = requestAnimationFrame(tick);
    show();
  };
  const go = (/** @type {number} */ there) => {
    stand(there);
    exact = time;
    show();
  };
  const forget = (/** @type {number} */ from) => {
    reached = Math.min(reached, from);
    if (time > from) exact = time = from;
  };
  return { time: () => time, reached: () => reached, isPlaying: () => frame > 0, go, forget, pause,
    toggle: () => (frame ? pause() : start()), hurry: (times) => { speed = times; } };
}
