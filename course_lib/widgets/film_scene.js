// The controls of a film: all of it is here; one walks forwards and backwards through its steps.

import { button, make, put, settle, speaker } from "./live.js";
import { next, positionAt, unpack } from "./film_state.js";
import {
  boxesView, legend, positionOn, programView, thingsView, timeOn, turnsView,
} from "./film_view.js";
import { timelineView } from "./film_timeline.js";

/** @typedef {import("./film_state.js").Film} Film */
/** @typedef {import("./film_view.js").Position} Position */
/** @typedef {import("./live.js").Model} Model */
/** @typedef {{ go: (k: number) => void, move: (way: number) => void, toggle: () => void }} Acts */

const UNITS = ["line", "turn", "moment"];
const A_STEP = 1000; // milliseconds between two steps of Play

/**
 * What happened in the step, in a sentence or two.
 * @param {Film} film
 * @param {Position} place
 */
function taleOf(film, { k, now, isBetween, step }) {
  if (isBetween) {
    const until = timeOn(film, film.steps[k]?.end ?? film.axis.end);
    return `Nobody is ready: the loop sleeps until ${until}.`;
  }
  if (step.tale) return step.tale;
  return now.ready.length
    ? `Nothing has run yet. ${film.cast[now.ready[0]].name} is ready: the event loop will give it `
      + "a turn."
    : "Nothing has run.";
}

/**
 * Buttons and dial with the clock; they call `move`, `go` and `toggle`, which say nothing back.
 * @param {Film} film
 * @param {Acts} act
 */
function controls(film, act) {
  const unit = make("select", {},
    ...UNITS.map((one) => make("option", { value: one }, `one ${one}`)));
  const toggle = button("Play", act.toggle);
  const clock = make("strong", { class: "clock" }), count = make("span");
  const last = film.steps.length;
  const dial = make("input", { type: "range", max: last, "aria-label": "Step" });
  dial.addEventListener("input", () => act.go(Number(dial.value)));
  const part = make("div", { class: "buttons" },
    button("◀ Back", () => act.move(-1)), button("Forward ▶", () => act.move(1), "main"),
    make("label", {}, "by ", unit), toggle, clock, dial, count);
  const show = (/** @type {Position} */ { k, at }, /** @type {string} */ tale) => {
    put(clock, timeOn(film, at));
    put(count, `step ${k} of ${last}`);
    dial.value = k;
    dial.setAttribute("aria-valuetext", `${timeOn(film, at)}: ${tale}`);
  };
  const playing = (/** @type {boolean} */ yes) => put(toggle, yes ? "Pause" : "Play");
  return { part, unit, show, playing };
}

/**
 * Let a hand drag the time over the timeline.
 * @param {{ part: HTMLElement, over: HTMLElement, end: number }} time
 * @param {() => void} pause
 * @param {(when: number) => void} goTo
 */
function dragged({ part, over, end }, pause, goTo) {
  const drag = (/** @type {PointerEvent} */ { clientX }) => {
    const { left, width } = over.getBoundingClientRect();
    goTo(Math.max(0, Math.min(1, (clientX - left) / width)) * end);
  };
  part.addEventListener("pointerdown", (event) => {
    pause();
    if (/** @type {Element} */ (event.target).matches("rect")) return; // a bar, which is clicked
    part.setPointerCapture(event.pointerId);
    drag(event);
  });
  part.addEventListener("pointermove", (event) => {
    if (part.hasPointerCapture(event.pointerId)) drag(event);
  });
}

/**
 * The keys: arrows, pages, both ends.
 * @param {HTMLElement} el
 * @param {HTMLElement} unit
 * @param {(way: number, by?: string) => void} move
 * @param {(k: number) => void} go
 * @param {number} last
 * @param {AbortSignal} signal
 */
function keys(el, unit, move, go, last, signal) {
  el.addEventListener("keydown", (event) => {
    const by = event.shiftKey ? "turn" : undefined;
    const act = {
      ArrowRight: () => move(1, by), ArrowLeft: () => move(-1, by),
      PageDown: () => move(1, "moment"), PageUp: () => move(-1, "moment"),
      Home: () => go(0), End: () => go(last),
    }[event.key];
    if (!act || event.target === unit || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }, { signal });
}

/**
 * All parts of a film in their order, and `show`, which moves them to a position.
 * @param {Film} film
 * @param {Acts} act
 */
function build(film, act) {
  const tale = make("p", { class: "tale" }), stop = make("p", { class: "notice stop" });
  const printed = make("pre"), spoken = speaker(), last = film.steps.length;
  const head = controls(film, act), program = programView(film), boxes = boxesView(film);
  const things = thingsView(film), time = timelineView(film, act.go);
  const turns = turnsView(film, act.go), views = [program, boxes, things, time, turns];
  const output = make("section", {}, make("p", { class: "title" }, "Printed"), printed);
  const left = [program.part, ...(film.things.length ? [things.part] : []),
    ...(film.after[last].out ? [output] : [])];
  const parts = [head.part, tale, make("div", { class: "parts" }, make("div", {}, ...left),
    make("div", {}, ...boxes.parts)), stop, turns.part, time.part, legend(film),
  ...film.notes.map((note) => make("p", { class: "soft" }, note)), spoken.part];
  const show = (/** @type {number} */ k, /** @type {number} */ at) => {
    const place = positionOn(film, k, at), words = taleOf(film, place);
    put(tale, words);
    put(stop, k === last ? film.problem : "");
    put(printed, place.now.out || " ");
    head.show(place, words);
    views.forEach((view) => view.show(place));
    spoken.say(`${timeOn(film, at)}. ${words}`);
  };
  return { parts, show, head, time, leave: spoken.leave };
}

/** @param {{ model: Model, el: HTMLElement }} view */
function render({ model, el }) {
  const { notice, leave, signal } = settle(model, el);
  el.classList.add("film-scene");
  const film = unpack(model.get("data")), last = film.steps.length;
  let k = 0, playing = 0;
  const to = (/** @type {number} */ where) => {
    k = Math.max(0, Math.min(last, where));
    view.show(k, film.after[k].clock);
  };
  const pause = () => {
    clearInterval(playing);
    playing = 0;
    view.head.playing(false);
  };
  const go = (/** @type {number} */ where) => { pause(); to(where); };
  const move = (/** @type {number} */ way, by = view.head.unit.value) =>
    go(next(film, k, by, way));
  const play = () => {
    if (k === last) to(0);
    view.head.playing(true);
    playing = setInterval(() => {
      to(next(film, k, view.head.unit.value, 1));
      if (k === last) pause();
    }, A_STEP);
  };
  const view = build(film, { go, move, toggle: () => (playing ? pause() : play()) });
  dragged(view.time, pause, (when) => {
    k = positionAt(film, when);
    view.show(k, Math.max(film.after[k].clock, when));
  });
  keys(el, view.head.unit, move, go, last, signal);
  el.append(notice, ...view.parts);
  view.show(0, 0);
  return () => { pause(); view.leave(); leave(); };
}

export default { render };
