// The e-mail scene. Python sends the traces of two runs; here time goes by and the picture follows.

const KIND = ["working", "waiting"]; // the first ones of course_lib.trace
const WAYS = ["synchronous", "asynchronous"];
const CLOCKS = ["accepted", "sent", "known to the user"];
const ms = (time) => time.toFixed ? `${Math.round(time).toLocaleString("en")} ms` : time;
const set = (node, name, value) => {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
};
const put = (node, words) => { if (node.textContent !== words) node.textContent = words; };

// ---- what is so at a moment: read from the trace, and nothing else -----------------------------
/** The state of one side `time` ms after the start. */
function stateAt(side, time, async) {
  const now = side.spans.filter(([, , start, end]) => start <= time && time < end);
  const sends = side.spans.filter(([lane, kind]) => kind === 0
    && side.lanes[lane].startsWith(async ? "worker" : "server"));
  const over = sends.filter(([, , , end]) => end <= time).map(([, , , , mail]) => mail);
  const by = (fate, clock) => fate[clock] !== null && fate[0] + fate[clock] <= time;
  const told = side.fates.map((fate) => {
    if (fate[0] > time) return "ready";
    if (by(fate, 3)) return fate[5] ? "told: failed" : "told: sent";
    return by(fate, 1) ? "free" : "waiting";
  });
  const past = (list) => list.filter(([at]) => at <= time);
  const first = side.fates[0], answer = first[1] ?? first[3];
  const ended = time >= side.end;
  return {
    now, told,
    crashed: past(side.crashes).map(([, lane]) => lane),
    depth: past(side.queue).reduce((sum, [, change]) => sum + change, 0),
    counts: {
      accepted: side.fates.filter((fate) => by(fate, 1)).length,
      sent: new Set(over).size,
      failed: told.filter((word) => word === "told: failed").length,
      duplicated: over.length - new Set(over).size,
      lost: side.fates.filter((fate) => ended && fate[1] !== null && !fate[4]).length,
    },
    waited: Math.min(time, answer),
    answered: time >= answer,
    clocks: [1, 2, 3].map((clock) => meanOf(side.fates.map((fate) => fate[clock]),
      side.fates.every((fate) => (fate[clock] === null ? ended : by(fate, clock))))),
  };
}

/** The mean of the times, "never" if a mail has none, "not yet" before all of them are over. */
function meanOf(times, over) {
  if (!over) return "not yet";
  if (times.includes(null)) return "never";
  return times.reduce((sum, time) => sum + time, 0) / times.length;
}

/** What each part does, in words. */
function words(side, state, async) {
  const doing = (lane) => state.now.filter(([of, kind]) => of === lane && kind < 2)
    .map(([, kind, , , mail]) => kind ? `waiting for the provider with e-mail ${mail}`
      : `${async && side.lanes[lane] === "server" ? "accepting" : "sending"} e-mail ${mail}`);
  const crashed = (lane) => state.crashed.includes(lane) ? " (has crashed once)" : "";
  const parts = side.lanes.map((lane, n) => [lane, n]).filter(([lane]) => !lane.startsWith("user"));
  const tally = [...new Set(state.told)].map((word) => side.fates.length === 1 ? word
    : `${state.told.filter((other) => other === word).length} ${word}`);
  return [`${side.fates.length === 1 ? "user" : "users"}: ${tally.join(", ")}`,
    ...parts.map(([lane, n]) => lane === "queue" ? `queue: ${state.depth} in line`
      : `${lane}: ${doing(n).join(", ") || "idle"}${crashed(n)}`)];
}

// ---- the picture ---------------------------------------------------------------------------------
const envelope = (x, y) => make("svg:path", { class: "mail", d: `M${x} ${y}h18v12h-18zl9 7 9-7` });
const PERSON = "M0 -7a6 6 0 1 1 .1 0z M-11 11a11 11 0 0 1 22 0z";

/** The scene of one side, and a function that moves it to a moment. */
function stage(side, way, setting) {
  const async = way === "asynchronous";
  const picture = make("svg:svg", { viewBox: "0 0 320 116", "aria-hidden": "true" },
    make("svg:path", { class: "road", d: "M64 58H216" }));
  const people = side.fates.map((_, n) => {
    const single = side.fates.length === 1;
    const place = single ? "translate(32 56) scale(2)" : `translate(${16 + 30 * (n % 2)} ${24 + 34 * (n >> 1)})`;
    const person = make("svg:path", { class: "person", d: PERSON, transform: place });
    picture.append(person);
    return person;
  });
  const box = (x, y, width, height) => {
    const fill = make("svg:rect", { class: "fill", x, y, width: 0, height, rx: 3 });
    const mail = envelope(x + width / 2 - 9, y + height / 2 - 6);
    const frame = make("svg:rect", { class: "box", x, y, width, height, rx: 3 });
    picture.append(fill, frame, mail);
    return { fill, mail, frame, width };
  };
  const count = setting.workers, height = Math.min(48, 104 / count - 4);
  const row = (n) => 58 - (count * (height + 4)) / 2 + n * (height + 4) + 2;
  const slots = Array.from({ length: count }, (_, n) =>
    box(async ? 212 : 170, row(n), async ? 100 : 142, height));
  const server = async && box(84, 40, 40, 36);
  const tray = async ? side.fates.map((_, n) => envelope(157, 82 - 14 * n)) : [];
  if (async) picture.append(make("svg:path", { class: "tray", d: "M150 14V98h32V14" }), ...tray);
  const slotOf = new Map(); // a synchronous server has a slot for each mail that it sends at once
  const free = Array(count).fill(0);
  for (const span of side.spans) {
    const lane = side.lanes[span[0]];
    if (lane.startsWith("worker")) slotOf.set(span, Number(lane.slice(7) || 1) - 1);
    else if (!async && lane === "server") {
      const slot = Math.max(0, free.findIndex((end) => end <= span[2]));
      free[slot] = span[3];
      slotOf.set(span, slot);
    }
  }
  const fill = (part, span, time) => {
    const share = span && span[1] === 0 ? (time - span[2]) / (span[3] - span[2]) : 0;
    set(part.fill, "width", (share * part.width).toFixed(1));
    set(part.mail, "visibility", span ? "visible" : "hidden");
    set(part.frame, "class", span ? `box ${KIND[span[1]]}` : "box");
  };
  const move = (state, time) => {
    people.forEach((person, n) => set(person, "class", `person ${state.told[n].replace("told: ", "")}`));
    slots.forEach((slot, n) => fill(slot, state.now.find((span) => slotOf.get(span) === n), time));
    if (server) fill(server, state.now.find((span) => side.lanes[span[0]] === "server"), time);
    tray.forEach((mail, n) => set(mail, "visibility", n < state.depth ? "visible" : "hidden"));
  };
  return { picture, move };
}

/** The timeline of one side: a row a lane, times in per cent of `end`. */
function timeline(side, way, end) {
  const percent = (time) => `${((100 * time) / end).toFixed(2)}%`;
  const bars = [], rows = [make("b", {}, way)];
  side.lanes.forEach((lane, n) => {
    if (lane === "queue") return;
    const row = make("svg:svg", { class: "row" });
    for (const span of side.spans.filter(([of]) => of === n)) {
      const [, kind, start, stop] = span;
      const place = { x: percent(start), y: 2, height: 10 };
      const bar = make("svg:rect", { class: `bar ${KIND[kind]}`, ...place, width: 0 });
      row.append(make("svg:rect", { class: "plan", ...place, width: percent(stop - start) }), bar);
      bars.push((time) => set(bar, "width", percent(Math.max(0, Math.min(time, stop) - start))));
    }
    rows.push(make("span", {}, lane), row);
  });
  return { rows, move: (time) => bars.forEach((bar) => bar(time)) };
}

// ---- controls ------------------------------------------------------------------------------------
const FIELDS = [
  ["mails", "E-mails", { type: "number", min: 1, max: 6 }, 1],
  ["every", "One every … ms", { type: "number", min: 0, max: 5000 }, 1000],
  ["workers", "Workers", { type: "number", min: 1, max: 4 }, 1],
  ["task", "Time to send one", { type: "range", min: 200, max: 10000, step: 100 }, 1000],
  ["crash", "A crash at the first e-mail", { type: "checkbox" }],
  ["outage", "Provider away for 10 s", { type: "checkbox" }],
  ["early", "Ack before the work", { type: "checkbox" }],
];

/** One control with its label, and the reason beside it when its value cannot be taken. */
function field([name, label, attributes, scale], value, changed) {
  const id = `${name}-${Math.random().toString(36).slice(2)}`;
  const input = make("input", { id, ...attributes, "aria-describedby": `${id}-why` });
  const shown = make("output", { for: id });
  const why = make("span", { id: `${id}-why`, class: "why", role: "alert" });
  const check = attributes.type === "checkbox", range = attributes.type === "range";
  input[check ? "checked" : "value"] = check ? value : Math.round(value * scale);
  if (range) put(shown, ms(input.valueAsNumber));
  input.addEventListener("input", () => {
    const { min, max } = attributes, number = input.valueAsNumber;
    const good = check || (Number.isInteger(number) && min <= number && number <= max);
    put(why, good ? "" : `Give a whole number from ${min} to ${max}.`);
    input.setAttribute("aria-invalid", String(!good));
    if (range) put(shown, ms(number));
    if (good) changed(name, check ? input.checked : number / scale);
  });
  const caption = make("label", { for: id }, label);
  return make("div", { class: `field ${attributes.type}` },
    ...(check ? [input, caption] : [caption, input]), shown, why);
}

function render({ model, el }) {
  const { notice, leave } = settle(model, el);
  el.classList.add("email-scene");
  let film = model.get("first"), time = 0, playing = 0, before = 0;
  const setting = { ...film.setting, early: film.setting.ack === "before" };
  const end = () => Math.max(...WAYS.map((way) => film[way].end));

  const button = (words, act, kind = "") => {
    const made = make("button", { type: "button", class: kind }, words);
    made.addEventListener("click", act);
    return made;
  };
  const start = button("", () => { time = 0; play(); }, "main");
  const toggle = button("Play", () => (playing ? pause() : play()));
  const speed = make("select", { "aria-label": "Speed" },
    ...["0.1", "0.25", "1", "4"].map((x) => make("option", { value: x, selected: x === "1" }, `${x} ×`)));
  const dial = make("input", { type: "range", "aria-label": "Time in milliseconds", min: 0, step: 10 });
  dial.addEventListener("input", () => { pause(); time = Number(dial.value); show(); });
  const clock = make("output");
  const said = make("p", { class: "unseen", role: "status" });
  const panels = make("div", { class: "panels" }), lines = make("div", { class: "lines", "aria-hidden": "true" });
  const ratio = make("p", { class: "ratio" }), table = make("table");
  let parts = [];

  /** Build the picture of a film; nothing of it moves before `show`. */
  function build() {
    put(start, film.setting.mails === 1 ? "Send an e-mail" : `Send ${film.setting.mails} e-mails`);
    dial.max = end();
    parts = WAYS.map((way) => {
      const side = film[way], scene = stage(side, way, film.setting);
      const line = timeline(side, way, end());
      const big = make("strong");
      const list = make("ul", {}, ...words(side, stateAt(side, 0)).map(() => make("li")));
      const panel = make("section", { "aria-label": way }, make("b", {}, way), scene.picture,
        make("p", {}, "First answer after ", big), list);
      return { side, way, scene, line, big, list, panel };
    });
    panels.replaceChildren(...parts.map((part) => part.panel));
    lines.replaceChildren(...parts.flatMap((part) => part.line.rows));
  }

  /** The picture at `time`. */
  function show() {
    const states = parts.map(({ side, way, scene, line, big, list }) => {
      const async = way === "asynchronous", state = stateAt(side, time, async);
      scene.move(state, time);
      line.move(time);
      put(big, state.answered || !time ? ms(state.waited) : `${ms(state.waited)} …`);
      const said = words(side, state, async);
      said.forEach((word, n) => put(list.children[n], word));
      return state;
    });
    dial.value = time;
    put(clock, `${ms(time)} of ${ms(end())}`);
    tabulate(states);
    return states;
  }

  function tabulate([left, right]) {
    const ratios = left.clocks.map((a, n) => a / right.clocks[n]); // NaN until both are over
    const rows = [["mean so far, of", ...WAYS, "sync / async"],
      ...CLOCKS.map((name, n) => [`time until ${name}`, ms(left.clocks[n]), ms(right.clocks[n]),
        ratios[n] ? `${ratios[n].toFixed(2)} ×` : "–"]),
      ...Object.keys(left.counts).map((name) =>
        [`e-mails ${name}`, left.counts[name], right.counts[name], ""])];
    rows.forEach((row, n) => {
      const line = table.rows[n] ?? table.insertRow();
      row.forEach((cell, m) => put(line.cells[m] ?? line.appendChild(n && m ? make("td")
        : make("th", { scope: n ? "row" : "col" })), String(cell)));
    });
    put(ratio, ratios[0] ? `The asynchronous user has an answer ${ratios[0].toFixed(1)} times sooner: `
      + "accepted, not sent." : "");
  }

  // ---- time goes by ------------------------------------------------------------------------------
  const moments = () => WAYS.flatMap((way) => film[way].spans.flatMap(([, , from, to]) => [from, to]))
    .sort((a, b) => a - b);
  function step() {
    time = moments().find((at) => at > time) ?? end();
    tell();
  }
  function tell() {
    show();
    put(said, `${clock.value}. ${panels.innerText}. ${ratio.textContent}`);
  }
  function play() {
    if (time >= end()) time = 0;
    pause();
    put(toggle, "Pause");
    before = performance.now();
    playing = calm() ? setTimeout(leap, 900) : requestAnimationFrame(frame);
  }
  function stop() { pause(); tell(); }
  function frame(now) {
    time = Math.min(end(), time + (now - before) * Number(speed.value));
    before = now;
    show();
    if (time >= end()) stop();
    else playing = requestAnimationFrame(frame);
  }
  function leap() { // for those who asked for less motion: from event to event
    step();
    if (time >= end()) pause();
    else playing = setTimeout(leap, 900);
  }
  function pause() {
    cancelAnimationFrame(playing);
    clearTimeout(playing);
    playing = 0;
    put(toggle, "Play");
  }

  // ---- other settings ----------------------------------------------------------------------------
  const problem = make("p", { class: "why", role: "alert" });
  const kernel = asker(model, notice, (answer) => {
    const atEnd = time >= end();
    pause();
    film = answer;
    build();
    time = atEnd ? end() : 0;
    show();
    put(problem, "");
    requestAnimationFrame(() => el.dispatchEvent(
      new CustomEvent("drawn", { bubbles: true, detail: { from: "kernel" } })));
  }, (sentence) => put(problem, sentence));
  const changed = (name, value) => {
    setting[name] = value;
    const { early, ...others } = setting;
    kernel.ask({ ...others, ack: early ? "before" : "after" });
  };

  el.append(notice,
    make("div", { class: "buttons" }, start, toggle, button("Step", () => { pause(); step(); }),
      button("Reset", () => { pause(); time = 0; tell(); }), make("label", {}, "Speed ", speed)),
    make("div", { class: "time" }, dial, clock), panels, ratio, lines,
    make("p", { class: "legend", "aria-hidden": "true" }, make("i", { class: "working" }), "working ",
      make("i", { class: "waiting" }), "waiting ", make("i", { class: "plan" }), "still to come"),
    make("fieldset", {}, make("legend", {}, "Change it"),
      ...FIELDS.map((about) => field(about, setting[about[0]], changed)), problem),
    make("div", { class: "scroll" }, table), said);
  build();
  show();
  return () => { pause(); kernel.leave(); leave(); };
}

export { stateAt, words };
export default { render };
