// Moves as one writes them, and the sentences of an incident; mirrors incidents/moves.py.

/** @typedef {{ example: string, words: string[], least: number, most: number,
 *   optional: boolean, needs: string }} Rule */
/** @typedef {{ at: number, what: string, value: number | string }} Move */
/** @typedef {Record<string, Record<string, string>>} Words */
/** @typedef {Record<string, string | number>} Settings */
/** @typedef {{ kind: string, limit: number }} Promised */
/** @typedef {{ name: string, number: number, title: string, about: string, brief: string,
 *   task: number, traffic: { start: number, mails: number, every: number }[], script: string,
 *   settings: Settings, may: string[], promises: Promised[], hint: string, win: string }} Story */
/** @typedef {{ gaps: number[], tasks: number[], pauses: number[][] }} Draws */
/** What the kernel sends once.
 * @typedef {{ story: Story, draws: Draws, words: Words, rules: Record<string, Rule>,
 *   acts: string[], times: Record<string, number>, counts: Record<string, number> }} Kit */

export const SECOND = 1000;

/** A sentence of words.toml with its names filled in.
 * @param {Kit} kit @param {string} part @param {string} name
 * @param {Record<string, string | number>} values */
export function say(kit, part, name, values = {}) {
  return kit.words[part][name].replace(/\{(\w+)\}/g, (_, hole) => String(values[hole]));
}

/** A time in seconds with one decimal, the half rounded up.
 * @param {number} time */
export function seconds(time) {
  const tenths = Math.floor((time + 50) / 100);
  return `${Math.floor(tenths / 10)}.${tenths % 10}`;
}

/** A move as it stands in a save file.
 * @param {Move} move */
export function writeMove({ at, what, value }) {
  const second = Math.floor(at / 1000), tenths = Math.floor(at / 100) % 10;
  return `${second}${tenths ? `.${tenths}` : ""} ${what} ${value}`;
}

/** Moves as one line, in one form.
 * @param {Move[]} moves */
export const writeMoves = (moves) => moves.map(writeMove).join(", ");

/** The moves of a line, in its order. Throws an Error with a sentence for the first wrong one.
 * @param {Kit} kit @param {string} text @param {string[]} may settings that are allowed
 * @returns {Move[]} */
export function parseMoves(kit, text, may) {
  if (!text.replace(/[ \t\n\r]+/g, "")) return [];
  const known = [...kit.acts, ...may.filter((word) => !kit.acts.includes(word))];
  let sent = 0;
  return text.split(",").map((part, n) => {
    const words = part.split(/[ \t\n\r]+/).filter(Boolean);
    const wrong = (/** @type {string} */ fault) => new Error(
      say(kit, "wrong", "where", { number: n + 1, move: words.join(" "), fault }));
    let move = moveOf(kit, words, known);
    if (typeof move !== "string" && move.what === "send") {
      sent += Number(move.value);
      if (sent > kit.counts.sent) {
        move = say(kit, "wrong", "mails", { count: sent, most: kit.counts.sent });
      }
    }
    if (n >= kit.counts.moves) move = say(kit, "wrong", "moves", { most: kit.counts.moves });
    if (typeof move === "string") throw wrong(move);
    return move;
  });
}

/** The move of some words, or what is wrong with it.
 * @param {Kit} kit @param {string[]} words @param {string[]} known
 * @returns {Move | string} */
function moveOf(kit, words, known) {
  const [time, what] = words;
  const at = time === undefined ? null : timeOf(kit, time);
  const isKnown = words.length > 1 && known.includes(what);
  if (at === null || !isKnown) return beginningFault(kit, words, known, at);
  const rule = kit.rules[what], about = { what, needs: rule.needs };
  const example = `${time} ${rule.example}`;
  if (words.length > 3) {
    return say(kit, "wrong", "more", { word: words[3], time, example: rule.example });
  }
  const value = valueOf(rule, words[2]);
  if (value !== null) return { at, what, value };
  const name = words.length === 2 ? "missing" : "value";
  return say(kit, "wrong", name, { ...about, word: words[words.length - 1], example });
}

/** What is wrong with the time or the word behind it.
 * @param {Kit} kit @param {string[]} words @param {string[]} known @param {number | null} at */
function beginningFault(kit, [time, what], known, at) {
  if (time === undefined) return say(kit, "wrong", "empty");
  if (at === null) return say(kit, "wrong", "time", { word: time, end: kit.times.end / SECOND });
  if (what === undefined) return say(kit, "wrong", "nothing", { move: time });
  const name = Object.hasOwn(kit.rules, what) ? "closed" : "what";
  return say(kit, "wrong", name, { word: what, known: known.join(", ") });
}

/** Milliseconds, if it is a time within the incident.
 * @param {Kit} kit @param {string} word */
function timeOf(kit, word) {
  if (!/^\d{1,2}(\.\d)?$/.test(word)) return null;
  const [second, tenth] = word.split(".");
  const time = SECOND * Number(second) + kit.times.step * Number(tenth ?? 0);
  return time <= kit.times.end ? time : null;
}

/** What a rule makes of the word behind it, if there is one; null if it does not allow it.
 * @param {Rule} rule @param {string | undefined} word */
function valueOf(rule, word) {
  if (word === undefined) return rule.optional ? 1 : null;
  if (rule.words.includes(word)) return word;
  const number = /^\d{1,3}$/.test(word) ? Number(word) : -1;
  const takes = rule.most > 0 && rule.least <= number && number <= rule.most;
  return takes ? number : null;
}

/** The line of Python that is the save file.
 * @param {{ name: string, seed: number, moves: string, opening: Settings }} settings */
export function lineOf({ name, seed, moves, opening }) {
  const given = { seed, ...(moves ? { moves } : {}), ...opening };
  const words = Object.entries(given).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `Incident(${[JSON.stringify(name), ...words].join(", ")})`;
}
