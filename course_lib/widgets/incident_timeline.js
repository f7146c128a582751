// The minute as lanes: it grows with the time, and right of the cursor is the future.

import { thin } from "./axis.js";
import { make, put } from "./live.js";
import { SECOND, writeMove } from "./incident_moves.js";

/** @typedef {import("./incident_state.js").Judgement} Judgement */
/** @typedef {import("./incident_crew.js").Day} Day */
/** @typedef {{ name: string, height: number, past: Node[], always: Node[] }} Lane */

const THICK = 20, DEEP = 34; // pixels of a lane, and of the queue's
const FUTURE = "the future: a move changes only what is right of the line";
const ROOM = 8 * SECOND; // that the words of a move take
const TICK = 10 * SECOND;
const LOOKS = [["send", "sends an e-mail"], ["file", "writes down that it is sent"],
  ["no-answer", "no answer, or provider slow"], ["dead", "killed, or provider away"]];

/** A bar from `start` to `end`, in percent of the minute.
 * @param {string} kind @param {number} start @param {number} end @param {number} whole */
function bar(kind, start, end, whole) {
  return make("svg:rect", { class: kind.replace(" ", "-"), x: `${(100 * start) / whole}%`, y: 3,
    width: `${(100 * (end - start)) / whole}%`, height: THICK - 7 });
}

/** The lanes of workers: each that was there, and when.
 * @param {Day} day @returns {Lane[]} */
function workerLanes({ kit, shifts, works }) {
  const { end } = kit.times;
  const numbers = [...new Set(shifts.map(({ worker }) => worker))].sort();
  return numbers.map((number) => {
    const those = shifts.filter(({ worker }) => worker === number).map((shift) =>
      bar("shift", shift.start, shift.end ?? end, end));
    const done = works.filter(({ worker }) => worker === number).map((work) =>
      bar(work.kind, work.start, Math.min(end, work.end ?? work.due), end));
    return { name: `worker ${number}`, height: THICK, past: [...those, ...done], always: [] };
  });
}

/** How many wait, as an area.
 * @param {Day} day @returns {Lane} */
function queueLane({ mails, kit: { times: { end } } }) {
  const waits = mails.flatMap(({ stays }) => stays.filter((stay) => stay.place === "queue"
    && stay.start !== stay.end));
  const steps = waits.flatMap((stay) => [[stay.start, 1], [stay.end ?? end, -1]])
    .sort(([one], [other]) => one - other);
  let depth = 0, most = 1, d = `M0 0`;
  for (const [at, by] of steps) {
    d += `H${at}`;
    depth += by;
    most = Math.max(most, depth);
    d += `V${depth}`;
  }
  const area = make("svg:svg", { viewBox: `0 0 ${end} ${most}`, preserveAspectRatio: "none",
    width: "100%", height: DEEP - 6, y: 3 }, make("svg:path", { class: "depth",
    transform: `matrix(1 0 0 -1 0 ${most})`, d: `${d}H${end}V0z` }));
  return { name: "queue", height: DEEP, past: [area], always: [] };
}

/** When the provider was slow or away.
 * @param {Day} day @returns {Lane} */
function providerLane({ spells, kit: { times: { end } } }) {
  return { name: "provider", height: THICK, always: [], past: spells.map((spell) =>
    bar(spell.kind, spell.start, Math.min(end, spell.end), end)) };
}

/** Your moves, also those that are still to come: you know them.
 * @param {Day} day @returns {Lane} */
function movesLane({ moves, kit: { times: { end } } }) {
  const sorted = [...moves].sort((one, other) => one.at - other.at);
  const always = sorted.map((move, n) => {
    const isFree = (sorted[n + 1]?.at ?? end) - move.at > ROOM;
    return make("svg:svg", { x: `${(100 * move.at) / end}%`, overflow: "visible" },
      make("svg:title", {}, writeMove(move)),
      make("svg:circle", { class: "made", cy: THICK / 2, r: 5 }),
      make("svg:text", { x: 8, y: THICK / 2 + 4 }, isFree ? `${move.what} ${move.value}` : ""));
  });
  return { name: "your moves", height: THICK, past: [], always };
}

/** Where promises broke.
 * @param {Judgement} judgement @param {number} end @returns {Lane} */
function promisesLane({ findings }, end) {
  const past = findings.flatMap(({ broken, promise }) => broken === null ? [] : [
    make("svg:svg", { x: `${(100 * broken) / end}%`, overflow: "visible" },
      make("svg:title", {}, `broken: ${promise}`),
      make("svg:path", { class: "broken", d: "M-5 5l10 10m0-10l-10 10" }))]);
  return { name: "promises", height: THICK, past, always: [] };
}

/** @param {Lane} lane @param {number} top */
function lanePart({ past, always }, top) {
  const at = { y: top, width: "100%", overflow: "visible" };
  return [past, always].map((parts) => make("svg:svg", at, ...parts));
}

/** What the colours and patterns mean. */
function legendPart() {
  return make("p", { class: "legend" }, ...LOOKS.map(([kind, words]) => make("span", {},
    make("svg:svg", { width: 22, height: 13 },
      make("svg:rect", { class: kind, x: 1, y: 1, width: 20, height: 11 })), ` ${words}`)));
}

/** Let a hand drag the time.
 * @param {HTMLElement} over @param {number} end @param {(time: number) => void} go */
function draggable(over, end, go) {
  const drag = (/** @type {PointerEvent} */ { clientX }) => {
    const { left, width } = over.getBoundingClientRect();
    go(Math.max(0, Math.min(1, (clientX - left) / width)) * end);
  };
  over.addEventListener("pointerdown", (event) => {
    over.setPointerCapture(event.pointerId);
    drag(event);
  });
  over.addEventListener("pointermove", (event) => {
    if (over.hasPointerCapture(event.pointerId)) drag(event);
  });
}

/** The timeline: `fill` draws a day, `show` moves its cursor.
 * @param {number} end @param {(time: number) => void} go */
export function timelineView(end, go) {
  const names = make("div", { class: "names" }), future = make("div", { class: "future" },
    make("span"));
  const past = make("svg:svg"), always = make("svg:svg"), cursor = make("i", { class: "cursor" });
  const ticks = Array.from({ length: end / TICK + 1 }, (_, n) => make("i", {
    class: "tick", style: `left:${(100 * n * TICK) / end}%` }, `${(n * TICK) / SECOND} s`));
  const over = make("div", { class: "lanes" }, ...ticks, past, future, always, cursor);
  thin(over, ticks);
  const lanes = make("div", { class: "time", "aria-hidden": "true" }, names, over);
  draggable(over, end, go);
  const fill = (/** @type {Day} */ day, /** @type {Judgement} */ judgement) => {
    const all = [...workerLanes(day), queueLane(day), providerLane(day), movesLane(day),
      promisesLane(judgement, end)];
    const tops = all.map((_, n) => all.slice(0, n).reduce((sum, one) => sum + one.height, 0));
    const parts = all.map((lane, n) => lanePart(lane, tops[n]));
    names.replaceChildren(...all.map(({ name, height }) =>
      make("span", { style: `height:${height}px` }, name)));
    past.replaceChildren(...parts.map(([one]) => one));
    always.replaceChildren(...parts.map(([, one]) => one));
    over.style.height = `${tops[tops.length - 1] + THICK + 22}px`;
  };
  const show = (/** @type {number} */ time) => {
    const left = (100 * time) / end;
    past.style.clipPath = `inset(0 ${100 - left}% 0 0)`;
    future.style.left = cursor.style.left = `${left}%`;
    put(future.firstChild, left < 60 ? FUTURE : "");
  };
  return { part: make("div", {}, lanes, legendPart()), fill, show };
}
