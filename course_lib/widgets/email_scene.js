// @ts-nocheck
// The e-mail scene. Python sends the traces of two runs; here time goes by and the picture follows.

import { asker, calm, fillIn, make, put, settle } from "./live.js";

const KIND = ["working", "waiting", "away", "working"]; // the kinds of a span in email_scene.py
const WAYS = ["synchronous", "asynchronous"];
const CLOCKS = ["accepted", "sent", "known to the user"];
const ms = (time) => time >= 0 ? `${Math.round(time).toLocaleString("en")} ms` : time;
const set = (node, name, value) => {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
};
const seen = (node, yes) => set(node, "visibility", yes ? "visible" : "hidden");

// ---- what is so at a moment: read from the trace, and nothing else -----------------------------
/** A scene with its rows of numbers unpacked; what never came is NaN, which no time reaches. */
export function unpack(scene) {
  const rows = (text) => text.split(",").filter(Boolean).map((row) => row.split(" ").map(Number));
  return WAYS.map((way) => {
    const { lanes, end, ...texts } = scene[way], side = { way, lanes, end };
    for (const name in texts) side[name] = rows(texts[name]);
    return { ...side, async: lanes.includes("queue") };
  });
}

/** The state of one side `time` ms after the first request; before it, nobody has begun. */
export function stateAt(side, time) {
  const now = side.spans.filter(([, , start, end]) => start <= time && time < end);
  const over = side.spans.filter(([, kind, , end]) => kind === 0 && end <= time)
    .map((span) => span[4]);
  const by = (fate, clock) => fate[0] + fate[clock] <= time;
  const told = side.fates.map((fate) => {
    if (fate[0] > time) return "ready";
    if (by(fate, 3)) return fate[5] ? "told: failed" : "told: sent";
    return by(fate, 1) ? "free" : "waiting";
  });
  const past = (list) => list.filter(([at]) => at <= time);
  const count = (list, is) => list.filter(is).length;
  const answer = side.fates[0][1] || side.fates[0][3];
  const ended = time >= side.end;
  // "never" if one never comes, "not yet" before the last is over.
  const mean = (clock) => {
    const times = side.fates.map((fate) => fate[clock]);
    if (!side.fates.every((fate) => isNaN(fate[clock]) ? ended : by(fate, clock))) return "not yet";
    return times.some(isNaN) ? "never" : times.reduce((sum, one) => sum + one) / times.length;
  };
  return {
    now, told,
    crashed: past(side.crashes).map(([, lane]) => lane),
    depth: past(side.queue).reduce((sum, [, change]) => sum + change, 0),
    counts: {
      accepted: count(side.fates, (fate) => by(fate, 1)),
      sent: new Set(over).size,
      failed: count(told, (word) => word === "told: failed"),
      duplicated: over.length - new Set(over).size,
      lost: count(side.fates, (fate) => ended && by(fate, 1) && !fate[4]),
    },
    answer,
    clocks: [1, 2, 3].map(mean),
  };
}

/** The asynchronous time beside the synchronous one, once both are there. */
export function compared(sync, async) {
  if (!(sync > 0 && async > 0)) return "–";
  return sync > async ? `${(sync / async).toFixed(2)} × sooner`
    : `${(async / sync).toFixed(2)} × as long`;
}

/** What each part does, in words. */
export function words(side, state) {
  const doing = (lane) => state.now.filter(([of]) => of === lane).map(([, kind, , , mail]) =>
    ["sending", "waiting for the provider with", "starting again", "accepting"][kind]
      + (kind === 2 ? "" : ` e-mail ${mail}`));
  const crashed = (lane) => state.crashed.includes(lane) ? " (has crashed once)" : "";
  const single = side.fates.length === 1;
  const many = (word) => `${state.told.filter((other) => other === word).length} ${word}`;
  const tally = [...new Set(state.told)].map((word) => (single ? word : many(word)));
  const part = (lane, n) => {
    if (lane === "queue") return `${state.depth} in line`;
    if (lane === "provider") return doing(n).length ? "away" : "there";
    return (doing(n).join(", ") || "idle") + crashed(n);
  };
  return [`${single ? "user" : "users"}: ${tally.join(", ")}`, ...side.lanes
    .flatMap((lane, n) => lane.startsWith("user") ? [] : `${lane}: ${part(lane, n)}`)];
}

// ---- the picture ---------------------------------------------------------------------------------
const PERSON = "M0-7a6.5 6.5 0 1 1 .1 0zM-12 11a12 12 0 0 1 24 0z";
const MAIL = "M0 0h24v16h-24zl12 9 12-9";
const TICK = "M-3 0l2 3 4-6", CROSS = "M-3-3l6 6m0-6l-6 6";
const TICKS = "M-4.5 0l2 3 4-6m-1 6 4-6";
const SIGN = { waiting: "M0-3.5V0h2.5", free: TICK, sent: TICKS, failed: CROSS };
const hidden = { "aria-hidden": "true" }; // what is told in words beside it
const shape = (name, kind, attributes, ...inside) =>
  make(`svg:${name}`, { class: kind, ...attributes }, ...inside);
const path = (kind, d, transform) => shape("path", kind, { d, transform });
const badge = (x, y, sign) => shape("g", "badge", { transform: `translate(${x} ${y})` },
  shape("circle", "", { r: 6.5 }), sign);

/** A user: two shapes, and a badge that says how it stands. */
function person(n, of) {
  const sign = path("", ""), x = 18 + 38 * (n % 2), y = 26 + 41 * (n >> 1);
  const transform = of === 1 ? "translate(38 72)scale(2)" : `translate(${x} ${y})`;
  const part = shape("g", "", { transform }, path("body", PERSON), badge(11, -15, sign));
  const move = (word, time) => {
    set(part, "class", word);
    set(sign, "d", SIGN[word] ?? "");
    // Its watch: one turn a second.
    set(sign, "transform", `rotate(${word === "waiting" ? (time * 0.36).toFixed() : 0})`);
  };
  return { part, move };
}

/** Who works: a box that fills up while an envelope goes through it. */
function box(x, y, width, height) {
  const place = { x, y, height, rx: 4 }, wide = width - 12, high = height - 12;
  const fill = shape("rect", "fill", place), mail = path("mail", MAIL);
  const cross = path("cross", `M${x + 6} ${y + 6}l${wide} ${high}m-${wide} 0l${wide}-${high}`);
  const part = shape("g", "", {}, shape("rect", "frame", { ...place, width }), fill, cross, mail);
  const move = (span, time) => {
    const kind = KIND[span?.[1]] ?? "idle", works = kind === "working";
    const share = works ? (time - span[2]) / (span[3] - span[2]) : 0;
    const at = x + 5 + share * (width - 34);
    set(part, "class", kind);
    set(fill, "width", (share * width).toFixed(1));
    set(mail, "transform", `translate(${at.toFixed(1)} ${y + height / 2 - 8})`);
    seen(mail, works || kind === "waiting");
    seen(cross, kind === "away");
  };
  return { part, move };
}

/** The scene of one side, and a function that moves it to a moment. */
function stage({ async, fates }, count) {
  const height = Math.min(56, 116 / count - 5), who = fates.length > 1 ? "users" : "user";
  const people = fates.map((_, n) => person(n, fates.length));
  const boxes = Array.from({ length: count }, (_, n) => box(async ? 228 : 176,
    67 - (count / 2 - n) * (height + 5), async ? 108 : 160, height));
  const server = async ? [box(92, 46, 42, 38)] : [];
  const inLine = (_, n) => path("mail", MAIL, `translate(163 ${104 - 18 * n})`);
  const tray = async ? fates.map(inLine) : [], crew = count > 1 ? "workers" : "worker";
  const names = async ? [[38, who], [108, "server"], [181, ""], [282, crew]]
    : [[38, who], [256, "server"]];
  const captions = names.map(([x, name]) => make("span", { style: `left:${x / 3.4}%` }, name));
  const head = "m-5-4l5 4-5 4";
  const picture = make("div", hidden, shape("svg", "", { viewBox: "0 0 340 134" },
    path("", async ? `M78 67h10${head}M136 67h11${head}M205 67h18${head}` : `M78 67h93${head}`),
    path("tray", async ? "M152 16v100q0 8 8 8h30q8 0 8-8V16" : ""), ...tray,
    ...[...people, ...boxes, ...server].map(({ part }) => part)),
  make("p", { class: "captions" }, ...captions));
  const move = ({ told, now, depth }, time) => {
    people.forEach((one, n) => one.move(told[n].replace("told: ", ""), time));
    boxes.forEach((one, n) => one.move(now.find((span) => span[5] === n), time));
    server.forEach((one) => one.move(now.find((span) => span[1] === 3), time));
    tray.forEach((mail, n) => seen(mail, n < depth));
    if (async) put(captions[2], `queue: ${depth}`);
  };
  return { picture, move };
}

/** The timeline of one side: a row a lane, times in per cent of `end`; it grows with the time. */
function timeline(side, end) {
  const percent = (time) => `${((100 * time) / end).toFixed(2)}%`;
  const parts = [];
  const sign = (time, d) => {
    if (isNaN(time)) return ""; // what it would tell never came
    const made = shape("svg", "", { x: percent(time), y: 8 }, badge(7, 0, path("", d)));
    parts.push((now) => seen(made, time <= now));
    return made;
  };
  const row = (lane, n) => {
    const bars = side.spans.filter(([of]) => of === n).map(([, kind, start, stop]) => {
      const height = kind === 2 ? 4 : 12, place = { x: percent(start), y: 8 - height / 2, height };
      const bar = shape("rect", KIND[kind], place);
      parts.push((now) => set(bar, "width", percent(Math.max(0, Math.min(now, stop) - start))));
      return bar;
    });
    const signs = side.crashes.filter(([, of]) => of === n).map(([at]) => sign(at, CROSS));
    if (lane.startsWith("user")) {
      const [asked, accepted, , known, , failed] = side.fates[n];
      if (accepted !== known) signs.push(sign(asked + accepted, TICK));
      signs.push(sign(asked + known, failed ? CROSS : TICKS));
    }
    return [make("span", {}, lane), make("svg:svg", {}, ...bars, ...signs)];
  };
  const rows = side.lanes.flatMap((lane, n) => lane === "queue" ? [] : row(lane, n));
  rows.unshift(make("b", {}, side.way));
  return { rows, move: (now) => parts.forEach((one) => one(now)) };
}

/** The seconds below the timelines, with a line up from each, and the line that says: now. */
function axis(step, end) {
  const at = (time) => `left:${(100 * time) / end}%`;
  const now = make("i", { class: "now" });
  const ticks = Array.from({ length: Math.floor(end / step) + 1 },
    (_, n) => make("i", { style: at(n * step) }, `${(n * step) / 1000} s`));
  return { marks: make("div", { class: "axis" }, ...ticks, now),
    move: (time) => set(now, "style", at(Math.max(0, time))) };
}

// ---- controls ------------------------------------------------------------------------------------
/** One control with its label, and the reason beside it when its value cannot be taken. */
function field([name, label, attributes, unit], value, changed) {
  const id = `${name}-${Math.random().toString(36).slice(2)}`;
  const input = make("input", { id, ...attributes, "aria-describedby": `${id}-why` });
  const shown = make("output", { for: id });
  const why = make("span", { id: `${id}-why`, class: "why", role: "alert" });
  const { type, min, max } = attributes, check = type === "checkbox";
  if (check) input.checked = value === unit[1];
  else input.value = Math.round(value * unit);
  const read = () => {
    const number = input.valueAsNumber;
    const good = check || (Number.isInteger(number) && min <= number && number <= max);
    put(why, good ? "" : `Give a whole number from ${min} to ${max}.`);
    input.setAttribute("aria-invalid", String(!good));
    if (type === "range") put(shown, ms(number));
    if (good) changed(name, check ? unit[+input.checked] : number / unit);
  };
  input.addEventListener("input", read);
  if (type === "range") put(shown, ms(input.valueAsNumber));
  const caption = make("label", { for: id }, label);
  return make("div", { class: `field ${type}` },
    ...(check ? [input, caption] : [caption, input]), shown, why);
}

function render({ model, el }) {
  const { notice, leave } = settle(model, el);
  el.classList.add("email-scene");
  const settings = { ...model.get("settings") };
  let sides, end, parts, ruler, time = -1, playing = 0, before = 0; // -1: nobody has begun

  const button = (words, act) => {
    const made = make("button", {}, words);
    made.addEventListener("click", act);
    return made;
  };
  const start = button("", () => { time = -1; play(); });
  start.className = "main";
  const toggle = button("Play", () => (playing ? pause() : play()));
  const speed = make("select", {},
    ...[0.1, 0.25, 1, 4].map((x) => make("option", { value: x, selected: x === 1 }, `${x} ×`)));
  const dial = make("input", { type: "range", "aria-label": "Time in milliseconds", step: 10 });
  dial.addEventListener("input", () => { pause(); time = Math.min(end, dial.value); show(); });
  const clock = make("span"), said = make("p", { class: "unseen", role: "status" });
  const panels = make("div", { class: "panels" });
  const lines = make("div", { class: "lines", ...hidden });
  const ratio = make("p", { class: "ratio" });
  const tables = [make("table"), make("table")];
  const heads = WAYS.map((way) => way.replace("chro", "\u00adchro\u00ad")); // where they may part

  /** Build the picture of a scene; nothing of it moves before `show`. */
  function build(scene) {
    sides = unpack(scene);
    end = Math.max(...sides.map((side) => side.end));
    const mails = sides[0].fates.length;
    put(start, mails > 1 ? `Send ${mails} e-mails` : "Send an e-mail");
    dial.max = end + 9; // its last step of 10 reaches the end
    line.value = scene.code;
    ruler = axis(scene.tick, end);
    parts = sides.map((side) => {
      const scene = stage(side, settings.workers), line = timeline(side, end), big = make("strong");
      const list = make("ul", {}, ...words(side, stateAt(side, 0)).map(() => make("li")));
      const name = make("b", {}, side.way);
      const panel = make("section", { "aria-label": side.way }, name,
        make("p", {}, "First answer after ", big), scene.picture, list);
      return { side, scene, line, big, list, name, panel };
    });
    panels.replaceChildren(...parts.map((part) => part.panel));
    lines.replaceChildren(...parts.flatMap((part) => part.line.rows), ruler.marks);
  }

  /** The picture at `time`. */
  function show() {
    const states = parts.map(({ side, scene, line, big, list }) => {
      const state = stateAt(side, time);
      scene.move(state, time);
      line.move(time);
      put(big, time < state.answer ? `${ms(Math.max(0, time))} …` : ms(state.answer));
      words(side, state).forEach((word, n) => put(list.children[n], word));
      return state;
    });
    ruler.move(time);
    dial.value = time;
    put(clock, `${ms(Math.max(0, time))} of ${ms(end)}`);
    tabulate(...states);
  }

  function tabulate(left, right) {
    const clocks = CLOCKS.map((name, n) => [name, ms(left.clocks[n]), ms(right.clocks[n]),
      compared(left.clocks[n], right.clocks[n])]);
    fillIn(tables[0], [["mean time until", ...heads, "which is"], ...clocks]);
    fillIn(tables[1], [["e-mails", ...heads],
      ...Object.keys(left.counts).map((name) => [name, left.counts[name], right.counts[name]])]);
    const times = (left.clocks[0] / right.clocks[0]).toFixed(1); // NaN until both are over
    put(ratio, times > 0
      ? `The asynchronous user has an answer ${times} times sooner: accepted, not sent.` : "");
  }

  // ---- time goes by ------------------------------------------------------------------------------
  const moments = () => sides.flatMap(({ spans, queue }) => [
    ...spans.flatMap(([, , from, to]) => [from, to]), ...queue.map(([at]) => at)])
    .sort((a, b) => a - b);
  function step() {
    time = moments().find((at) => at > time) ?? end;
    announce();
  }
  function announce() {
    show();
    put(said, [clock, ...parts.flatMap(({ name, list }) => [name, ...list.children]), ratio]
      .map((part) => part.textContent).join(". "));
  }
  function play() {
    if (time >= end) time = -1;
    pause();
    put(toggle, "Pause");
    before = performance.now();
    playing = calm() ? setTimeout(leap, 900) : requestAnimationFrame(frame);
  }
  function frame(now) {
    time = Math.min(end, Math.max(0, time) + (now - before) * Number(speed.value));
    before = now;
    show();
    if (time < end) playing = requestAnimationFrame(frame);
    else finish();
  }
  function leap() { // for those who asked for less motion: from event to event
    step();
    if (time < end) playing = setTimeout(leap, 900);
    else pause();
  }
  function finish() { pause(); announce(); }
  function pause() {
    cancelAnimationFrame(playing);
    clearTimeout(playing);
    playing = 0;
    put(toggle, "Play");
  }

  // ---- other settings ----------------------------------------------------------------------------
  const line = make("input", { readonly: true });
  line.addEventListener("focus", () => line.select());
  const problem = make("p", { class: "why", role: "alert" });
  const kernel = asker(model, notice, (scene) => {
    const atEnd = time >= end;
    pause();
    build(scene);
    time = atEnd ? end : -1;
    show();
    put(problem, "");
    requestAnimationFrame(() => el.dispatchEvent(
      new CustomEvent("drawn", { bubbles: true, detail: { from: "kernel" } })));
  }, (sentence) => put(problem, sentence));
  const changed = (name, value) => {
    settings[name] = value;
    kernel.ask({ ...settings });
  };
  const controls = model.get("fields").map((about) => field(about, settings[about[0]], changed));

  const entry = (words, ...sign) => make("span", {}, make("svg:svg", {}, ...sign), words);
  const bar = (kind, height = 12) => shape("rect", kind, { y: 8 - height / 2, width: 24, height });
  const mark = (d) => badge(16, 8, path("", d));
  el.append(notice,
    make("div", { class: "buttons" }, start, toggle, button("Step", () => { pause(); step(); }),
      button("Reset", () => { time = -1; finish(); }), make("label", {}, "Speed ", speed)),
    make("div", { class: "time" }, dial, clock), panels, ratio,
    make("div", { class: "tables" }, ...tables), lines,
    make("p", { class: "legend", ...hidden }, entry("working", bar("working")),
      entry("waiting", bar("waiting")), entry("out of order", bar("away", 4)),
      entry("accepted", mark(TICK)), entry("knows that it is sent", mark(TICKS)),
      entry("crash or failure", mark(CROSS))),
    make("fieldset", {}, make("legend", {}, "Change it"), ...controls, problem),
    make("label", { class: "code" }, "These settings as code", line), said);
  build(model.get("first"));
  show();
  return () => { pause(); kernel.leave(); leave(); };
}

export default { render };
