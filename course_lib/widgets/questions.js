// Practice questions, and the board of a session. A question is judged here, so it also works while
// the kernel is busy or gone.

/** Append a text in which `code` and *emphasis* become elements. */
function rich(parent, text) {
  for (const part of text.split(/(`[^`]+`|\*[^*]+\*)/)) {
    if (part.startsWith("`")) parent.append(make("code", {}, part.slice(1, -1)));
    else if (part.startsWith("*")) parent.append(make("em", {}, part.slice(1, -1)));
    else parent.append(part);
  }
  return parent;
}

/** A link to a section: scrolls there if it is in this notebook, else opens it beside. */
function reading(link, heading) {
  const a = make("a", { href: link, target: "_blank" }, heading);
  a.addEventListener("click", (event) => {
    const name = CSS.escape(decodeURI(link.split("#")[1]));
    const there = document.querySelector(`.jp-Cell [id="${name}"], .jp-Cell [data-jupyter-id="${name}"]`);
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
  let until = 0, ticking = null;

  const rows = choices.map(([text], n) => {
    const letter = String.fromCharCode(65 + n);
    const radio = make("input", { type: "radio", name: group, value: letter });
    const state = make("span", { class: "state" });
    const row = make("label", {}, radio, make("b", {}, `${letter} `), rich(make("span"), text), state);
    return { letter, radio, state, row };
  });
  const check = make("button", { type: "button", class: "main" }, "Check");
  const said = make("div", { class: "said", role: "status" });
  const wait = make("p", { class: "wait", "aria-hidden": "true" });

  function show() {
    const taken = model.get("taken"), last = taken.at(-1), right = last === key;
    for (const { letter, radio, state, row } of rows) {
      const tried = taken.includes(letter);
      state.textContent = !tried ? "" : letter === key ? " ✓ right" : " ✗ tried";
      row.className = !tried ? "" : letter === key ? "right" : "tried";
      if (letter === last) radio.checked = true;
    }
    check.hidden = right;
    said.replaceChildren();
    if (!last) return;
    const feedback = choices[rows.findIndex((row) => row.letter === last)][1];
    said.append(rich(make("p", {}, make("b", {}, right ? "Right. " : "Not quite. ")), feedback));
    if (!right) {
      said.append(make("p", {}, "Read it, then try again. It is explained under ",
        reading(link, heading), "."));
    }
  }

  function tick() {
    const left = Math.ceil((until - performance.now()) / 1000);
    check.setAttribute("aria-disabled", String(left > 0));
    wait.textContent = left > 0 ? `Next try in ${left} s.` : "";
    ticking = left > 0 ? setTimeout(tick, 200) : null;
  }

  check.addEventListener("click", () => {
    const chosen = rows.find(({ radio }) => radio.checked)?.letter;
    if (performance.now() < until) return;
    if (!chosen) {
      said.textContent = "Choose one of the answers first.";
      return;
    }
    if (model.get("taken").at(-1) === chosen) return;
    model.set("taken", [...model.get("taken"), chosen]);
    model.save_changes();
    if (chosen !== key) until = performance.now() + 1000 * model.get("pause");
    tick();
  });
  model.on("change:taken", show);
  el.append(notice, make("fieldset", {}, rich(make("legend"), stem), ...rows.map(({ row }) => row)),
    check, wait, said);
  show();
  return () => {
    clearTimeout(ticking);
    model.off("change:taken", show);
    leave();
  };
}

function board({ model, el }) {
  const { notice, leave } = settle(model, el);
  const said = make("div", { role: "status" });
  function show() {
    const lines = model.get("lines"), right = lines.filter((line) => line.right);
    const first = right.filter((line) => line.tries === 1).length;
    const later = right.length - first, open = lines.length - right.length;
    said.replaceChildren(make("p", {}, make("b", {}, `${right.length} of ${lines.length} right`),
      `: ${first} at the first try, ${later} after another, ${open} still open.`));
    const again = lines.filter((line) => line.tries > (line.right ? 1 : 0));
    const seen = new Map(again.map((line) => [line.link, line.heading]));
    if (seen.size) {
      said.append(make("p", {}, "Worth reading again:"), make("ul", {},
        ...[...seen].map(([link, heading]) => make("li", {}, reading(link, heading)))));
    } else if (lines.length && !open) said.append(make("p", {}, "Nothing to read again. Well done."));
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
