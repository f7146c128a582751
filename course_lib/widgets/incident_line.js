// The moves that were made: as a list, as a text that can be written, and as a line of Python.

import { attribute, button, make, put } from "./live.js";
import { lineOf, parseMoves, seconds } from "./incident_moves.js";

/** @typedef {import("./incident_moves.js").Kit} Kit */
/** @typedef {import("./incident_moves.js").Move} Move */

/** Where the first wrong move stands in a text.
 * @param {Kit} kit @param {string} text */
function wrongPlace(kit, text) {
  const parts = text.split(",");
  const isWrong = (/** @type {number} */ count) => {
    try {
      parseMoves(kit, parts.slice(0, count).join(","), kit.story.may);
      return false;
    } catch {
      return true;
    }
  };
  const n = parts.findIndex((_, place) => isWrong(place + 1));
  const start = parts.slice(0, n).join(",").length + (n > 0 ? 1 : 0);
  return { start, end: start + (parts[n] ?? "").length };
}

/** The moves as a text; a wrong one is marked, and told in a sentence.
 * @param {Kit} kit @param {(moves: string) => void} use */
function textField(kit, use) {
  const why = make("p", { class: "why", role: "status" });
  const input = make("textarea", { rows: 2, spellcheck: "false", autocomplete: "off" });
  const take = () => {
    try {
      parseMoves(kit, input.value, kit.story.may);
      put(why, "");
      input.removeAttribute("aria-invalid");
      use(input.value);
    } catch (fault) {
      const { start, end } = wrongPlace(kit, input.value);
      put(why, /** @type {Error} */ (fault).message);
      input.setAttribute("aria-invalid", "true");
      input.focus();
      input.setSelectionRange(start, end);
    }
  };
  input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    take();
  });
  const part = make("div", {}, make("label", {}, "As a text: when, what, and the value", input),
    why, button("Take this text", take));
  const show = (/** @type {string} */ moves) => {
    input.value = moves;
    input.removeAttribute("aria-invalid");
    put(why, "");
  };
  return { part, show };
}

/** The line of Python, to be copied.
 * @param {HTMLElement} code @param {HTMLElement} told */
async function copy(code, told) {
  try {
    await navigator.clipboard.writeText(code.textContent ?? "");
    put(told, "Copied.");
  } catch {
    getSelection()?.selectAllChildren(code);
    put(told, "The browser does not let me copy: the line is selected, press Ctrl+C or ⌘C.");
  }
}

/** All of it.
 * @param {Kit} kit
 * @param {{ go: (time: number) => void, use: (moves: string) => void, undo: () => void }} acts */
export function lineView(kit, { go, use, undo }) {
  const list = make("ol", { class: "moves" }), text = textField(kit, use), code = make("code");
  const back = button("Undo the last", undo), told = make("span", { role: "status" });
  const part = make("div", { class: "sheet line" },
    make("p", { class: "title" }, make("b", {}, "Your moves"), back), list, text.part,
    make("p", {}, "Seed and moves make the same minute everywhere. This line is all of it:"),
    make("p", {}, code), make("p", {}, button("Copy the line", () => copy(code, told)), " ", told));
  /** @param {any} settings @param {Move[]} moves */
  const show = (settings, moves) => {
    list.replaceChildren(...moves.map(({ at, what, value }) => make("li", {},
      button(`${seconds(at)} s`, () => go(at), "link"), ` ${what} ${value}`)));
    if (!moves.length) list.replaceChildren(make("li", { class: "soft" }, "None yet."));
    attribute(back, "aria-disabled", String(!moves.length)); // and it keeps the focus
    text.show(settings.moves);
    put(code, lineOf(settings));
    put(told, "");
  };
  return { part, show };
}
