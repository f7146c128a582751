// Compiles the Python in wheels, and in Python's own library, in Pyodide itself:
// node compile_wheels.mjs PYODIDE FOLDER
// The course keeps its source beside it, so that a traceback shows its lines. Docstrings, which are
// a third of a library, are left where a reader asks for help.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const EXPLAINED = /^(ipython|matplotlib|numpy|sync_async_course)-/;
const [home, folder] = process.argv.slice(2).map((path) => resolve(path));
const { loadPyodide } = await import(pathToFileURL(join(home, "pyodide.mjs")).href);
const python = await loadPyodide({ indexURL: `${home}/` });
python.runPython(`
import io, sys, zipfile
from importlib._bootstrap_external import _code_to_hash_pyc
from importlib.util import cache_from_source, source_hash

def compiled(wheel, keep_source, explained, where):
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(wheel)) as old:
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
            for item in old.infolist():
                told = files(item.filename, old.read(item), keep_source, explained, where)
                for name, body in told:
                    about = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                    new.writestr(about, body, zipfile.ZIP_DEFLATED, 9)
    return made.getvalue()

def files(name, body, keep_source, explained, where):
    top = name.partition("/")[0]
    if not name.endswith(".py") or top.endswith((".data", ".dist-info")):
        yield name, body
        return
    try:
        code = compile(body, where + name,  # by this, the course knows a library's code
             "exec", dont_inherit=True, optimize=0 if explained else 2)
    except (SyntaxError, ValueError):  # a template, or for another Python
        yield name, body
        return
    # Never compared with its source, which a browser would have to read for that.
    pyc = bytes(_code_to_hash_pyc(code, source_hash(body), checked=False))
    if keep_source:
        yield name, body
        yield cache_from_source(name), pyc
    else:
        yield name + "c", pyc
`);
const compiled = python.globals.get("compiled");
const places = python.runPython('"\\n".join(sys.path)').split("\n");
const place = (end) => `${places.find((path) => path.endsWith(end))}/`;
const [packages, library] = [place("site-packages"), place(".zip")];
for (const name of readdirSync(folder).filter((file) => /\.(whl|zip)$/.test(file))) {
  const wheel = python.toPy(new Uint8Array(readFileSync(join(folder, name)))).tobytes();
  const where = name.endsWith(".zip") ? library : packages;
  const keepSource = name.startsWith("sync_async_course");
  const made = compiled(wheel, keepSource, EXPLAINED.test(name), where);
  writeFileSync(join(folder, name), made.toJs ? made.toJs() : made);
}
process.exit(0);
