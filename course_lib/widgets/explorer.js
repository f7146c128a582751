// The explorer. Whoever changes the settings, the browser draws them at once by its mirror of the
// schedule, and Python tells what very many requests see.

import { settle, speaker } from "./live.js";
import { settingsOf } from "./settings.js";
import { schedule, twin } from "./explorer_schedule.js";
import { measured, once } from "./explorer_measures.js";
import { controlsOf } from "./explorer_controls.js";
import { wordsView } from "./explorer_words.js";
import { legend, queueView, tableView, timelinesView } from "./explorer_view.js";

/** @typedef {import("./live.js").Model} Model */
/** @typedef {import("./explorer_schedule.js").Draws} Draws */
/** @typedef {import("./explorer_schedule.js").Setting} Setting */
/** @typedef {Record<string, any>} Settings */

/**
 * Draw at once, but once in a frame: what comes after that waits for the next.
 * @param {() => void} draw
 */
function onceInAFrame(draw) {
  let due = 0, isAgain = false;
  const soon = () => {
    isAgain = due > 0;
    if (isAgain) return;
    queueMicrotask(draw); // what Python is asked goes first
    due = requestAnimationFrame(() => {
      due = 0;
      if (isAgain) soon();
    });
  };
  return { soon, leave: () => cancelAnimationFrame(due) };
}

/**
 * The settings as they are and as they were before the last change. One change is all that a hand
 * does at one control until it lets that go, which is when the browser fires `change`.
 * @param {HTMLElement} el
 * @param {Settings} first
 */
function history(el, first) {
  let now = first, moved = ""; // what the hand has hold of
  let before = /** @type {Settings | null} */ (null);
  const letGo = () => { moved = ""; };
  for (const kind of ["change", "pointerdown"]) el.addEventListener(kind, letGo);
  const take = (/** @type {Settings} */ settings, /** @type {boolean} */ byHand) => {
    const changed = Object.keys(settings).filter((name) => settings[name] !== now[name]).join();
    if (changed !== moved) before = now;
    moved = byHand ? changed : "";
    now = settings;
  };
  return { take, now: () => now, before: () => before };
}

/** All views of a schedule. */
function picture() {
  const of = once((/** @type {Draws} */ draws) =>
    once((/** @type {Setting} */ setting) => measured(schedule(setting, draws))));
  const words = wordsView(), queue = queueView(), times = timelinesView(), table = tableView();
  const show = (/** @type {any} */ setting, /** @type {any} */ before,
    /** @type {Draws} */ draws) => {
    const made = of(draws)(setting), past = before ? of(draws)(before) : undefined;
    words.show(made, past, measured(schedule(twin(setting), draws)), setting);
    queue.show(made, past);
    times.show(made, setting);
    table.show(made, past, setting);
    return words.said(made);
  };
  return { show, words, table: table.part,
    parts: [words.part, legend(), ...queue.parts, ...times.parts, table.part] };
}

/**
 * Draws the settings that it is given, beside those before, and says what a reader changed.
 * @param {Model} model
 * @param {HTMLElement} el
 * @param {Settings} settings
 */
function drawer(model, el, settings) {
  const view = picture(), spoken = speaker(), past = history(el, settings);
  let serial = 0;
  const drawn = (/** @type {string} */ from) => el.dispatchEvent(
    new CustomEvent("drawn", { bubbles: true, detail: { serial, from } }));
  const drawing = onceInAFrame(() => {
    const said = view.show(past.now(), past.before(), model.get("draws"));
    if (serial) spoken.say(said);
    drawn("browser");
  });
  const take = (/** @type {Settings} */ now, /** @type {boolean} */ byHand) => {
    serial += 1;
    past.take(now, byHand);
    drawing.soon();
  };
  const tell = (/** @type {{ crowd: string, problem?: string }} */ { crowd, problem }) => {
    view.words.tell(problem ?? crowd);
    drawn("kernel");
  };
  model.on("change:draws", drawing.soon);
  view.table.addEventListener("toggle", drawing.soon);
  const leave = () => {
    model.off("change:draws", drawing.soon);
    drawing.leave();
    spoken.leave();
  };
  return { parts: view.parts, spoken: spoken.part, soon: drawing.soon, take, tell, leave };
}

/** @param {{ model: Model, el: HTMLElement }} context */
function render({ model, el }) {
  const { notice, leave } = settle(model, el);
  el.classList.add("explorer");
  let byHand = false;
  const write = () => controls.write(kept.all(), kept.line("Explorer"));
  const kept = settingsOf(model, notice, {
    changed: (settings) => { view.take(settings, byHand); queueMicrotask(write); },
    shown: (shown) => view.tell(shown),
  });
  const view = drawer(model, el, kept.all());
  const controls = controlsOf(model.get("menu"), model.get("usual"), (values) => {
    byHand = true;
    kept.set(values);
    byHand = false;
  });
  el.append(notice, ...controls.parts, ...view.parts, controls.code, view.spoken);
  write();
  view.soon();
  view.tell(model.get("shown"));
  return () => { view.leave(); kept.leave(); leave(); };
}

export default { render };
