// @ts-nocheck
// Practice questions, and the board of a session. A question is judged here, so it also works while
// the kernel is busy or gone.

import { make, settle } from "./live.js";

/** Append a text, which comes as pieces: [element, words], with no element for plain words. */
function rich(parent, pieces) {
  for (const [name, words] of pieces) parent.append(name ? make(name, {}, words) : words);
  return parent;
}

/** A link to a section: scrolls there if it is in this notebook, else opens it beside. */
function reading(link, heading) {
  const a = rich(make("a", { href: link, target: "_blank" }), heading);
  a.addEventListener("click", (event) => {
    const name = CSS.escape(decodeURI(link.split("#")[1]));
    const there = document.querySelector(
      `.jp-Cell [id="${name}"], .jp-Cell [data-jupyter-id="${name}"]`);
    if (!there) return;
    event.preventDefault();
    there.scrollIntoView();
  });
  return a;
}

function question({ model, el }) {
  const { notice, leave } = settle(model, el);
  const { stem, key, choices, heading, link } = model.get("question");
  const group = `choices-${Math.random()}`;
  let until = 0, ticking = null, looked = null;

  const rows = choices.map(([text], n) => {
    const letter = String.fromCharCode(65 + n);
    const radio = make("input", { type: "radio", name: group, value: letter });
    const state = make("span", { class: "state" });
    const row = make("label", {}, radio, make("b", {}, `${letter} `),
      rich(make("span"), text), state);
    return { letter, radio, state, row };
  });
  const check = make("button", { type: "button", class: "main" });
  const said = make("div", { class: "said", role: "status" });
  // Seconds that are counted down are for the eye; who listens is told when asking, and at the end.
  const wait = make("span", { class: "wait", "aria-hidden": "true" });
  const told = make("span", { class: "unseen", role: "status" });

  function show() {
    const taken = model.get("taken"), over = taken.includes(key), shown = looked ?? taken.at(-1);
    for (const { letter, radio, state, row } of rows) {
      const tried = taken.includes(letter);
      state.textContent = !tried ? "" : letter === key ? " ✓ right" : " ✗ tried";
      row.className = !tried ? "" : letter === key ? "right" : "tried";
      if (letter === shown) radio.checked = true;
    }
    check.textContent = over ? "Show feedback" : "Check";
    said.replaceChildren();
    if (!shown) return;
    const feedback = choices[rows.findIndex((row) => row.letter === shown)][1];
    const verdict = make("b", {}, shown === key ? "Right. " : "Not quite. ");
    said.append(rich(make("p", {}, verdict), feedback));
    if (over) return;
    said.append(make("p", {}, "Read it, then try again. It is explained under ",
      reading(link, heading), "."));
  }

  function tick() {
    const left = Math.ceil((until - performance.now()) / 1000);
    check.setAttribute("aria-disabled", String(left > 0));
    if (left <= 0 && wait.textContent) told.textContent = "You can try again now.";
    wait.textContent = left > 0
      ? `Read the feedback first: next try in ${left} second${left > 1 ? "s" : ""}.` : "";
    ticking = left > 0 ? setTimeout(tick, 200) : null;
  }

  /** Feedback without a try: of a choice that was tried, or of any once the answer was right. */
  function look(letter) {
    looked = letter;
    show();
  }

  function answer(letter) {
    looked = null;
    told.textContent = "";
    model.set("taken", [...model.get("taken"), letter]);
    model.save_changes();
    if (letter !== key) until = performance.now() + 1000 * model.get("pause");
    tick();
  }

  check.addEventListener("click", () => {
    const chosen = rows.find(({ radio }) => radio.checked)?.letter, taken = model.get("taken");
    if (!chosen) said.textContent = "Choose one of the answers first.";
    else if (taken.includes(key) || taken.includes(chosen)) look(chosen);
    else if (performance.now() < until) told.textContent = wait.textContent;
    else answer(chosen);
  });
  model.on("change:taken", show);
  el.append(notice, make("fieldset", {}, rich(make("legend"), stem), ...rows.map(({ row }) => row)),
    make("div", { class: "asking" }, check, wait, told), said);
  show();
  return () => {
    clearTimeout(ticking);
    model.off("change:taken", show);
    leave();
  };
}

/** The first line of the board, as what stands in bold and the rest. */
function summary(lines, right) {
  if (!lines.length) return ["No practice question yet: run the cells above."];
  if (!lines.some((line) => line.tries)) {
    const count = lines.length > 1 ? `${lines.length} questions` : "question";
    return [`Answer the ${count} above: how it goes is shown here.`];
  }
  const first = right.filter((line) => line.tries === 1).length;
  const later = right.length - first, open = lines.length - right.length;
  return [make("b", {}, `${right.length} of ${lines.length} right`),
    `: ${first} at the first try, ${later} after another, ${open} still open.`];
}

function board({ model, el }) {
  const { notice, leave } = settle(model, el);
  const said = make("div", { class: "board", role: "status" });
  function show() {
    const lines = model.get("lines"), right = lines.filter((line) => line.right);
    said.replaceChildren(make("p", {}, ...summary(lines, right)));
    const again = lines.filter((line) => line.tries > (line.right ? 1 : 0));
    const links = new Map(again.map((line) => [line.link, line.heading]));
    if (links.size) {
      said.append(make("p", {}, "Worth reading again:"), make("ul", {},
        ...[...links].map(([link, heading]) => make("li", {}, reading(link, heading)))));
    } else if (lines.length && right.length === lines.length) {
      said.append(make("p", {}, "Nothing to read again. Well done."));
    }
  }
  model.on("change:lines", show);
  el.append(notice, said);
  show();
  return () => {
    model.off("change:lines", show);
    leave();
  };
}

function render(context) {
  context.el.classList.add("practice");
  return context.model.get("question") ? question(context) : board(context);
}

export default { render };
