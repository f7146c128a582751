// What a page with a notebook does before Jupyter is there: Python begins, the text can be read.
const JUPYTER_HAS_DRAWN = ".jp-MarkdownOutput h1, .jp-Dialog";
const root = new URL("../", import.meta.url);

/**
 * Start the worker of the first kernel now. Jupyter's kernel asks for one two seconds later, and
 * gets this one; a page that may share memory has another kind of worker, which is not begun.
 */
function beginPython() {
  if (crossOriginIsolated) return;
  const Plain = globalThis.Worker;
  const begun = new Plain(new URL("static/pyodide/worker.mjs", root), { type: "module" });
  globalThis.Worker = new Proxy(Plain, {
    construct(target, [address, options]) {
      if (!String(address).includes("/comlink.worker.")) return new target(address, options);
      globalThis.Worker = Plain;
      return begun;
    },
  });
}

/** The book's page of the same notebook; nothing where the book has none. */
async function pageOfTheBook() {
  const path = new URLSearchParams(location.search).get("path") ?? "";
  if (!path.startsWith("notebooks/") || !path.endsWith(".ipynb")) return null;
  const address = new URL(`../${path.replace(/ipynb$/, "html")}`, root);
  const answer = await fetch(address);
  if (!answer.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const picture of page.querySelectorAll("article img")) {
    picture.setAttribute("loading", "lazy"); // those that are off the screen may never be needed
    picture.setAttribute("src", new URL(picture.getAttribute("src") ?? "", address).href);
  }
  return page.querySelector("article");
}

/**
 * Show the text until Jupyter has drawn the notebook. It can be read and moved, but holds nothing
 * to press, and a screen reader is told only that the notebook is being opened: it reads it once.
 */
async function showText() {
  const article = await pageOfTheBook();
  if (article === null || document.querySelector(JUPYTER_HAS_DRAWN)) return;
  const shown = document.createElement("div");
  shown.id = "ahead-of-jupyter";
  shown.innerHTML = '<p role="status">The notebook is being opened …</p><div inert></div>';
  shown.lastElementChild?.append(document.adoptNode(article));
  document.body.append(shown);
  const look = () => {
    if (document.querySelector(JUPYTER_HAS_DRAWN)) shown.remove();
    else requestAnimationFrame(look);
  };
  look();
}

showText(); // first, as it is what a reader waits for first
beginPython();
