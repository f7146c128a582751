// The scene of an incident at a moment: users, server, queue, workers, provider.

import { attribute, button, make, put } from "./live.js";
import { seconds } from "./incident_moves.js";
import { FOLLOWED } from "./incident_verdict.js";

/** @typedef {import("./incident_moves.js").Kit} Kit */
/** @typedef {import("./incident_state.js").Hand} Hand */
/** @typedef {import("./incident_state.js").Moment} Moment */
/** @typedef {import("./incident_crew.js").Day} Day */
/** @typedef {import("./incident_crew.js").Mail} Mail */

const USERS = 28, PLACES = 16, PAUSES = 3; // drawn one by one; of more there is the number
const PERSON = "M9 1.5a3.4 3.4 0 1 1-.1 0zM2.5 16.5a6.5 6.5 0 0 1 13 0z";
const CROSS = "M2 2l14 14m0-14L2 16";
const ENVELOPE = "M1 1h30v21H1zl15 7L31 1";
const FATES = { waits: "wait for a yes", yes: "have a yes", lost: "wait for ever",
  no: "were told no" };
const WAITS = "M14 2a12 12 0 1 0 .1 0zM14 7v7l5 3";
/** What server and provider do: a sign and its words.
 * @type {Record<string, string[]>} */
const DOES = {
  sync: [WAITS, "lets each user wait"],
  async: ["M24 5v8a5 5 0 0 1-5 5H4m7-7l-7 7 7 7", "says yes at once"],
  there: ["M14 2a12 12 0 1 0 .1 0zM8 14l4 5 8-9", "sends them on"],
  slow: [WAITS, "takes its time"],
  away: ["M14 2a12 12 0 1 0 .1 0zM9 9l10 10m0-10L9 19", "does not answer"],
};

/** How a part looks.
 * @param {Element} part @param {string} kind */
const dress = (part, kind) => attribute(part, "class", kind);

/** A named box of the scene.
 * @param {string} name @param {...Node} parts */
function place(name, ...parts) {
  const title = make("span");
  const part = make("div", { class: "place", role: "group", "aria-label": name },
    make("p", { class: "title" }, make("b", {}, name), title), ...parts);
  return { part, title: (/** @type {string} */ words) => put(title, words) };
}

/** Small pictures in a row, of which as many are shown as there are numbers.
 * @param {number} most @param {() => Element} draw */
function crowd(most, draw) {
  const all = Array.from({ length: most }, draw), rest = make("span", { class: "soft" });
  const part = make("div", { class: "crowd", "aria-hidden": "true" }, ...all, rest);
  /** @param {{ kind: string, number?: number }[]} found */
  const show = (found) => {
    all.forEach((one, n) => {
      dress(one, found[n]?.kind ?? "none");
      if (one.lastChild && found[n]?.number) put(one.lastChild, String(found[n].number));
    });
    put(rest, found.length > most ? `and ${found.length - most} more` : "");
  };
  return { part, show };
}

const person = () => make("svg:svg", { width: 18, height: 18 },
  make("svg:path", { class: "body", d: PERSON }), make("svg:path", { class: "over", d: CROSS }));
const envelope = () => make("svg:svg", { viewBox: "0 0 32 23", width: 32, height: 23 },
  make("svg:path", { d: ENVELOPE }), make("svg:text", { x: 16, y: 20 }));

/** How the user of an e-mail fares, as long as that is to be seen.
 * @param {Mail} mail @param {number} time */
function fares(mail, time) {
  const is = (/** @type {number | null} */ at) => at !== null && at <= time;
  if (!is(mail.arrival) || is(mail.know)) return "";
  if (is(mail.refused) || is(mail.failed)) return "no";
  if (is(mail.lost)) return "lost";
  return is(mail.accept) ? "yes" : "waits";
}

/** Those who have asked: who waits, who has a yes, who waits for ever or was told no. */
function usersView() {
  const icons = crowd(USERS, person), list = make("ul");
  const lines = Object.keys(FATES).map((kind) => {
    const sample = person(), words = make("span");
    sample.setAttribute("class", kind);
    list.append(make("li", {}, sample, words));
    return words;
  });
  const box = place("Users", icons.part, list);
  const show = (/** @type {Day} */ day, /** @type {Moment} */ { time, counts }) => {
    const all = day.mails.map((mail) => fares(mail, time));
    const found = Object.entries(FATES).map(([kind, words]) =>
      ({ words, those: all.filter((one) => one === kind) }));
    icons.show(found.flatMap(({ those }) => those.map((kind) => ({ kind }))));
    found.forEach(({ words, those }, n) => put(lines[n], `${those.length} ${words}`));
    box.title(`${counts.asked} so far, ${counts.sent} know`);
  };
  return { part: box.part, show };
}

/** A sign and its words; `show` takes a name of those above. */
function signView() {
  const d = make("svg:path"), words = make("p");
  const sign = make("svg:svg", { class: "sign", width: 28, height: 28, "aria-hidden": "true" }, d);
  const show = (/** @type {string} */ name) => {
    const [form, does] = DOES[name];
    if (words.textContent === does) return;
    d.setAttribute("d", form);
    put(words, does);
  };
  return { parts: [sign, words], show };
}

/** Who says yes, and when. */
function serverView() {
  const sign = signView(), box = place("Server", ...sign.parts);
  const show = (/** @type {Day} */ _, /** @type {Moment} */ { settings, counts }) => {
    sign.show(String(settings.mode));
    box.title(counts.refused ? `${counts.refused} refused` : String(settings.mode));
  };
  return { part: box.part, show };
}

/** The e-mails that wait, the front first, and those that pause between two attempts. */
function queueView() {
  const mails = crowd(PLACES, envelope), pauses = crowd(PAUSES, envelope);
  const age = make("p"), pausing = make("p");
  pauses.part.classList.add("paused");
  const box = place("Queue", age, mails.part, pausing, pauses.part);
  const show = (/** @type {Day} */ _, /** @type {Moment} */ now,
    /** @type {number} */ followed) => {
    const letter = (/** @type {number} */ number) =>
      ({ kind: number === followed ? "mail followed" : "mail", number });
    const { queue, oldest, settings: { bound } } = now;
    const free = bound === "none" ? 0 : Math.max(0, Number(bound) - queue.length);
    mails.show([...queue.map(letter),
      ...Array.from({ length: Math.min(free, PLACES - queue.length) }, () => ({ kind: "free" }))]);
    pauses.show(now.pausing.map(letter));
    put(age, queue.length ? `the oldest: ${seconds(oldest)} s` : "nobody waits");
    put(pausing, now.pausing.length ? `pausing: ${now.pausing.length}` : "");
    box.title(bound === "none" ? `${queue.length}` : `${queue.length} of ${bound}`);
  };
  return { part: box.part, show };
}

/** What a worker does, in words.
 * @param {Hand} hand */
function handWords({ kind, mail, attempt, due }) {
  const which = `e-mail ${mail}${attempt > 1 ? `, attempt ${attempt}` : ""}`;
  return { idle: "idle", dead: `killed, back at ${seconds(due)} s`, send: which,
    file: `e-mail ${mail}: sent`, "no answer": `e-mail ${mail}: no answer` }[kind] ?? "";
}

/** A worker: a bar that fills with its work, and a button that kills it.
 * @param {number} number @param {(what: string, value: string) => void} act */
function workerRow(number, act) {
  const fill = make("i"), letter = envelope(), words = make("span");
  const box = make("div", { class: "bar idle", "aria-hidden": "true" }, fill, letter);
  const kill = button("✗ Kill", () => act("kill", String(number)), "kill");
  kill.setAttribute("aria-label", `Kill worker ${number}`);
  const part = make("li", {}, make("span", { class: "who" }, String(number)), box, words, kill);
  const show = (/** @type {Hand} */ hand, /** @type {number} */ time,
    /** @type {number} */ followed) => {
    const { kind, start, due } = hand, share = due > start ? (time - start) / (due - start) : 0;
    part.hidden = kind === "gone";
    dress(box, `bar ${kind.replace(" ", "-")}`);
    const percent = (100 * (kind === "file" ? 1 : Math.min(1, share))).toFixed(1);
    fill.style.width = letter.style.left = `${percent}%`;
    letter.style.translate = `-${percent}% 0`;
    put(words, `${hand.mail && hand.mail === followed ? FOLLOWED : ""}${handWords(hand)}`);
  };
  return { part, show };
}

/** All who work.
 * @param {Kit} kit @param {(what: string, value: string) => void} act */
function workersView({ counts, story: { may } }, act) {
  const rows = Array.from({ length: counts.workers }, (_, n) => workerRow(n + 1, act));
  const box = place("Workers", make("ol", { class: may.includes("workers") && "all" },
    ...rows.map(({ part }) => part)));
  const show = (/** @type {Day} */ _, /** @type {Moment} */ { workers, settings, time },
    /** @type {number} */ followed) => {
    rows.forEach((row, n) => row.show(workers[n], time, followed));
    box.title(settings.mode === "async" ? `acknowledge ${settings.ack} the work` : "");
  };
  return { part: box.part, show };
}

/** Who takes the e-mails in the end. */
function providerView() {
  const sign = signView(), box = place("Provider", ...sign.parts);
  const show = (/** @type {Day} */ _, /** @type {Moment} */ { provider }) => {
    sign.show(provider);
    box.title(provider);
    dress(box.part, `place ${provider}`);
  };
  return { part: box.part, show };
}

/** The whole scene; one e-mail may be followed through it.
 * @param {Kit} kit @param {(what: string, value: string) => void} act */
export function stageView(kit, act) {
  const views = [usersView(), serverView(), queueView(), workersView(kit, act), providerView()];
  const part = make("div", { class: "stage" }, ...views.map((view) => view.part));
  const show = (/** @type {Day} */ day, /** @type {Moment} */ moment,
    /** @type {number} */ followed) => views.forEach((view) => view.show(day, moment, followed));
  return { part, show };
}
