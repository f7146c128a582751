"""The book: each notebook as a page to read, with its stored outputs and a link to its live twin.

Nothing is run to build it. The theme brings search, navigation and dark colours.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from urllib.parse import quote

from course_lib.page import render

from ..forms.notebook_file import FOR_LATER
from . import reference
from .contents import notebooks

PAGES = Path(__file__).with_name("pages")
LEFT_OUT_LINK = re.compile(rf"\[([^\]]*)\]\((?:\.\./)*(?:{'|'.join(FOR_LATER)})/[^)]*\)")
"""A link to what the site does not have: its words stay."""

PICTURE = re.compile(r'src="data:image/png;base64,([A-Za-z0-9+/=\s]+)"')
SIDE_BAR = '<div id="pst-primary-sidebar" '
NAMED_SIDE_BAR = f'{SIDE_BAR}role="complementary" aria-label="Contents" '
"""The theme leaves it outside of all that a screen reader can jump to."""


def build(root: Path, work: Path, out: Path) -> None:
    """The pages, in the folder that has the live notebooks in `live`."""
    work.mkdir()
    for path in PAGES.iterdir():
        if path.suffix in (".py", ".css", ".js"):
            shutil.copy(path, work)
    paths = notebooks(root)
    for path in paths:
        (work / path.parent).mkdir(parents=True, exist_ok=True)
        (work / path).write_text(page(root, path), encoding="utf-8")
    shutil.copytree(root / "notebooks" / "pictures", work / "notebooks" / "pictures")
    (work / "reference").mkdir()
    for name, text in reference.pages(root).items():
        (work / "reference" / f"{name}.md").write_text(text, encoding="utf-8")
    how = render("staff/web/pages/how_it_works.md")
    (work / "how_it_works.md").write_text(how, encoding="utf-8")
    (work / "index.md").write_text(contents(paths), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-b", "html", "-q", str(work), str(work / "made")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise FileNotFoundError(f"{done.stderr}\nThe book was not built, see above")
    made = work / "made"
    for path in made.rglob("*.html"):
        text = path.read_text(encoding="utf-8").replace(SIDE_BAR, NAMED_SIDE_BAR)
        up = "../" * (len(path.relative_to(made).parts) - 1)
        path.write_text(PICTURE.sub(partial(_beside, made, up), text), encoding="utf-8")
    kept = shutil.ignore_patterns(".buildinfo", ".doctrees", "_sources")
    shutil.copytree(work / "made", out, ignore=kept, dirs_exist_ok=True)


def _beside(made: Path, up: str, found: re.Match[str]) -> str:
    """A picture as a file of its own, named by its content: the text is there before it."""
    content = b64decode(found[1])
    file = Path("pictures") / f"{hashlib.sha256(content).hexdigest()[:16]}.png"
    (made / file.parent).mkdir(exist_ok=True)
    (made / file).write_bytes(content)
    return f'src="{up}{file.as_posix()}"'


def page(root: Path, path: Path) -> str:
    """A notebook with the button below its title, and without links to what is not there."""
    notebook = json.loads((root / path).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = LEFT_OUT_LINK.sub(r"\1", "".join(cell["source"]))
    title, _, rest = notebook["cells"][0]["source"].partition("\n")
    notebook["cells"][0]["source"] = f"{title}\n\n{button(path)}\n{rest}"
    return json.dumps(notebook)


def button(path: Path) -> str:
    """A link to the same notebook, alive."""
    up = "../" * (len(path.parts) - 1)
    return render("staff/templates/try_live.html", address=live(path, up))


def live(path: Path, up: str = "") -> str:
    """Where a notebook can be run: one notebook a page, which fills a narrow window, too."""
    return f"{up}live/notebooks/index.html?path={quote(path.as_posix())}"


def contents(paths: Iterable[Path]) -> str:
    """The first page."""
    lessons = [path for path in paths if path.parent.name == "notebooks"]
    groups = {
        "Lessons": [path for path in lessons if path.name[0].isdigit()],
        "Beside them": [path for path in lessons if not path.name[0].isdigit()],
        "Deeper": [path for path in paths if path.parent.name == "deeper"],
        "Answers": [path for path in paths if path.parent.name == "answers"],
    }
    made = ["how_it_works", *(f"reference/{name}" for name in reference.MODULES)]
    names = {k: [path.with_suffix("").as_posix() for path in v] for k, v in groups.items()}
    names["How it is made"] = made
    quiz, exercises = (Path(f"module_0_{name}.ipynb") for name in ("quiz", "exercises"))
    return render(
        "staff/web/pages/index.md", groups=names, quiz=live(quiz), exercises=live(exercises)
    )
