// What the course's widgets share; the widget's own file follows it in the same module.

/** An element with attributes and children; "svg:rect" makes one of SVG's. */
function make(name, attributes = {}, ...children) {
  const element = name.startsWith("svg:")
    ? document.createElementNS("http://www.w3.org/2000/svg", name.slice(4))
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/** Write words only where others stand: a screen reader would tell the same ones again. */
const put = (node, words) => { if (node.textContent !== words) node.textContent = words; };

/** Write rows into a table whose first row and column are headings; its cells stay. */
const fillIn = (table, rows) => rows.forEach((row, n) => row.forEach((cell, m) => {
  const line = table.rows[n] ?? table.insertRow();
  put(line.cells[m] ?? line.appendChild(
    n && m ? make("td") : make("th", { scope: n ? "row" : "col" })), String(cell));
}));

/** Make `el` a widget of the course: keys stay inside, the still picture before it is hidden. */
function settle(model, el) {
  el.classList.add("course-live");
  // JupyterLab takes keys inside an output for its own: `a` would insert a cell, `x` cut one.
  for (const kind of ["keydown", "keypress", "keyup"]) {
    el.addEventListener(kind, (event) => {
      if (!event.ctrlKey && !event.metaKey) event.stopPropagation(); // to save is JupyterLab's
    });
  }
  const notice = make("p", { class: "notice", role: "status" });
  const lost = () => {
    tell(notice, "The kernel has stopped or was restarted. What you see is from before: "
      + "run this cell again.");
    notice.dataset.last = "";
  };
  model.on("comm_live_update", lost);
  let still = null;
  // Fires when the element gets its size, so once it is on the page.
  const onPage = new ResizeObserver(() => {
    still ??= stillBefore(el);
    if (still) still.style.display = "none";
  });
  onPage.observe(el);
  const leave = () => {
    model.off("comm_live_update", lost);
    onPage.disconnect();
    if (still) still.style.display = "";
  };
  return { notice, leave };
}

/** Say a sentence above the widget; that the kernel is gone stays the last word. */
function tell(notice, words) {
  if (!("last" in notice.dataset)) put(notice, words);
}

/** The output of the same cell that shows the widget's still form: the one right before it. */
function stillBefore(el) {
  for (let part = el; part && !part.matches(".jp-Cell, body"); part = part.parentElement) {
    const before = part.previousElementSibling;
    if (before?.querySelector(".course-still")) return before;
  }
  return null;
}

/**
 * Ask the kernel: the newest question only, and one at a time. `answered(answer)` is called with
 * what belongs to the newest, `refused(sentence)` if the kernel won't.
 */
function asker(model, notice, answered, refused) {
  const view = Math.random().toString(36).slice(2, 7); // two views of one widget hear each other's answers
  let open = null, next = null, timer = null, serial = 0;
  const ask = (question) => {
    if (open !== null) {
      next = question;
      return;
    }
    open = `${view} ${(serial += 1)}`;
    timer = setTimeout(() => tell(notice, "The kernel is busy. What you see is old."), 400);
    model.send({ serial: open, question });
  };
  const heard = ({ serial: which, answer, error }) => {
    if (which !== open) return;
    clearTimeout(timer);
    tell(notice, "");
    open = null;
    if (next !== null) {
      const newest = next;
      next = null;
      ask(newest);
    } else if (error) refused(error);
    else answered(answer);
  };
  model.on("msg:custom", heard);
  return { ask, leave: () => { clearTimeout(timer); model.off("msg:custom", heard); } };
}

/** Whether the reader has asked for less motion. */
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
