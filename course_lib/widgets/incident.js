// An incident: the promises as they stand at the end, until it can be played here.

import { make, put, settle } from "./live.js";
import { judge } from "./incident_state.js";
import { play } from "./incident_system.js";

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const { notice, leave } = settle(model, el);
  const words = make("pre");
  const show = () => {
    const { moves, opening } = model.get("settings");
    const { words: told, findings } = judge(play(model.get("kit"), moves, opening));
    put(words, [told, ...findings.map((one) => `${one.promise}: ${one.words}`)].join("\n"));
  };
  model.on("change:settings", show);
  el.append(notice, words);
  show();
  return () => { model.off("change:settings", show); leave(); };
}

export default { render };
