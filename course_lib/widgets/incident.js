// An incident that is played: the reader's moves make the minute, and the minute makes the page.

import { make, put, settle, speaker } from "./live.js";
import { parseMoves, SECOND, seconds, writeMove, writeMoves } from "./incident_moves.js";
import { judge, logWords, momentAt } from "./incident_state.js";
import { play } from "./incident_system.js";
import { player } from "./incident_player.js";
import { momentOf, transport, whereView } from "./incident_transport.js";
import { controlsView } from "./incident_controls.js";
import { lineView } from "./incident_line.js";
import { stageView } from "./incident_stage.js";
import { timelineView } from "./incident_timeline.js";
import { logView, promisesView, verdictView } from "./incident_verdict.js";

/** @typedef {import("./live.js").Model} Model */
/** @typedef {import("./incident_moves.js").Kit} Kit */
/** @typedef {import("./incident_moves.js").Move} Move */
/** @typedef {import("./incident_player.js").Player} Player */
/** @typedef {import("./incident_state.js").Judgement} Judgement */
/** @typedef {import("./incident_crew.js").Day} Day */
/** @typedef {{ day: Day, judgement: Judgement, settings: any }} Game */
/**
 * What changes the moves: a move now, which answers why it cannot be, undo, or another text.
 * @typedef {object} Hands
 * @property {(what: string, value: string) => string} act
 * @property {() => void} undo
 * @property {(moves: string) => void} use
 */

const TOO_LATE = "The minute is over: go back in time to where you would act otherwise.";

/** What is said to those who hear the page: while it plays, only that a promise broke.
 * @param {Day} day @param {Player} clock */
function spoken(day, clock) {
  const { standing } = momentAt(day, clock.time());
  const broken = standing.filter((one) => one.broken !== null)
    .map(({ words, broken: at }) => `Broken at ${seconds(Number(at))} s: ${words}.`).join(" ");
  if (clock.isPlaying()) return broken;
  const last = day.log.filter(({ at }) => at <= clock.time()).slice(-1);
  const latest = last.map((entry) => logWords(day, entry));
  return [`${seconds(clock.time())} s.`, broken, ...latest].join(" ");
}

/** The first moment at which two lists of moves differ.
 * @param {Move[]} before @param {Move[]} after */
function firstChange(before, after) {
  const [old, fresh] = [before, after].map((moves) => moves.map(writeMove));
  const times = [...before.filter((_, n) => old[n] !== fresh[n]),
    ...after.filter((_, n) => old[n] !== fresh[n])].map(({ at }) => at);
  return Math.min(Infinity, ...times);
}

/** The game that the settings make.
 * @param {Model} model @returns {Game} */
function gameOf(model) {
  const settings = model.get("settings");
  const day = play(model.get("kit"), settings.moves, settings.opening);
  return { day, judgement: judge(day), settings };
}

/** The hands of a reader: nothing but the moves is theirs of the settings.
 * @param {Model} model @param {Kit} kit @param {Player} clock @param {() => Move[]} made
 * @param {() => void} changed @returns {Hands} */
function handsOf(model, kit, clock, made, changed) {
  const use = (/** @type {string} */ text) => {
    const moves = writeMoves(parseMoves(kit, text, kit.story.may));
    model.set("settings", { ...model.get("settings"), moves });
    model.save_changes();
    changed();
  };
  const act = (/** @type {string} */ what, /** @type {string} */ value) => {
    const at = momentOf(clock.time(), kit.times);
    if (at === kit.times.end) return TOO_LATE;
    try {
      use(writeMoves([...made(), { at, what, value }]));
    } catch (fault) {
      return /** @type {Error} */ (fault).message;
    }
    clock.go(at);
    return "";
  };
  return { use, act, undo: () => use(writeMoves(made().slice(0, -1))) };
}

/** What a reader is called for.
 * @param {Kit} kit */
const briefPart = ({ story: { number, title, brief }, times }) => make("p", { class: "brief" },
  make("b", {}, `Incident ${number}: ${title}.`),
  ` You are on call for ${times.end / SECOND} seconds. ${brief} Keep what is promised:`);

/** All parts of an incident in their order, and `show`, which takes them to a moment.
 * @param {Kit} kit @param {Player} clock @param {Hands} hands */
function build(kit, clock, hands) {
  const { act, undo, use } = hands, { times } = kit;
  const refused = make("p", { class: "why", role: "status" });
  const told = (/** @type {string} */ what, /** @type {string} */ value) =>
    put(refused, act(what, value));
  let followed = 0;
  const go = (/** @type {number} */ at, mail = followed) => {
    followed = mail;
    clock.pause();
    clock.go(at);
  };
  const head = transport(clock, times.end, times.step), where = whereView(clock, kit);
  const promises = promisesView(kit);
  const stage = stageView(kit, told), controls = controlsView(kit, told);
  const time = timelineView(times.end, go), log = logView();
  const take = (/** @type {string} */ moves) => { use(moves); head.focus(); };
  const verdict = verdictView(kit, { go, use: take }), line = lineView(kit, { go, use, undo });
  const parts = [briefPart(kit), promises.part, head.part, where.part, stage.part, controls.part,
    refused, time.part,
    make("div", { class: "panels" }, make("div", {}, verdict.part, log.part), line.part)];
  const fill = (/** @type {Game} */ game) => {
    time.fill(game.day, game.judgement);
    line.show(game.settings, game.day.moves);
    followed = 0;
    put(refused, "");
  };
  const show = (/** @type {Game} */ { day, judgement }) => {
    const now = clock.time(), moment = momentAt(day, now);
    promises.show(moment);
    head.show();
    stage.show(day, moment, followed);
    controls.show(moment.settings);
    time.show(now);
    log.show(day, now, followed);
    verdict.show(day, clock.reached() === times.end ? judgement : null);
    where.show(judgement, followed);
  };
  return { parts, fill, show };
}

/** One incident on the page, as long as its story and seed are the same.
 * @param {Model} model @param {{ say: (words: string) => void }} voice */
function incident(model, voice) {
  const kit = model.get("kit");
  let game = gameOf(model), said = "";
  const show = () => {
    view.show(game);
    const words = spoken(game.day, clock);
    if (words !== said) voice.say(said = words); // while it plays, mostly the same
  };
  const take = () => {
    const before = game, isSame = (/** @type {unknown} */ one, /** @type {unknown} */ other) =>
      JSON.stringify(one) === JSON.stringify(other);
    if (isSame(model.get("settings"), before.settings)) return;
    game = gameOf(model);
    const isSameStart = isSame(game.day.opening, before.day.opening);
    clock.forget(isSameStart ? firstChange(before.day.moves, game.day.moves) : 0);
    view.fill(game);
    show();
  };
  const clock = player(kit.times.end, show);
  const hands = handsOf(model, kit, clock, () => game.day.moves, take);
  const view = build(kit, clock, hands);
  view.fill(game);
  show();
  return { parts: view.parts, take, leave: clock.pause };
}

/** @param {{ model: Model, el: HTMLElement }} context */
function render({ model, el }) {
  const { notice, leave } = settle(model, el), voice = speaker(), room = make("div");
  el.classList.add("incident");
  let kit = model.get("kit"), shown = incident(model, voice);
  const follow = () => {
    const newest = model.get("kit");
    // Of kit and settings one comes a moment before the other.
    if (newest.story.name !== model.get("settings").name) return;
    if (newest === kit) return shown.take();
    kit = newest;
    shown.leave();
    shown = incident(model, voice);
    room.replaceChildren(...shown.parts);
  };
  el.append(notice, room, voice.part);
  room.append(...shown.parts);
  const news = ["change:settings", "change:kit"];
  for (const name of news) model.on(name, follow);
  return () => {
    for (const name of news) model.off(name, follow);
    shown.leave();
    voice.leave();
    leave();
  };
}

export default { render };
