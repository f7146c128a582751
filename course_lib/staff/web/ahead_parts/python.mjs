// Python for the kernel, begun before the kernel asks for it: Jupyter's interface and Python then
// start side by side, each on a processor of its own. The kernel takes this file for Pyodide.
import { loadPyodide as load } from "./pyodide.mjs";

// What each lesson imports is there before its first cell runs. The kernel comes before matplotlib,
// which it tells where to draw, and completes names without jedi, which is not on the site.
const WARM = `
import pyodide_kernel
pyodide_kernel.ipython_shell.Completer.use_jedi = False
import matplotlib.pyplot, course_lib.charts, course_lib.load, course_lib.widgets
`;
/** @type {Promise<any> | undefined} */
let begun;

/** All packages of the site, in one Python. */
async function start() {
  const list = new URL("pyodide-lock.json", import.meta.url).href;
  const lock = await (await fetch(list)).json();
  const packages = Object.keys(lock.packages);
  const python = await load({ lockFileURL: list, packages });
  python.runPython(WARM);
  return python;
}

/** Once, however often it is asked for: what each worker of the site does first. */
export function begin() {
  begun ??= start();
  return begun;
}

/**
 * What the kernel calls; of what it wishes, only where texts go is not known before.
 * @param {{ stdout: (text: string) => void, stderr: (text: string) => void }} options
 */
export async function loadPyodide({ stdout, stderr }) {
  const python = await begin();
  python.setStdout({ batched: stdout });
  python.setStderr({ batched: stderr });
  return python;
}
