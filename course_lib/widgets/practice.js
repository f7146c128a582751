// A practice question. It is judged here, so it also works while the kernel is busy or gone.

/** Append a text in which `code` and *emphasis* become elements. */
function rich(parent, text) {
  for (const part of text.split(/(`[^`]+`|\*[^*]+\*)/)) {
    if (part.startsWith("`")) parent.append(make("code", {}, part.slice(1, -1)));
    else if (part.startsWith("*")) parent.append(make("em", {}, part.slice(1, -1)));
    else parent.append(part);
  }
  return parent;
}

function render({ model, el }) {
  const { notice, leave } = settle(model, el);
  el.classList.add("practice");
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
        make("a", { href: link }, heading), "."));
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

export default { render };
