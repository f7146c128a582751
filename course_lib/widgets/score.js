// How the practice questions of a session went.

function render({ model, el }) {
  const { notice, leave } = settle(model, el);
  el.classList.add("practice");
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
        ...[...seen].map(([link, heading]) => make("li", {}, make("a", { href: link }, heading)))));
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

export default { render };
