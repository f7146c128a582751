// The promises as they stand, what has just happened, and the verdict at the end.

import { attribute, button, make, put } from "./live.js";
import { seconds } from "./incident_moves.js";
import { logWords } from "./incident_state.js";

/** @typedef {import("./incident_moves.js").Kit} Kit */
/** @typedef {import("./incident_state.js").Finding} Finding */
/** @typedef {import("./incident_state.js").Judgement} Judgement */
/** @typedef {import("./incident_state.js").Moment} Moment */
/** @typedef {import("./incident_crew.js").Day} Day */

const LATEST = 6; // lines of what has happened
export const FOLLOWED = "◆ "; // stands before the e-mail that a reader follows
const KEPT = "✓", BROKEN = "✗";

/** A card for each promise: its sign, its words, how it stands.
 * @param {Kit} kit */
export function promisesView({ story, times }) {
  const cards = story.promises.map(() => ({ part: make("li"), sign: make("b"), words: make("b"),
    now: make("span"), state: make("span", { class: "state" }) }));
  cards.forEach(({ part, sign, words, now, state }) => part.append(
    make("p", {}, sign, " ", words), make("p", {}, state, now)));
  const part = make("ul", { class: "promises", "aria-label": "Promises" },
    ...cards.map((card) => card.part));
  const show = (/** @type {Moment} */ { standing, time }) => cards.forEach((card, n) => {
    const { words, now, broken } = standing[n], soFar = time < times.end ? "kept so far" : "kept";
    const kind = broken === null ? "kept" : "broken";
    attribute(card.part, "class", kind);
    put(card.sign, broken === null ? KEPT : BROKEN);
    put(card.words, words);
    put(card.state, broken === null ? soFar : `broken at ${seconds(broken)} s`);
    put(card.now, now);
  });
  return { part, show };
}

/** What has happened until now, the latest first. */
export function logView() {
  const rows = Array.from({ length: LATEST }, () =>
    ({ at: make("b"), words: make("span"), part: make("li") }));
  rows.forEach(({ at, words, part }) => part.append(at, words));
  const list = make("ol", { reversed: true }, ...rows.map(({ part }) => part));
  const part = make("div", { class: "sheet log" }, make("p", { class: "title" },
    make("b", {}, "What has happened"), make("span", {}, "the latest first")), list);
  const show = (/** @type {Day} */ day, /** @type {number} */ time,
    /** @type {number} */ followed) => {
    const sign = (/** @type {number} */ mail) => (mail && mail === followed ? FOLLOWED : "");
    const after = day.log.findIndex(({ at }) => at > time);
    const found = day.log.slice(0, after < 0 ? undefined : after).slice(-LATEST).reverse();
    rows.forEach((row, n) => {
      put(row.at, found[n] ? `${seconds(found[n].at)} s` : "");
      put(row.words, found[n] ? sign(found[n].mail) + logWords(day, found[n])
        : n ? "" : "Nothing yet.");
    });
  };
  return { part, show };
}

/** The life of an e-mail, folded.
 * @param {Day} day @param {number} mail */
function lifeOf(day, mail) {
  const life = day.log.filter((entry) => entry.mail === mail);
  return make("details", {}, make("summary", {}, `All that happened to e-mail ${mail}`),
    make("ol", {}, ...life.map((entry) => make("li", {},
      make("b", {}, `${seconds(entry.at)} s`), make("span", {}, logWords(day, entry))))));
}

/** A promise in the verdict: kept or broken, why, and the ways to where it was.
 * @param {Day} day @param {Finding} found @param {(time: number, mail: number) => void} go */
function findingPart(day, { promise, words, broken, since, mail }, go) {
  const part = make("li", { class: broken === null ? "kept" : "broken" },
    make("p", {}, make("b", {}, `${broken === null ? KEPT : BROKEN} ${promise}`), ` ${words}`));
  if (broken === null || since === null) return part;
  const to = (/** @type {string} */ name, /** @type {number} */ at) =>
    button(`${name}, ${seconds(at)} s`, () => go(at, mail), "link");
  const links = since < broken ? [to("See where it began", since)] : [];
  part.append(make("p", {}, ...links, to("See the moment", broken)));
  if (mail) part.append(lifeOf(day, mail));
  return part;
}

/** A line that wins, for those who ask for it.
 * @param {Kit} kit @param {(moves: string) => void} use */
function winPart({ story }, use) {
  const take = button("Take these moves", () => use(story.win));
  return make("details", {}, make("summary", {}, "Show a line that wins"),
    make("p", {}, make("code", {}, story.win), " ", take));
}

/** The verdict, if it is known; else when it comes.
 * @param {Kit} kit
 * @param {{ go: (time: number, mail: number) => void, use: (moves: string) => void }} acts */
export function verdictView(kit, { go, use }) {
  const words = make("p", { class: "verdict" }), list = make("ul"), after = make("div");
  const part = make("div", { class: "sheet" }, make("p", { class: "title" },
    make("b", {}, "Verdict")), words, list, after);
  /** @type {Judgement | null | undefined} */
  let shown;
  const show = (/** @type {Day} */ day, /** @type {Judgement | null} */ judgement) => {
    if (shown === judgement) return;
    shown = judgement;
    const findings = judgement?.findings ?? [];
    const isLost = findings.some(({ broken }) => broken !== null);
    part.className = `sheet ${judgement ? isLost ? "lost" : "won" : "open"}`;
    put(words, judgement?.words ?? `It comes at ${seconds(kit.times.end)} s: play until then.`);
    list.replaceChildren(...findings.map((found) => findingPart(day, found, go)));
    after.replaceChildren(...(isLost ? [
      make("p", {}, make("b", {}, "A thought: "), kit.story.hint), winPart(kit, use)] : []));
  };
  return { part, show };
}
