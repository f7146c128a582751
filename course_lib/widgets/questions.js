// Practice questions, and the board of a session. A question is judged here, so it also works while
// the kernel is busy or gone.

import { attribute, button, make, put, settle } from "./live.js";

/** @typedef {import("./live.js").Model} Model */
/** @typedef {[name: string, words: string][]} Pieces a text, with no name for plain words */
/** @typedef {{ text: Pieces, feedback: Pieces }} Choice */
/** @typedef {{ heading: Pieces, link: string }} Section */
/** @typedef {Section & { stem: Pieces, key: string, choices: Choice[] }} Asked */
/** @typedef {Section & { tries: number, right: boolean }} Line */
/** @typedef {{ model: Model, el: HTMLElement }} Context */

const A_LOOK = 200; // milliseconds between two looks at the seconds that are left

/**
 * Append a text, which comes as pieces.
 * @template {Element} T
 * @param {T} parent
 * @param {Pieces} pieces
 */
function rich(parent, pieces) {
  for (const [name, words] of pieces) parent.append(name ? make(name, {}, words) : words);
  return parent;
}

/**
 * A link to a section: scrolls there if it is in this notebook, else opens it beside.
 * @param {string} link
 * @param {Pieces} heading
 */
function reading(link, heading) {
  const a = rich(make("a", { href: link, target: "_blank" }), heading);
  a.addEventListener("click", (/** @type {Event} */ event) => {
    const name = CSS.escape(decodeURI(link.split("#")[1]));
    const there = document.querySelector(
      `.jp-Cell [id="${name}"], .jp-Cell [data-jupyter-id="${name}"]`);
    if (!there) return;
    event.preventDefault();
    there.scrollIntoView();
  });
  return a;
}

/**
 * The question, and its choices as radio buttons.
 * @param {Asked} asked
 */
function choicesOf({ stem, key, choices }) {
  const group = `choices-${Math.random()}`;
  const rows = choices.map(({ text, feedback }, n) => {
    const letter = String.fromCharCode(65 + n);
    const radio = make("input", { type: "radio", name: group, value: letter });
    const state = make("span", { class: "state" });
    const part = make("label", {}, radio, make("b", {}, `${letter} `),
      rich(make("span"), text), state);
    const show = (/** @type {boolean} */ isTried, /** @type {boolean} */ isShown) => {
      const isRight = isTried && letter === key;
      put(state, isRight ? " ✓ right" : isTried ? " ✗ tried" : "");
      attribute(part, "class", isRight ? "right" : isTried ? "tried" : "");
      if (isShown) radio.checked = true;
    };
    return { letter, radio, feedback, part, show };
  });
  const parts = rows.map((row) => row.part);
  return { part: make("fieldset", {}, rich(make("legend"), stem), ...parts), rows,
    chosen: () => rows.find(({ radio }) => radio.checked)?.letter };
}

/** The seconds until the next try, counted down for the eye; who listens is told at their end. */
function waiting() {
  const part = make("span", { class: "wait", "aria-hidden": "true" });
  const told = make("span", { class: "unseen", role: "status" });
  let until = 0, timer = 0;
  const left = () => Math.max(0, Math.ceil((until - performance.now()) / 1000));
  const tick = (/** @type {() => void} */ ended) => {
    const seconds = left();
    put(part, seconds
      ? `Read the feedback first: next try in ${seconds} second${seconds > 1 ? "s" : ""}.` : "");
    timer = seconds ? setTimeout(tick, A_LOOK, ended) : 0;
    if (!seconds) ended();
  };
  const begin = (/** @type {number} */ pause, /** @type {() => void} */ ended) => {
    put(told, "");
    until = performance.now() + 1000 * pause;
    tick(() => {
      put(told, "You can try again now.");
      ended();
    });
  };
  return { part, told, begin, isOpen: () => left() === 0,
    say: () => put(told, part.textContent), leave: () => clearTimeout(timer) };
}

/**
 * What is said to a choice.
 * @param {Asked} asked
 * @param {string} letter
 * @param {Pieces} feedback
 * @param {boolean} isOver
 */
function feedbackOf({ key, heading, link }, letter, feedback, isOver) {
  const verdict = make("b", {}, letter === key ? "Right. " : "Not quite. ");
  const said = [rich(make("p", {}, verdict), feedback)];
  if (!isOver) {
    said.push(make("p", {}, "Read it, then try again. It is explained under ",
      reading(link, heading), "."));
  }
  return said;
}

/** @param {Context} context */
function question({ model, el }) {
  const { notice, leave } = settle(model, el);
  const asked = /** @type {Asked} */ (model.get("question"));
  const { part, rows, chosen } = choicesOf(asked), wait = waiting();
  const said = make("div", { class: "said", role: "status" });
  let looked = ""; // a choice whose feedback is shown without a try
  const taken = () => /** @type {string[]} */ (model.get("taken"));
  const isOver = () => taken().includes(asked.key);
  const show = () => {
    const shown = looked || taken().at(-1);
    rows.forEach((row) => row.show(taken().includes(row.letter), row.letter === shown));
    put(check, isOver() ? "Show feedback" : "Check");
    const row = rows.find(({ letter }) => letter === shown);
    said.replaceChildren(...(row ? feedbackOf(asked, row.letter, row.feedback, isOver()) : []));
  };
  const answer = (/** @type {string} */ letter) => {
    looked = "";
    model.set("taken", [...taken(), letter]);
    model.save_changes();
    if (letter === asked.key) return;
    attribute(check, "aria-disabled", "true");
    wait.begin(model.get("pause"), () => attribute(check, "aria-disabled", "false"));
  };
  const look = (/** @type {string} */ letter) => {
    looked = letter;
    show();
  };
  const check = button("", () => {
    const letter = chosen();
    if (!letter) put(said, "Choose one of the answers first.");
    else if (isOver() || taken().includes(letter)) look(letter);
    else if (!wait.isOpen()) wait.say();
    else answer(letter);
  }, "main");
  model.on("change:taken", show);
  el.append(notice, part, make("div", { class: "asking" }, check, wait.part, wait.told), said);
  show();
  return () => { wait.leave(); model.off("change:taken", show); leave(); };
}

/**
 * The first line of the board, as what stands in bold and the rest.
 * @param {Line[]} lines
 * @returns {(string | Node)[]}
 */
function summary(lines) {
  if (!lines.length) return ["No practice question yet: run the cells above."];
  if (!lines.some((line) => line.tries)) {
    const count = lines.length > 1 ? `${lines.length} questions` : "question";
    return [`Answer the ${count} above: how it goes is shown here.`];
  }
  const right = lines.filter((line) => line.right);
  const first = right.filter((line) => line.tries === 1).length;
  const later = right.length - first, open = lines.length - right.length;
  return [make("b", {}, `${right.length} of ${lines.length} right`),
    `: ${first} at the first try, ${later} after another, ${open} still open.`];
}

/**
 * What is worth reading again, or that nothing is.
 * @param {Line[]} lines
 */
function again(lines) {
  const those = lines.filter((line) => line.tries > (line.right ? 1 : 0));
  const links = new Map(those.map((line) => [line.link, line.heading]));
  if (links.size) {
    return [make("p", {}, "Worth reading again:"), make("ul", {},
      ...[...links].map(([link, heading]) => make("li", {}, reading(link, heading))))];
  }
  const isDone = lines.length && lines.every((line) => line.right);
  return isDone ? [make("p", {}, "Nothing to read again. Well done.")] : [];
}

/** @param {Context} context */
function board({ model, el }) {
  const { notice, leave } = settle(model, el);
  const said = make("div", { class: "board", role: "status" });
  const show = () => {
    const lines = /** @type {Line[]} */ (model.get("lines"));
    said.replaceChildren(make("p", {}, ...summary(lines)), ...again(lines));
  };
  model.on("change:lines", show);
  el.append(notice, said);
  show();
  return () => { model.off("change:lines", show); leave(); };
}

/** @param {Context} context */
function render(context) {
  context.el.classList.add("practice");
  return context.model.get("question") ? question(context) : board(context);
}

export default { render };
