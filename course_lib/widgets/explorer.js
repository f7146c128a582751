// The explorer. The schedule below mirrors schedule.py, integer by integer, so that a slider's new
// picture needs no kernel; a test runs both on the same settings.

const UNIT = 1000000, ACCEPT = 60000, ATTEMPTS = 5; // microseconds
const nearest = (value) => Math.floor(value + 0.5);
const sync = (setting) => setting.mode.startsWith("sync");
const sum = (list) => list.reduce((total, value) => total + value, 0);

/** Insert into a sorted list of lists, by their numbers in order. */
function insort(list, item) {
  const before = (a, b) => a.reduce((so, value, n) => so || value - b[n], 0) <= 0;
  let place = list.length;
  while (place && !before(list[place - 1], item)) place -= 1;
  list.splice(place, 0, item);
}

/** Serve the requests first come, first served: see schedule.py, which says what is what. */
function schedule(setting, draws) {
  const fates = [], coming = [], works = [], depth = [], queue = [], door = [];
  const servers = setting.mode === "sync one thread" ? 1 : setting.workers;
  const free = Array(servers).fill(0);
  let time = 0;
  draws.gaps.forEach((gap, n) => {
    time += nearest((setting.random_arrivals ? gap : UNIT) / setting.rate);
    fates.push({ arrival: time, accept: null, complete: null, know: null, copies: 0 });
    coming.push([time + (sync(setting) ? 0 : ACCEPT), n, 1]);
  });
  const join = (at, n, attempt) => {
    insort(queue, [n, attempt, at]);
    depth.push([at, 1]);
    if (attempt === 1 && !sync(setting)) fates[n].accept = at;
  };
  const arrive = (at, n, attempt) => {
    const full = queue.length >= setting.bound && attempt === 1;
    if (full && setting.mode === "async reject") Object.assign(fates[n], { refused: true, know: at });
    else if (full && setting.mode === "async wait") door.push(n);
    else join(at, n, attempt);
  };
  const work = (worker, start) => {
    const [n, attempt] = queue.shift(), fate = fates[n];
    depth.push([start, -1]);
    if (door.length) join(start, door.shift(), 1);
    const crash = draws.crashes[n][attempt - 1] < nearest(1000 * setting.failure);
    if (crash && setting.ack === "before" && !sync(setting)) return;
    const size = setting.random_tasks ? draws.tasks[n] : UNIT;
    const end = start + nearest(size * setting.task);
    free[worker] = end;
    works.push([n, worker, start, end]);
    fate.copies += 1;
    fate.complete ??= end;
    fate.know ??= end;
    if (sync(setting)) Object.assign(fate, { failed: crash, accept: crash ? null : end });
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
  return { fates, works, depth };
}

function counts({ fates }) {
  const many = (is) => fates.filter(is).length;
  return {
    accepted: many((fate) => fate.accept !== null), done: many((fate) => fate.copies),
    failed: many((fate) => fate.failed),
    duplicated: sum(fates.map((fate) => Math.max(0, fate.copies - 1))),
    lost: many((fate) => fate.accept !== null && !fate.copies), refused: many((fate) => fate.refused),
  };
}

/** Microseconds from arrival that q per cent do not exceed (nearest rank); null if nobody has it. */
function percentile(q, { fates }, clock) {
  const times = fates.filter((fate) => fate[clock] !== null && !fate.refused)
    .map((fate) => fate[clock] - fate.arrival).sort((a, b) => a - b);
  return times[Math.max(0, Math.ceil((q * times.length) / 100) - 1)] ?? null;
}

/** L counted, λ per second, W in seconds, λW. */
function little({ fates }) {
  const stays = fates.filter((fate) => fate.complete !== null);
  if (!stays.length) return [0, 0, 0, 0];
  const changes = stays.flatMap((fate) => [[fate.arrival, 1], [fate.complete, -1]])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let area = 0, there = 0, [before] = changes[0];
  for (const [time, change] of changes) {
    area += there * (time - before);
    there += change;
    before = time;
  }
  const duration = before - changes[0][0], rate = stays.length / duration;
  const stay = sum(stays.map((fate) => fate.complete - fate.arrival)) / stays.length;
  return [area / duration, rate * UNIT, stay / UNIT, rate * stay];
}

// ---- the picture -----------------------------------------------------------------------------------
const SHOWN = 24, ROW = 7; // requests in the timelines; the numbers are of all
const seconds = (us) => us === null ? "–" : us < UNIT ? `${(us / 1000).toFixed(0)} ms`
  : `${(us / UNIT).toFixed(2)} s`;
const put = (node, words) => { if (node.textContent !== words) node.textContent = words; };
const svg = (name, attributes) => make(`svg:${name}`, attributes);

/** A row of the picture: its title, one SVG of so many rows, and a path for each look. */
function chart(title, height, looks) {
  const paths = Object.fromEntries(looks.map((look) => [look, svg("path", { class: look })]));
  const picture = svg("svg", { viewBox: `0 0 1000 ${height}`, preserveAspectRatio: "none",
    style: `height:${height}px`, "aria-hidden": "true" });
  picture.append(...Object.values(paths));
  const caption = make("figcaption", {}, title);
  return { paths, caption, figure: make("figure", {}, caption, picture), height, picture };
}

/** Path data of bars from x to x in rows of one height. */
const bars = (list, scale, row, high) => list.map(([n, from, to]) =>
  `M${(from * scale).toFixed(1)} ${n * row + 1}H${(to * scale).toFixed(1)}v${high}H${(from * scale).toFixed(1)}z`).join("");

/** Depth of the queue and age of the oldest in it, as lists of (time, value). */
function lines(made) {
  const depth = [], age = [], waiting = [];
  let there = 0;
  for (const [time, change] of made.depth) {
    const oldest = waiting.length ? time - waiting[0] : 0;
    depth.push([time, there], [time, (there += change)]);
    if (change > 0) waiting.push(time);
    else waiting.shift();
    age.push([time, oldest], [time, waiting.length ? time - waiting[0] : 0]);
  }
  return { depth, age };
}

// ---- controls --------------------------------------------------------------------------------------
const MODES = { "sync one thread": "synchronous, one thread", "sync N threads": "synchronous, a thread each worker",
  "async unbounded": "asynchronous, queue without end", "async reject": "asynchronous, full queue says no",
  "async wait": "asynchronous, full queue lets wait" };
const FIELDS = [
  ["rate", "Requests per second", 0.02, 5, 0.01], ["task", "Seconds of work each", 0.1, 10, 0.1],
  ["workers", "Workers", 1, 8, 1], ["bound", "Places in the queue", 1, 50, 1],
  ["failure", "Share of crashes", 0, 0.5, 0.01],
];
const CHECKS = [["random_arrivals", "Random arrivals"], ["random_tasks", "Random work"]];
const PRESETS = {
  "the page's own demo": { rate: 0.05, random_arrivals: false },
  "a busy worker": {},
  "more than can be done": { rate: 0.5 },
  "a full queue says no": { rate: 0.5, mode: "async reject", bound: 5 },
  "a full queue lets wait": { rate: 0.5, mode: "async wait", bound: 5 },
  "crashes, ack before the work": { rate: 0.2, failure: 0.1, ack: "before" },
  "crashes, ack after the work": { rate: 0.2, failure: 0.1 },
  "all threads taken": { rate: 2, mode: "sync N threads", workers: 4 },
};
const PYTHON = { true: "True", false: "False" };
const code = (setting) => `Explorer(${Object.entries(setting)
  .map(([name, value]) => `${name}=${PYTHON[value] ?? JSON.stringify(value)}`).join(", ")})`;

function render({ model, el }) {
  const { notice, leave } = settle(model, el);
  el.classList.add("explorer");
  const draws = model.get("draws"), setting = { ...model.get("first") }, usual = model.get("usual");
  const label = (words, control) => make("label", {}, words, control);
  const choice = (options, value) => make("select", {}, ...Object.entries(options).map(([name, words]) =>
    make("option", { value: name, selected: name === value }, words)));
  let due = 0;
  const changed = (name, value) => {
    setting[name] = value;
    due ||= requestAnimationFrame(draw); // many events, one picture a frame
    kernel.ask({ ...setting });
  };

  const controls = FIELDS.map(([name, words, min, max, step]) => {
    const why = make("span", { class: "why", role: "alert" });
    const about = { min, max, step, value: setting[name] };
    const dial = make("input", { type: "range", "aria-label": words, ...about });
    const number = make("input", { type: "number", "aria-label": `${words}, as a number`, ...about });
    const take = (from, to) => {
      const value = from.valueAsNumber, whole = step < 1 || Number.isInteger(value);
      const good = whole && min <= value && value <= max;
      put(why, good ? "" : `Give a ${step < 1 ? "" : "whole "}number from ${min} to ${max}.`);
      from.setAttribute("aria-invalid", String(!good));
      if (!good) return;
      to.value = value;
      changed(name, value);
    };
    dial.addEventListener("input", () => take(dial, number));
    number.addEventListener("input", () => take(number, dial));
    const write = () => { dial.value = number.value = setting[name]; put(why, ""); };
    return { row: make("div", { class: "field" }, make("span", {}, words), dial, number, why), write };
  });
  const checks = CHECKS.map(([name, words]) => {
    const box = make("input", { type: "checkbox", checked: setting[name] });
    box.addEventListener("input", () => changed(name, box.checked));
    return { row: label(words, box), write: () => { box.checked = setting[name]; } };
  });
  const selects = [["mode", "Mode", MODES],
    ["ack", "Workers acknowledge", { after: "after the work", before: "before the work" }]].map(([name, words, options]) => {
    const select = choice(options, setting[name]);
    select.addEventListener("change", () => changed(name, select.value));
    return { row: label(words, select), write: () => { select.value = setting[name]; } };
  });
  const all = [...controls, ...checks, ...selects];
  const preset = choice({ "": "choose …", ...Object.fromEntries(Object.keys(PRESETS).map((name) => [name, name])) });
  preset.addEventListener("change", () => {
    Object.assign(setting, usual, PRESETS[preset.value]);
    all.forEach((control) => control.write());
    changed("rate", setting.rate);
  });

  const table = make("table"), said = make("p", { class: "said", role: "status" });
  const law = make("p"), crowd = make("p", { class: "crowd" });
  const people = chart("", SHOWN * ROW, ["wait", "held", "work"]);
  const crew = chart("Workers, one row each", 0, ["work"]);
  const queue = chart("", 60, ["line"]), oldest = chart("", 60, ["line"]);
  const copied = make("input", { readonly: true, "aria-label": "These settings as code" });
  const copy = make("button", { type: "button" }, "Copy");
  copy.addEventListener("click", () => {
    copied.select();
    navigator.clipboard?.writeText(copied.value);
    put(copy, "Copied");
  });

  function draw() {
    due = 0;
    const made = schedule(setting, draws);
    const other = schedule({ ...setting, mode: "sync N threads", failure: 0 }, draws);
    const shown = made.fates.slice(0, SHOWN), own = made.works.filter(([n]) => n < SHOWN);
    const ends = [...own.map(([, , , end]) => end), ...shown.map((fate) => Math.max(fate.accept, fate.arrival))];
    const end = Math.max(...ends), scale = 1000 / end;
    const starts = new Map(own.map(([n, , start]) => [n, start]).reverse());
    const waits = shown.map((fate, n) => [n, fate.arrival, starts.get(n) ?? fate.accept ?? fate.arrival]);
    const held = shown.map((fate, n) => [n, fate.arrival, fate.accept ?? fate.know ?? fate.arrival]);
    people.paths.wait.setAttribute("d", bars(waits, scale, ROW, ROW - 2));
    people.paths.work.setAttribute("d", bars(own.map(([n, , from, to]) => [n, from, to]), scale, ROW, ROW - 2));
    people.paths.held.setAttribute("d", bars(held, scale, ROW, ROW - 2));
    put(people.caption, `The first ${SHOWN} requests, one row each, over ${seconds(end)}: `
      + "dashed = the caller waits, pale = in line, full = being worked on");
    const high = 10 * (setting.mode === "sync one thread" ? 1 : setting.workers);
    crew.picture.setAttribute("viewBox", `0 0 1000 ${high}`);
    crew.picture.style.height = `${high}px`;
    crew.paths.work.setAttribute("d", bars(own.map(([, ...rest]) => rest), scale, 10, 8));
    const { depth, age } = lines(made);
    for (const [part, list, words, unit] of [[queue, depth, "Waiting in the queue", String],
      [oldest, age, "Age of the oldest in the queue", seconds]]) {
      const [last] = list.at(-1) ?? [1], most = Math.max(1, ...list.map(([, value]) => value));
      part.paths.line.setAttribute("d", `M0 ${part.height}${list.map(([time, value]) =>
        `L${((1000 * time) / last).toFixed(1)} ${(part.height - (value * (part.height - 4)) / most).toFixed(1)}`).join("")}`);
      put(part.caption, `${words}, of all ${made.fates.length}: at most ${unit(Math.max(0, ...list.map(([, v]) => v)))}`);
    }
    tabulate(made, other);
    copied.value = code(setting);
    put(copy, "Copy");
    el.dispatchEvent(new CustomEvent("drawn", { bubbles: true, detail: { from: "browser" } }));
  }

  function tabulate(made, other) {
    const ranks = (of, clock) => [50, 99].map((q) => percentile(q, of, clock));
    const rows = [["time until", "p50", "p99"], ...[["accept", "accepted"], ["complete", "done"], ["know", "known"]]
      .map(([clock, name]) => [name, ...ranks(made, clock).map(seconds)])];
    rows.forEach((row, n) => row.forEach((cell, m) => {
      const line = table.rows[n] ?? table.insertRow();
      put(line.cells[m] ?? line.appendChild(n && m ? make("td") : make("th", { scope: n ? "row" : "col" })), cell);
    }));
    const [mine, theirs] = [ranks(made, "accept")[0], ranks(other, "accept")[0]];
    const many = Object.entries(counts(made)).map(([name, count]) => `${count} ${name}`).join(", ");
    put(said, `${made.fates.length} requests: ${many}.${sync(setting) || mine === null ? "" : ` A synchronous server `
      + `with as many workers answers after ${seconds(theirs)}: ${(theirs / mine).toFixed(1)} times later. `
      + "Accepted, not sent."}`);
    const [counted, rate, stay, product] = little(made);
    put(law, `Little's law: L counted ${counted.toFixed(3)}; λW = ${rate.toFixed(4)} per s × ${stay.toFixed(3)} s = ${product.toFixed(3)}.`);
  }

  const kernel = asker(model, notice, (answer) => {
    put(crowd, answer);
    el.dispatchEvent(new CustomEvent("drawn", { bubbles: true, detail: { from: "kernel" } }));
  }, (sentence) => put(crowd, sentence));

  el.append(notice, make("div", { class: "top" }, label("Preset", preset), ...selects.map((part) => part.row)),
    make("div", { class: "fields" }, ...controls.map((part) => part.row), ...checks.map((part) => part.row)),
    make("div", { class: "scroll" }, table), said, law, crowd,
    people.figure, crew.figure, make("div", { class: "pair" }, queue.figure, oldest.figure),
    make("div", { class: "code" }, copied, copy));
  draw();
  put(crowd, model.get("crowd"));
  return () => { cancelAnimationFrame(due); kernel.leave(); leave(); };
}

export { schedule, counts, percentile, little };
export default { render };
