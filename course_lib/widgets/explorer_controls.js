// The explorer's controls. Each writes the settings as they are, and says what a reader changes.

import { attribute, button, make, put } from "./live.js";

/** @typedef {Record<string, any>} Values */
/** @typedef {(values: Values) => void} Set */
/** @typedef {{ name: string, label: string }} Named */
/** @typedef {{ min: number, max: number, step: number }} Limits */
/** @typedef {Named & { limits: Limits, modes: string[] }} Field */
/** @typedef {Named & { options: Record<string, string> }} Choice */
/** @typedef {{ fields: Field[], checks: Named[], selects: Choice[],
 *   presets: Record<string, Values> }} Menu */

const NONE = "choose …";

/**
 * A number, by a dial and in a field, with the reason beside it when it cannot be.
 * @param {Field} field
 * @param {Set} set
 */
function numberField({ name, label, limits, modes }, set) {
  const title = make("span"), why = make("span", { class: "why", role: "alert" });
  const dial = make("input", { type: "range", "aria-label": label, ...limits });
  const number = make("input",
    { type: "number", "aria-label": `${label}, as a number`, ...limits });
  const { min, max, step } = limits, kind = step < 1 ? "" : "whole ";
  const judge = (/** @type {boolean} */ isGood) => {
    put(why, isGood ? "" : `Give a ${kind}number from ${min} to ${max}.`);
    attribute(number, "aria-invalid", String(!isGood));
  };
  for (const input of [dial, number]) {
    input.addEventListener("input", () => {
      const value = input.valueAsNumber;
      const isGood = (step < 1 || Number.isInteger(value)) && min <= value && value <= max;
      judge(isGood);
      if (isGood) set({ [name]: value }); // else what was good last stays in the picture
    });
  }
  const write = (/** @type {Values} */ settings) => {
    for (const input of [dial, number]) {
      if (input.valueAsNumber !== settings[name]) input.value = settings[name];
    }
    judge(true);
    put(title, label + (modes.includes(settings.mode) ? "" : " (unused here)"));
  };
  // Each new seed brings its draws from the kernel: no dial to drag.
  const controls = name === "seed" ? [number] : [dial, number];
  return { part: make("div", { class: "field" }, title, ...controls, why), write };
}

/**
 * A check box or a menu.
 * @param {Named} named
 * @param {any} control
 * @param {"checked" | "value"} key
 * @param {Set} set
 */
function simple({ name, label }, control, key, set) {
  control.addEventListener("input", () => set({ [name]: control[key] }));
  return { part: make("label", {}, label, control),
    write: (/** @type {Values} */ settings) => {
      if (control[key] !== settings[name]) control[key] = settings[name];
    } };
}

/** @param {Record<string, string>} options */
const menuOf = (options) => make("select", {},
  ...Object.entries(options).map(([value, words]) => make("option", { value }, words)));

/**
 * The presets; the menu goes back to its first line when something else is changed.
 * @param {Record<string, Values>} presets
 * @param {Values} usual
 * @param {Set} set
 */
function presetMenu(presets, usual, set) {
  const menu = menuOf(Object.fromEntries([NONE, ...Object.keys(presets)].map((one) => [one, one])));
  menu.addEventListener("change", () => {
    if (presets[menu.value]) set({ ...usual, ...presets[menu.value] });
  });
  const write = (/** @type {Values} */ settings) => {
    const isSet = (/** @type {Values} */ preset) => Object.entries({ ...usual, ...preset })
      .every(([name, value]) => settings[name] === value);
    menu.value = Object.keys(presets).find((name) => isSet(presets[name])) ?? NONE;
  };
  return { part: make("label", {}, "Preset", menu), write };
}

/** The line of code, to copy. */
function codeLine() {
  const line = make("input", { readonly: true, "aria-label": "These settings as code" });
  const copy = button("Copy", () => {
    line.select();
    put(copy, document.execCommand("copy") ? "Copied" : "Press Ctrl+C");
  });
  const write = (/** @type {string} */ words) => {
    line.value = words;
    put(copy, "Copy");
  };
  return { part: make("div", { class: "code" }, line, copy), write };
}

/**
 * All controls.
 * @param {Menu} menu
 * @param {Values} usual
 * @param {Set} set
 */
export function controlsOf(menu, usual, set) {
  const preset = presetMenu(menu.presets, usual, set);
  const selects = menu.selects.map((one) => simple(one, menuOf(one.options), "value", set));
  const fields = menu.fields.map((one) => numberField(one, set));
  const checks = menu.checks.map((one) =>
    simple(one, make("input", { type: "checkbox" }), "checked", set));
  const code = codeLine(), all = [preset, ...selects, ...fields, ...checks];
  const write = (/** @type {Values} */ settings, /** @type {string} */ line) => {
    all.forEach((one) => one.write(settings));
    code.write(line);
  };
  const top = [preset, ...selects].map(({ part }) => part);
  return { write, code: code.part, parts: [make("div", { class: "top" }, ...top),
    make("div", { class: "fields" }, ...fields.map(({ part }) => part),
      make("div", { class: "top" }, ...checks.map(({ part }) => part)))] };
}
