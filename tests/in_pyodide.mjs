// pytest under Pyodide: the Python of the browser, where numpy's default integers have 32 bits.
// node in_pyodide.mjs COURSE SITE_PACKAGES PURE_PACKAGES NUMPY_WHEEL WORD_FOR_PYTEST …
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { loadPyodide } from "pyodide";

// Else node would show the line of a minified file, which is all of it.
process.on("uncaughtException", (error) => {
  console.error(String(error.message ?? error).slice(-3000));
  process.exit(1);
});

const [course, packages, pure, numpy, ...words] = process.argv.slice(2);
const home = dirname(createRequire(import.meta.url).resolve("pyodide/pyodide.mjs"));
const python = await loadPyodide({ indexURL: `${home}/` });
python.mountNodeFS("/course", course);
// A film shows the lines of whoever is not installed, so what is installed has to look like it.
const installed = (name) => `/${name}/site-packages`;
for (const [name, folder] of Object.entries({ packages, pure })) {
  python.FS.mkdirTree(installed(name));
  python.mountNodeFS(installed(name), folder);
}
python.unpackArchive(new Uint8Array(readFileSync(numpy)), "wheel", { extractDir: installed("compiled") });
python.globals.set("words", words);
const result = await python.runPythonAsync(`
import os, sys
os.chdir("/course")
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
sys.dont_write_bytecode = True
sys.path[:0] = ["/course", "${installed("compiled")}", "${installed("pure")}"]
sys.path.append("${installed("packages")}")  # pytest and what it needs, which is the same for each Python
import numpy as np, pytest
print("default integer:", np.array([1]).dtype, "Python", sys.version.split()[0], "numpy", np.__version__)
pytest.main(["-q", "-p", "no:cacheprovider", "-o", "addopts=", *words])
`);
process.exit(Number(result));
