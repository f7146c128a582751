// The two scenes at a moment: users, who works, the queue. `move` takes each part to its place.

import { attribute, make, put } from "./live.js";
import { ACCEPTING, answerOf, ms, stateAt, words } from "./email_state.js";

/** @typedef {import("./email_state.js").Side} Side */
/** @typedef {import("./email_state.js").Span} Span */
/** @typedef {import("./email_state.js").State} State */
/** @typedef {{ x: number, y: number, width: number, height: number }} Place */

const PERSON = "M0-7a6.5 6.5 0 1 1 .1 0zM-12 11a12 12 0 0 1 24 0z";
const MAIL = "M0 0h24v16h-24zl12 9 12-9", HEAD = "m-5-4l5 4-5 4";
export const TICK = "M-3 0l2 3 4-6", CROSS = "M-3-3l6 6m0-6l-6 6";
export const TICKS = "M-4.5 0l2 3 4-6m-1 6 4-6";
const SIGNS = new Map([["waiting", "M0-3.5V0h2.5"], ["free", TICK], ["sent", TICKS],
  ["failed", CROSS]]);
export const KINDS = ["working", "waiting", "away", "working"]; // how a span of each kind looks
const A_TURN = 0.36; // degrees a millisecond: the watch of who waits turns once a second
export const HIDDEN = { "aria-hidden": "true" }; // what is told in words beside it

/**
 * @param {string} name
 * @param {string} kind
 * @param {Record<string, unknown>} attributes
 * @param {...(Node | string)} inside
 */
export const shape = (name, kind, attributes, ...inside) =>
  make(`svg:${name}`, { class: kind, ...attributes }, ...inside);

/** @param {string} kind @param {string} d @param {string} [transform] */
export const path = (kind, d, transform) => shape("path", kind, { d, transform });

/** @param {number} x @param {number} y @param {Element} sign */
export const badge = (x, y, sign) => shape("g", "badge", { transform: `translate(${x} ${y})` },
  shape("circle", "", { r: 6.5 }), sign);

/** @param {Element} node @param {boolean} yes */
export const seen = (node, yes) => attribute(node, "visibility", yes ? "visible" : "hidden");

/**
 * A user: two shapes, and a badge that says how it stands.
 * @param {number} n
 * @param {number} of
 */
function person(n, of) {
  const sign = path("", ""), x = 18 + 38 * (n % 2), y = 26 + 41 * (n >> 1);
  const transform = of === 1 ? "translate(38 72)scale(2)" : `translate(${x} ${y})`;
  const part = shape("g", "", { transform }, path("body", PERSON), badge(11, -15, sign));
  const move = (/** @type {string} */ word, /** @type {number} */ time) => {
    attribute(part, "class", word);
    attribute(sign, "d", SIGNS.get(word) ?? "");
    attribute(sign, "transform", `rotate(${word === "waiting" ? (time * A_TURN).toFixed() : 0})`);
  };
  return { part, move };
}

/**
 * Who works: a box that fills up while an envelope goes through it.
 * @param {Place} place
 */
function box({ x, y, width, height }) {
  const place = { x, y, height, rx: 4 }, wide = width - 12, high = height - 12;
  const fill = shape("rect", "fill", place), mail = path("mail", MAIL);
  const cross = path("cross", `M${x + 6} ${y + 6}l${wide} ${high}m-${wide} 0l${wide}-${high}`);
  const part = shape("g", "", {}, shape("rect", "frame", { ...place, width }), fill, cross, mail);
  const move = (/** @type {Span | undefined} */ span, /** @type {number} */ time) => {
    const kind = span ? KINDS[span.kind] : "idle", works = kind === "working";
    const share = span && works ? (time - span.start) / (span.end - span.start) : 0;
    const at = x + 5 + share * (width - 34);
    attribute(part, "class", kind);
    attribute(fill, "width", (share * width).toFixed(1));
    attribute(mail, "transform", `translate(${at.toFixed(1)} ${y + height / 2 - 8})`);
    seen(mail, works || kind === "waiting");
    seen(cross, kind === "away");
  };
  return { part, move };
}

/**
 * Who works on one side: a box for each that works at once.
 * @param {boolean} isAsync
 * @param {number} count
 */
function crew(isAsync, count) {
  const height = Math.min(56, 116 / count - 5);
  return Array.from({ length: count }, (_, n) => box({ x: isAsync ? 228 : 176,
    y: 67 - (count / 2 - n) * (height + 5), width: isAsync ? 108 : 160, height }));
}

/**
 * The scene of one side.
 * @param {Side} side
 * @param {number} count how many work at once
 */
function stage({ isAsync, fates }, count) {
  const people = fates.map((_, n) => person(n, fates.length)), boxes = crew(isAsync, count);
  const server = isAsync ? [box({ x: 92, y: 46, width: 42, height: 38 })] : [];
  const tray = isAsync
    ? fates.map((_, n) => path("mail", MAIL, `translate(163 ${104 - 18 * n})`)) : [];
  const captions = captionsOf(isAsync, fates.length, count);
  const ways = isAsync ? `M78 67h10${HEAD}M136 67h11${HEAD}M205 67h18${HEAD}` : `M78 67h93${HEAD}`;
  const picture = make("div", HIDDEN, shape("svg", "", { viewBox: "0 0 340 134" },
    path("", ways), path("tray", isAsync ? "M152 16v100q0 8 8 8h30q8 0 8-8V16" : ""), ...tray,
    ...[...people, ...boxes, ...server].map(({ part }) => part)),
  make("p", { class: "captions" }, ...captions));
  const move = (/** @type {State} */ { told, now, depth }, /** @type {number} */ time) => {
    people.forEach((one, n) => one.move(told[n].replace("told: ", ""), time));
    boxes.forEach((one, n) => one.move(now.find((span) => span.box === n), time));
    server.forEach((one) => one.move(now.find(({ kind }) => kind === ACCEPTING), time));
    tray.forEach((mail, n) => seen(mail, n < depth));
    if (isAsync) put(captions[2], `queue: ${depth}`);
  };
  return { picture, move };
}

/**
 * The names below the scene, where a part stands.
 * @param {boolean} isAsync
 * @param {number} mails
 * @param {number} count
 * @returns {HTMLElement[]}
 */
function captionsOf(isAsync, mails, count) {
  const user = mails > 1 ? "users" : "user", worker = count > 1 ? "workers" : "worker";
  const names = isAsync ? new Map([[38, user], [108, "server"], [181, ""], [282, worker]])
    : new Map([[38, user], [256, "server"]]);
  return [...names].map(([x, name]) => make("span", { style: `left:${x / 3.4}%` }, name));
}

/**
 * One side: the first answer, the scene, and what each part does in words.
 * @param {Side} side
 * @param {number} count
 */
export function panel(side, count) {
  const scene = stage(side, count), big = make("strong");
  const list = make("ul", {}, ...words(side, stateAt(side, 0)).map(() => make("li")));
  const part = make("div", { class: "panel", role: "group", "aria-label": side.way },
    make("b", {}, side.way), make("p", {}, "First answer after ", big), scene.picture, list);
  const answer = answerOf(side);
  const move = (/** @type {State} */ state, /** @type {number} */ time) => {
    scene.move(state, time);
    put(big, time < answer ? `${ms(Math.max(0, time))} …` : ms(answer));
    words(side, state).forEach((word, n) => put(list.children[n], word));
  };
  const said = () => [side.way, big, ...list.children].map((one) => one.textContent ?? one);
  return { part, move, said };
}
