// What the course's widgets share: elements, tables, notices, and their place in the notebook.

const QUIET = 400; // milliseconds without a change before something is said

/**
 * What anywidget hands to a view: the widget's state, as Python has it, too.
 * @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, act: (told: any) => void) => void} on
 * @property {(event: string, act: (told: any) => void) => void} off
 * @property {(message: unknown) => void} send
 */

/**
 * An element with attributes and children; "svg:rect" makes one of SVG's. Its type is as loose as
 * its name: whoever makes an input knows that it has a value.
 * @param {string} name
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node | string)} children
 * @returns {any}
 */
export function make(name, attributes = {}, ...children) {
  const element = name.startsWith("svg:")
    ? document.createElementNS("http://www.w3.org/2000/svg", name.slice(4))
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * A button and what it does.
 * @param {string} words
 * @param {() => void} act
 * @param {string} [kind]
 * @returns {HTMLButtonElement}
 */
export function button(words, act, kind) {
  const made = make("button", { type: "button", class: kind }, words);
  made.addEventListener("click", act);
  return made;
}

/**
 * Write words only where others stand: a screen reader would tell the same ones again.
 * @param {Node} node
 * @param {string} words
 */
export function put(node, words) {
  if (node.textContent === words) return;
  const [first, ...others] = node.childNodes; // new words in a text are less work than a new text
  (first instanceof Text && !others.length ? first : node).textContent = words;
}

/**
 * Set an attribute where it is another one: most of a picture stays as it was.
 * @param {Element} node
 * @param {string} name
 * @param {string | number} value
 */
export function attribute(node, name, value) {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
}

/**
 * Write rows into a table whose first row and column are headings; its cells stay.
 * @param {HTMLTableElement} table
 * @param {(string | number)[][]} rows
 */
export function fillIn(table, rows) {
  rows.forEach((row, n) => row.forEach((cell, m) => {
    const line = table.rows[n] ?? table.insertRow();
    put(line.cells[m] ?? line.appendChild(
      n && m ? make("td") : make("th", { scope: n ? "row" : "col" })), String(cell));
  }));
}

/**
 * Make `el` a widget of the course: keys stay inside, the still picture before it is hidden. Who
 * listens to `el` itself does so up to the `signal`: JupyterLab keeps hold of `el` when it is gone,
 * and would of all that is in it.
 * @param {Model} model
 * @param {HTMLElement} el
 */
export function settle(model, el) {
  el.classList.add("course-live");
  keepKeys(el);
  const notice = make("p", { class: "notice", role: "status" });
  const lost = () => {
    tell(notice, "The kernel has stopped or was restarted. What you see is from before: "
      + "run this cell again.");
    notice.dataset.last = "";
  };
  model.on("comm_live_update", lost);
  const showAgain = hideStill(el), gone = new AbortController();
  const leave = () => {
    model.off("comm_live_update", lost);
    showAgain();
    gone.abort();
    el.replaceChildren();
  };
  return { notice, leave, signal: gone.signal };
}

/**
 * JupyterLab takes keys inside an output for its own: `a` would insert a cell, `x` cut one. Those
 * with Ctrl or ⌘ are left to it: to save is its business. But it would undo in the cell's code.
 * @param {HTMLElement} el
 */
function keepKeys(el) {
  for (const kind of /** @type {const} */ (["keydown", "keypress", "keyup"])) {
    el.addEventListener(kind, (event) => {
      const isUndo = [89, 90].includes(event.keyCode); // Y and Z
      if (isUndo || !(event.ctrlKey || event.metaKey)) event.stopPropagation();
    });
  }
}

/**
 * Hide the still form before `el` once that is on the page; returns what shows it again.
 * @param {HTMLElement} el
 */
function hideStill(el) {
  /** @type {HTMLElement | null} */
  let still = null;
  // Fires when the element gets its size, so once it is on the page.
  const onPage = new ResizeObserver(() => {
    still ??= stillBefore(el);
    if (still) still.style.display = "none";
  });
  onPage.observe(el);
  return () => {
    onPage.disconnect();
    if (still) still.style.display = "";
  };
}

/**
 * The output of the same cell that shows the widget's still form: the one right before it.
 * @param {HTMLElement} el
 * @returns {HTMLElement | null}
 */
function stillBefore(el) {
  /** @type {HTMLElement | null} */
  let part = el;
  for (; part && !part.matches(".jp-Cell, body"); part = part.parentElement) {
    const before = part.previousElementSibling;
    if (before?.querySelector(".course-still")) return /** @type {HTMLElement} */ (before);
  }
  return null;
}

/**
 * Say a sentence above the widget; that the kernel is gone stays the last word.
 * @param {HTMLElement} notice
 * @param {string} words
 */
export function tell(notice, words) {
  if (!("last" in notice.dataset)) put(notice, words);
}

/**
 * A quiet live region: what a reader who hears the page has come to is said once the keys rest.
 */
export function speaker() {
  const part = make("p", { class: "unseen", role: "status" });
  let timer = 0;
  const say = (/** @type {string} */ words) => {
    clearTimeout(timer);
    timer = setTimeout(() => put(part, words), QUIET);
  };
  return { part, say, leave: () => clearTimeout(timer) };
}
