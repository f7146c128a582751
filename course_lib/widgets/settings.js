// Settings that are one value in all views of a widget and in Python: see settable.py.
import { tell } from "./live.js";

const PATIENCE = 400; // milliseconds until a reader is told that the kernel is busy
const BUSY = "The kernel is busy. What you see is old.";
const PYTHON = new Map([[true, "True"], [false, "False"]]);

/** @typedef {import("./live.js").Model} Model */
/** @typedef {Record<string, any>} Settings */

/**
 * The settings that are not as usual.
 * @param {Settings} settings
 * @param {Settings} usual
 * @returns {Settings}
 */
function newsOf(settings, usual) {
  return Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => value !== usual[name]));
}

/**
 * The line of Python that opens a widget with these settings.
 * @param {string} name
 * @param {Settings} news
 */
export function lineOf(name, news) {
  const words = Object.entries(news).map(([key, value]) =>
    `${key}=${PYTHON.get(value) ?? JSON.stringify(value)}`);
  return `${name}(${words.join(", ")})`;
}

/**
 * @param {Settings} one
 * @param {Settings} other
 */
function isSame(one, other) {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length
    && names.every((name) => one[name] === other[name]);
}

/**
 * Keep a view and the widget's settings together. `changed` is called when they are others,
 * whoever changed them; `shown` when Python has made what belongs to them. The model has only what
 * is not as usual; here all of them are handed out and taken.
 * @param {Model} model
 * @param {HTMLElement} notice
 * @param {{ changed: (settings: Settings) => void, shown: (shown: any) => void }} view
 */
export function settingsOf(model, notice, { changed, shown }) {
  const usual = model.get("usual"), all = () => ({ ...usual, ...model.get("settings") });
  let timer = 0; // runs until Python has answered
  const hear = () => {
    timer ||= setTimeout(() => tell(notice, BUSY), PATIENCE);
    changed(all());
  };
  const take = () => {
    const made = model.get("shown");
    // Not asked for from here: another window has set it, and these are the settings now.
    if (!timer && !isSame(made.of, model.get("settings"))) model.set("settings", made.of);
    if (!isSame(made.of, model.get("settings"))) return;
    clearTimeout(timer);
    timer = 0;
    tell(notice, "");
    shown(made);
  };
  model.on("change:settings", hear);
  model.on("change:shown", take);
  const set = (/** @type {Settings} */ values) => {
    model.set("settings", newsOf({ ...all(), ...values }, usual));
    model.save_changes();
  };
  const leave = () => {
    clearTimeout(timer);
    model.off("change:settings", hear);
    model.off("change:shown", take);
  };
  const line = (/** @type {string} */ name) => lineOf(name, newsOf(all(), usual));
  return { set, leave, line, all };
}
