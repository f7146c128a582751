// What a reader does in an incident: acts, and the settings that the story allows.

import { attribute, button, make, put } from "./live.js";
import { say } from "./incident_moves.js";

/** @typedef {import("./incident_moves.js").Kit} Kit */
/** @typedef {import("./incident_moves.js").Settings} Settings */
/**
 * Makes a move now, or says why it cannot be.
 * @typedef {(what: string, value: string) => void} Act
 */

const FEW = 6; // values that are a button each
/** @type {Record<string, string>} */
const NAMES = {
  mode: "A request is", ack: "A worker acknowledges", workers: "Workers", retry: "Try again",
  bound: "Places in the queue", timeout: "Ack timeout, s", key: "Idempotency key",
};
/** @type {Record<string, string>} */
const VALUES = { before: "before the work", after: "after the work", none: "none",
  now: "at once", backoff: "with backoff" };

/** What is wrong with a value, in a sentence; empty if nothing is.
 * @param {Kit} kit @param {string} what @param {string} word */
function faultOf(kit, what, word) {
  const { least, most, needs, example } = kit.rules[what], number = Number(word);
  if (word && Number.isInteger(number) && least <= number && number <= most) return "";
  return say(kit, "wrong", word ? "value" : "missing", { word, what, needs, example });
}

/** A number and buttons that do something with it. Return presses the first.
 * @param {Kit} kit @param {string} label @param {Record<string, string>} whats
 * @param {string} usual @param {Act} act */
function numberField(kit, label, whats, usual, act) {
  const [first] = Object.keys(whats), { least, most } = kit.rules[first];
  const why = make("span", { class: "why", role: "status" });
  const input = make("input", { type: "number", min: least, max: most, value: usual });
  const send = (/** @type {string} */ what) => {
    const fault = faultOf(kit, what, input.value);
    if (!fault) act(what, String(Number(input.value)));
    input.setAttribute("aria-invalid", String(Boolean(fault)));
    put(why, fault);
  };
  input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter") send(first);
  });
  const buttons = Object.entries(whats).map(([what, words]) => button(words, () => send(what)));
  return make("div", { class: "field" },
    make("label", {}, `${label} `, input), ...buttons, why);
}

/** A button for each value; the one that holds is pressed.
 * @param {string} what @param {string[]} values @param {Act} act */
function choices(what, values, act) {
  const buttons = values.map((value) => button(VALUES[value] ?? value, () => act(what, value)));
  const show = (/** @type {string} */ now) => buttons.forEach((one, n) =>
    attribute(one, "aria-pressed", String(values[n] === now)));
  return { buttons, show };
}

/** One setting: as few or many buttons as it has values, or a number.
 * @param {Kit} kit @param {string} what @param {Act} act */
function settingView(kit, what, act) {
  const { words, least, most } = kit.rules[what], isShort = most <= FEW;
  const numbers = isShort && most
    ? Array.from({ length: most - least + 1 }, (_, n) => String(least + n)) : [];
  const some = choices(what, [...numbers, ...words], act), parts = [...some.buttons];
  const name = NAMES[what], now = make("span", { class: "soft" });
  const field = isShort ? null : numberField(kit, name, { [what]: "Set" }, "10", act);
  const part = make("div", { class: "field", role: "group", "aria-label": name },
    ...(field ? [field] : [make("span", {}, name)]), ...parts, now);
  const show = (/** @type {Settings} */ settings) => {
    const value = String(settings[what]);
    some.show(value);
    put(now, isShort || words.includes(value) ? "" : `now ${value}`);
  };
  return { part, show };
}

/** What anybody may do in every incident; who is killed stands with the workers.
 * @param {Kit} kit @param {Act} act */
const actFields = (kit, act) => [
  numberField(kit, "E-mails", { send: "Send" }, "20", act),
  numberField(kit, "Provider, seconds", { away: "Away", slow: "Slow" }, "5", act),
];

/** All that the reader may do and set, and the settings that are given.
 * @param {Kit} kit @param {Act} act */
export function controlsView(kit, act) {
  const { may, settings } = kit.story, views = may.map((what) => settingView(kit, what, act));
  const fixed = Object.keys(settings).filter((what) => !may.includes(what));
  const rest = make("p", { class: "soft" });
  const part = make("div", { class: "settings" },
    ...actFields(kit, act), ...views.map((view) => view.part), rest);
  const show = (/** @type {Settings} */ now) => {
    views.forEach((view) => view.show(now));
    put(rest, `Given here: ${fixed.map((what) => `${what} ${now[what]}`).join(", ")}.`);
  };
  return { part, show };
}
