// @ts-nocheck
// The explorer. The schedule below mirrors schedule.py, integer by integer, so that a slider's new
// picture needs no kernel; a test runs both on the same settings.

import { asker, fillIn, make, put, settle } from "./live.js";

// In microseconds; then deliveries of one request.
const UNIT = 1000000, ACCEPT = 60000, ATTEMPTS = 5;
const nearest = (value) => Math.floor(value + 0.5);
const sync = (setting) => setting.mode.startsWith("sync");
const servers = ({ mode, workers }) => mode === "sync one thread" ? 1 : workers;
const sum = (list) => list.reduce((total, value) => total + value, 0);

/** Insert into a sorted list of lists, by their numbers in order. */
function insort(list, item) {
  const before = (a, b) => a.reduce((so, value, n) => so || value - b[n], 0) <= 0;
  let place = list.length;
  while (place && !before(list[place - 1], item)) place -= 1;
  list.splice(place, 0, item);
}

/** Serve the requests first come, first served: see schedule.py, which says what is what. */
export function schedule(setting, draws) {
  const outcomes = [], coming = [], works = [], depth = [], queue = [], door = [];
  const free = Array(servers(setting)).fill(0);
  let time = 0;
  draws.gaps.forEach((gap, n) => {
    time += nearest((setting.random_arrivals ? gap : UNIT) / setting.rate);
    outcomes.push({ arrival: time, accept: null, complete: null, know: null, copies: 0 });
    coming.push([time + (sync(setting) ? 0 : ACCEPT), n, 1]);
  });
  const join = (at, n, attempt) => {
    insort(queue, [n, attempt, at]);
    depth.push([at, 1, at]);
    if (attempt === 1 && !sync(setting)) outcomes[n].accept = at;
  };
  const arrive = (at, n, attempt) => {
    const full = queue.length >= setting.bound && attempt === 1;
    if (full && setting.mode === "async reject") {
      Object.assign(outcomes[n], { refused: true, know: at });
    } else if (full && setting.mode === "async wait") door.push(n);
    else join(at, n, attempt);
  };
  const work = (worker, start) => {
    const [n, attempt, joined] = queue.shift(), outcome = outcomes[n];
    depth.push([start, -1, joined]);
    if (door.length) join(start, door.shift(), 1);
    const crash = draws.crashes[n][attempt - 1] < nearest(1000 * setting.failure);
    if (crash && setting.ack === "before" && !sync(setting)) return;
    const size = setting.random_tasks ? draws.tasks[n] : UNIT;
    const end = start + nearest(size * setting.task);
    free[worker] = end;
    works.push([n, worker, start, end]);
    outcome.copies += 1;
    outcome.complete ??= end;
    outcome.know ??= end;
    if (sync(setting)) Object.assign(outcome, { failed: crash, accept: crash ? null : end });
    else if (crash && attempt < ATTEMPTS) {
      const timeout = start + Math.max(nearest(2 * setting.task * UNIT), end - start);
      insort(coming, [timeout, n, attempt + 1]);
    }
  };
  while (coming.length || queue.length) {
    const worker = free.indexOf(Math.min(...free));
    const start = queue.length ? Math.max(free[worker], queue[0][2]) : Infinity;
    if (coming.length && coming[0][0] < start) arrive(...coming.shift());
    else work(worker, start);
  }
  return { outcomes, works, depth };
}

export function counts({ outcomes }) {
  const many = (is) => outcomes.filter(is).length;
  return {
    accepted: many((outcome) => outcome.accept !== null), done: many((outcome) => outcome.copies),
    failed: many((outcome) => outcome.failed),
    duplicated: sum(outcomes.map((outcome) => Math.max(0, outcome.copies - 1))),
    lost: many((outcome) => outcome.accept !== null && !outcome.copies),
    refused: many((outcome) => outcome.refused),
  };
}

/** Microseconds from arrival that q per cent do not exceed (nearest rank); null means never. */
export function percentile(q, { outcomes }, clock) {
  const times = outcomes.filter((outcome) => !outcome.refused)
    .map((outcome) => (outcome[clock] ?? Infinity) - outcome.arrival).sort((a, b) => (a < b ? -1 : a > b));
  const found = times[Math.max(0, Math.ceil((q * times.length) / 100) - 1)];
  return Number.isFinite(found) ? found : null;
}

/** L counted, λ per second, W in seconds, λW. */
export function little({ outcomes }) {
  const stays = outcomes.filter((outcome) => outcome.complete !== null);
  if (!stays.length) return [0, 0, 0, 0];
  const changes = stays.flatMap((outcome) => [[outcome.arrival, 1], [outcome.complete, -1]])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let area = 0, there = 0, [before] = changes[0];
  for (const [time, change] of changes) {
    area += there * (time - before);
    there += change;
    before = time;
  }
  const duration = before - changes[0][0], rate = stays.length / duration;
  const stay = sum(stays.map((outcome) => outcome.complete - outcome.arrival)) / stays.length;
  return [area / duration, rate * UNIT, stay / UNIT, rate * stay];
}

/** Depth of the queue and age of the oldest in it, as lists of [time, value]. */
export function lines(made) {
  // Since when those wait who wait; the oldest first.
  const depth = [], age = [], waiting = [];
  for (const [time, change, joined] of made.depth) {
    const note = () => {
      depth.push([time, waiting.length]);
      age.push([time, time - (waiting[0] ?? time)]);
    };
    // Who leaves and who follows at the same moment are one step.
    if (depth.at(-1)?.[0] === time) [depth, age].forEach((line) => line.pop());
    else note();
    if (change > 0) waiting.push(joined);
    else waiting.splice(waiting.indexOf(joined), 1);
    note();
  }
  return { depth, age };
}

// ---- the picture ----------------------------------------------------------------------------
// Requests in the timelines (the numbers are of all), and how high a row is.
const SHOWN = 40, ROW = 7;
const seconds = (us) => us === null ? "never"
  : us < UNIT ? `${(us / 1000).toFixed(0)} ms` : `${(us / UNIT).toFixed(2)} s`;

/** A part of the picture: its title, one SVG, and in it one path for each look. */
function chart(height, looks) {
  const paths = Object.fromEntries(looks.map((look) => [look, make("svg:path", { class: look })]));
  const picture = make("svg:svg", { preserveAspectRatio: "none", "aria-hidden": "true" },
    ...Object.values(paths));
  const caption = make("figcaption");
  const size = (high) => {
    picture.setAttribute("viewBox", `0 0 1000 ${high}`);
    picture.style.height = `${high}px`;
  };
  size(height);
  return { paths, caption, figure: make("figure", {}, caption, picture), height, size };
}

/** Path data of bars [row, from, to], each so high and so far below the top of its row. */
const bars = (list, scale, row, top, high) => list.map(([n, from, to]) => {
  const [left, right] = [from, to].map((time) => (time * scale).toFixed(1));
  return `M${left} ${n * row + top}H${right}v${high}H${left}z`;
}).join("");

// ---- controls -------------------------------------------------------------------------------
const NONE = "choose …";
const PYTHON = { true: "True", false: "False" };
const code = (values) => `Explorer(${Object.entries(values)
  .map(([name, value]) => `${name}=${PYTHON[value] ?? JSON.stringify(value)}`).join(", ")})`;

function render({ model, el }) {
  const { notice, leave } = settle(model, el);
  el.classList.add("explorer");
  const setting = { ...model.get("first") }, usual = model.get("usual"), menu = model.get("menu");
  let chance = { seed: setting.seed, draws: model.get("draws") };
  let serial = 0, due = 0, again = false;
  /** What is not as usual, for the kernel and for the line of code. */
  const news = (of) =>
    Object.fromEntries(Object.entries(of).filter(([name]) => of[name] !== usual[name]));
  const drawn = (from) =>
    el.dispatchEvent(new CustomEvent("drawn", { bubbles: true, detail: { serial, from } }));
  /** Draw at once, but once in a frame: what comes after that waits for the next. */
  const soon = () => {
    again = due > 0;
    if (again) return;
    draw();
    due = requestAnimationFrame(() => {
      due = 0;
      if (again) soon();
    });
  };
  const changed = (values, name = NONE) => {
    serial += 1;
    preset.value = name;
    Object.assign(setting, values);
    soon();
    kernel.ask({ ...news(setting), known: chance.seed });
  };

  const label = (words, control) => make("label", {}, words, control);
  const fields = menu.fields.map(([name, words, min, max, step, modes]) => {
    const title = make("span"), why = make("span", { class: "why", role: "alert" });
    const about = { min, max, step };
    const dial = make("input", { type: "range", "aria-label": words, ...about });
    const number = make("input",
      { type: "number", "aria-label": `${words}, as a number`, ...about });
    const judge = (good) => {
      put(why, good ? "" : `Give a ${step < 1 ? "" : "whole "}number from ${min} to ${max}.`);
      number.setAttribute("aria-invalid", String(!good));
    };
    const take = (from, to) => {
      const value = from.valueAsNumber;
      const good = (step < 1 || Number.isInteger(value)) && min <= value && value <= max;
      judge(good);
      // Else what was good last stays in the picture.
      if (!good) return;
      to.value = value;
      changed({ [name]: value });
    };
    dial.addEventListener("input", () => take(dial, number));
    number.addEventListener("input", () => take(number, dial));
    const write = () => {
      dial.value = number.value = setting[name];
      judge(true);
    };
    const note = () => put(title, words + (modes.includes(setting.mode) ? "" : " (unused here)"));
    // Each new seed brings its draws from the kernel: no dial to drag.
    return { row: make("div", { class: "field" }, title, name === "seed" ? "" : dial, number, why),
      write, note };
  });
  const simple = (name, words, control, key) => {
    control.addEventListener("input", () => changed({ [name]: control[key] }));
    return { row: label(words, control), write: () => { control[key] = setting[name]; } };
  };
  const checks = menu.checks.map(([name, words]) =>
    simple(name, words, make("input", { type: "checkbox" }), "checked"));
  const selects = menu.selects.map(([name, words, options]) =>
    simple(name, words, make("select", {}, ...Object.entries(options).map(
      ([value, text]) => make("option", { value }, text))), "value"));
  const write = () => [...fields, ...checks, ...selects].forEach((control) => control.write());
  const preset = make("select", {},
    ...[NONE, ...Object.keys(menu.presets)].map((name) => make("option", {}, name)));
  preset.addEventListener("change", () => {
    changed({ ...usual, ...menu.presets[preset.value] }, preset.value);
    write();
  });

  const clocks = make("table"), tally = make("table");
  const [told, crowd, law] = ["status", "status", null].map((role) => make("p", { role }));
  const busy = make("p", { class: "notice", role: "status" });
  const people = chart(SHOWN * ROW, ["wait", "held", "work"]), crew = chart(0, ["work"]);
  const queue = chart(60, ["line"]), oldest = chart(60, ["line"]);
  const axis = make("div", { class: "axis", "aria-hidden": "true" },
    ...[0, 1, 2].map(() => make("span")));
  const key = make("p", {}, ...Object.entries({ held: "the caller waits", wait: "in line",
    work: "being worked on" }).map(([look, words]) =>
    make("span", {}, make("i", { class: look }), words)));
  const all = make("table");
  const same = make("details", {}, make("summary", {}, "The same as a table"), make("div",
    { class: "scroll", tabindex: 0, role: "group", "aria-label": "The requests as a table" }, all));
  same.addEventListener("toggle", draw);
  const copied = make("input", { readonly: true, "aria-label": "These settings as code" });
  const copy = make("button", { type: "button" }, "Copy");
  copy.addEventListener("click", () => {
    copied.select();
    put(copy, document.execCommand("copy") ? "Copied" : "Press Ctrl+C");
  });

  function draw() {
    const made = schedule(setting, chance.draws);
    tellNumbers(made);
    drawTimelines(made);
    drawQueue(made);
    fields.forEach((field) => field.note());
    copied.value = code(news({ ...setting, seed: chance.seed }));
    put(copy, "Copy");
    drawn("browser");
  }

  function drawTimelines(made) {
    const shown = made.outcomes.slice(0, SHOWN), own = made.works.filter(([n]) => n < SHOWN);
    const end = Math.max(...own.map(([, , , to]) => to),
      ...shown.map((outcome) => Math.max(outcome.accept, outcome.arrival)));
    const first = new Map([...own].reverse().map((work) => [work[0], work]));
    const rows = (until) =>
      shown.map((outcome, n) => [n, outcome.arrival, until(outcome, n) ?? outcome.arrival]);
    const set = (part, look, ...about) => part.paths[look].setAttribute("d", bars(...about));
    const scale = 1000 / end;
    set(people, "wait", rows((outcome, n) => first.get(n)?.[2] ?? outcome.accept), scale, ROW, 2.5, 2);
    set(people, "held", rows((outcome) => outcome.accept ?? outcome.know), scale, ROW, 0.5, ROW - 1);
    set(people, "work", own.map(([n, , from, to]) => [n, from, to]), scale, ROW, 0.5, ROW - 1);
    put(people.caption, `The first ${SHOWN} requests, one row each`);
    const now = made.works.filter(([, , from]) => from < end)
      .map(([, who, from, to]) => [who, from, Math.min(to, end)]);
    crew.size(10 * servers(setting));
    set(crew, "work", now, scale, 10, 1, 8);
    const share = sum(now.map(([, from, to]) => to - from)) / end / servers(setting);
    put(crew.caption, `Workers, one row each: ${(100 * share).toFixed(0)} % busy`);
    [0, end / 2, end].forEach((time, n) => put(axis.children[n], `${(time / UNIT).toFixed(1)} s`));
    if (!same.open) return;
    fillIn(all, [["request", "came", "accepted", "worker", "begun", "done", "known", "copies"],
      ...shown.map((outcome, n) => [n + 1, seconds(outcome.arrival), seconds(outcome.accept),
        first.has(n) ? first.get(n)[1] + 1 : "none", seconds(first.get(n)?.[2] ?? null),
        seconds(outcome.complete), seconds(outcome.know), outcome.copies])]);
  }

  function drawQueue(made) {
    const { depth, age } = lines(made), last = depth.at(-1)?.[0] ?? 1;
    const all = `all ${made.outcomes.length}, ${seconds(last)}`;
    for (const [part, list, words] of [[queue, depth, (n) => `In the queue: at most ${n} (${all})`],
      [oldest, age, (n) => `The oldest in it: at most ${seconds(n)}`]]) {
      const most = Math.max(0, ...list.map(([, value]) => value)), high = part.height;
      const place = ([time, value]) => `L${((1000 * time) / last).toFixed(1)} `
        + (high - (value * (high - 4)) / (most || 1)).toFixed(1);
      part.paths.line.setAttribute("d", `M0 ${high}${list.map(place).join("")}`);
      put(part.caption, words(most));
    }
  }

  function tellNumbers(made) {
    const other = schedule({ ...setting, mode: "sync N threads", failure: 0 }, chance.draws);
    const middle = (of, clock) => seconds(percentile(50, of, clock));
    fillIn(clocks, [["time until", "p50", "p99"],
      ...[["accept", "accepted"], ["complete", "done"], ["know", "known"]].map(([clock, name]) =>
        [name, ...[50, 99].map((q) => seconds(percentile(q, made, clock)))])]);
    fillIn(tally, Object.entries({ requests: made.outcomes.length, ...counts(made) }));
    const [mine, theirs] = [made, other].map((of) => percentile(50, of, "accept"));
    put(told, sync(setting) || mine === null ? "One answer, and so one clock."
      : `A synchronous server with as many workers answers after ${seconds(theirs)}: `
      + `${(theirs / mine).toFixed(1)} times later. Accepted, not sent: `
      + `done after ${middle(made, "complete")} here, ${middle(other, "complete")} there.`);
    const [counted, rate, stay, product] = little(made);
    put(law, `Little's law: L counted ${counted.toFixed(3)}; λW = ${rate.toFixed(4)} per s × `
      + `${stay.toFixed(3)} s = ${product.toFixed(3)}.`);
  }

  const kernel = asker(model, busy, (answer) => {
    put(crowd, answer.crowd);
    if (answer.draws) {
      chance = answer;
      soon();
    }
    drawn("kernel");
  }, (sentence) => put(crowd, sentence));

  el.append(notice,
    make("div", { class: "top" }, label("Preset", preset), ...selects.map((part) => part.row)),
    make("div", { class: "fields" }, ...fields.map((part) => part.row),
      make("div", { class: "top" }, ...checks.map((part) => part.row))),
    make("div", { class: "numbers" }, clocks, tally, make("div", {}, told, law, crowd, busy)),
    key, people.figure, crew.figure, axis,
    make("div", { class: "pair" }, queue.figure, oldest.figure),
    same, make("div", { class: "code" }, copied, copy));
  write();
  draw();
  put(crowd, model.get("crowd"));
  return () => {
    cancelAnimationFrame(due);
    kernel.leave();
    leave();
  };
}

export default { render };
