// The e-mail scene. Python sends the rows of two runs; here time goes by and the picture follows.

import { attribute, button, make, put, settle, speaker } from "./live.js";
import { settingsOf } from "./settings.js";
import { Clock } from "./email_clock.js";
import { moments, ms, unpack } from "./email_state.js";
import { sceneView } from "./email_view.js";

/** @typedef {import("./live.js").Model} Model */
/**
 * What can be changed, as EmailScene.fields has it.
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {{ type: string, min: number, max: number }} control
 * @property {number} unit
 * @property {unknown} off
 * @property {unknown} on
 */

const SPEEDS = [0.1, 0.25, 1, 4];

/**
 * The buttons and the dial above the picture.
 * @param {Clock} clock
 */
function controls(clock) {
  const start = button("", () => clock.restart(), "main");
  const toggle = button("Play", () => clock.toggle());
  const speed = make("select", {},
    ...SPEEDS.map((x) => make("option", { value: x, selected: x === 1 }, `${x} ×`)));
  speed.addEventListener("input", () => { clock.speed = Number(speed.value); });
  const dial = make("input", { type: "range", "aria-label": "Time in milliseconds", step: 10 });
  dial.addEventListener("input", () => clock.jump(Number(dial.value)));
  const told = make("span"), step = button("Step", () => clock.step());
  const parts = [make("div", { class: "buttons" }, start, toggle, step,
    button("Reset", () => clock.reset()), make("label", {}, "Speed ", speed)),
  make("div", { class: "time" }, dial, told)];
  const show = (/** @type {number} */ time, /** @type {number} */ end) => {
    dial.value = time;
    put(told, `${ms(Math.max(0, time))} of ${ms(end)}`);
    attribute(dial, "aria-valuetext", ms(Math.max(0, time)));
  };
  const build = (/** @type {number} */ mails, /** @type {number} */ end) => {
    put(start, mails > 1 ? `Send ${mails} e-mails` : "Send an e-mail");
    dial.max = end + 9; // its last step of 10 reaches the end
  };
  return { parts, show, build, told,
    playing: (/** @type {boolean} */ yes) => put(toggle, yes ? "Pause" : "Play") };
}

/**
 * One control of a setting with its label, and the reason beside it when its value cannot be.
 * @param {Field} field
 * @param {(values: Record<string, unknown>) => void} set
 */
function settingField({ name, label, control, unit, off, on }, set) {
  const id = `${name}-${Math.random().toString(36).slice(2)}`, { type, min, max } = control;
  const isCheck = type === "checkbox", isRange = type === "range";
  const input = make("input", { id, ...control, "aria-describedby": `${id}-why` });
  const shown = make("span", { "aria-hidden": "true" }); // a slider tells its value itself
  const why = make("span", { id: `${id}-why`, class: "why", role: "alert" });
  const judge = (/** @type {boolean} */ isGood) => {
    put(why, isGood ? "" : `Give a whole number from ${min} to ${max}.`);
    attribute(input, "aria-invalid", String(!isGood));
  };
  const tell = () => {
    if (!isRange) return;
    put(shown, ms(input.valueAsNumber));
    attribute(input, "aria-valuetext", ms(input.valueAsNumber));
  };
  input.addEventListener("input", () => {
    const number = input.valueAsNumber;
    const isGood = isCheck || (Number.isInteger(number) && min <= number && number <= max);
    judge(isGood);
    tell();
    if (isGood) set({ [name]: isCheck ? (input.checked ? on : off) : number / unit });
  });
  const write = (/** @type {Record<string, any>} */ settings) => {
    const value = isCheck ? settings[name] === on : Math.round(settings[name] * unit);
    if (isCheck) input.checked = value;
    else if (input.valueAsNumber !== value) input.value = value;
    judge(true);
    tell();
  };
  const caption = make("label", { for: id }, label);
  return { write, part: make("div", { class: `field ${type}` },
    ...(isCheck ? [input, caption] : [caption, input]), shown, why) };
}

/**
 * The controls of all settings, and the line of code that they are.
 * @param {Field[]} fields
 * @param {(values: Record<string, unknown>) => void} set
 */
function settingsForm(fields, set) {
  const all = fields.map((field) => settingField(field, set));
  const line = make("input", { readonly: true });
  line.addEventListener("focus", () => line.select());
  const problem = make("p", { class: "why", role: "alert" });
  const parts = [make("fieldset", {}, make("legend", {}, "Change it"),
    ...all.map(({ part }) => part), problem),
  make("label", { class: "code" }, "These settings as code", line)];
  const write = (/** @type {Record<string, any>} */ settings, /** @type {string} */ code) => {
    all.forEach((field) => field.write(settings));
    line.value = code;
  };
  return { parts, write, problem };
}

/** @param {{ model: Model, el: HTMLElement }} context */
function render({ model, el }) {
  const { notice, leave } = settle(model, el);
  el.classList.add("email-scene");
  const view = sceneView(), spoken = speaker();
  let end = 0;
  const clock = new Clock({
    show: (time) => { view.show(time); head.show(time, end); },
    rest: () => spoken.say(`${head.told.textContent}. ${view.said()}`),
    playing: (yes) => head.playing(yes),
  });
  const head = controls(clock);
  const build = () => {
    const made = model.get("shown");
    put(form.problem, made.problem ?? "");
    if (made.problem) return;
    const sides = unpack(made, model.get("names"));
    end = Math.max(...sides.map((side) => side.end));
    head.build(sides[0].fates.length, end);
    view.build(sides, made.tick, kept.all().workers);
    clock.setStops(moments(sides), end);
    requestAnimationFrame(() => el.dispatchEvent(
      new CustomEvent("drawn", { bubbles: true, detail: { from: "kernel" } })));
  };
  const write = () => form.write(kept.all(), kept.line("EmailScene"));
  const kept = settingsOf(model, notice, { changed: write, shown: build });
  const form = settingsForm(model.get("fields"), kept.set);
  el.append(notice, ...head.parts, ...view.parts, ...form.parts, spoken.part);
  write();
  build();
  return () => { clock.pause(); spoken.leave(); kept.leave(); leave(); };
}

export default { render };
