"""Wheels as the browser gets them: without what no lesson uses, and the course without staff."""

from __future__ import annotations

import io
import re
import tomllib
import zipfile
from pathlib import Path

from .. import bundle
from ..forms.package import member

NOBODY_ASKS = re.compile(
    "|".join(
        (
            r".*/(tests?|sample_data|sphinxext|_pyinstaller)/",
            r".*\.(pyi|h|pxd|a|f90)$",
            r"[^/]*\.dist-info/RECORD",
            r"course_lib/brokers/",  # of the labs
            r"numpy/(f2py|testing)/|numpy/(conftest|ma/testutils|typing/mypy_plugin)\.py",
            r"numpy/linalg/lapack_lite\.",
            r"matplotlib/testing/|matplotlib/sankey|mpl_toolkits/axisartist/",
            r"matplotlib/_(qhull|tri)\.",  # a grid of triangles cannot be made
            r"matplotlib/mpl-data/(fonts/(afm|pdfcorefonts)|images)/",
            r"matplotlib/mpl-data/fonts/ttf/(STIX|DejaVuSerif|DejaVuSans-BoldO|DejaVuSansMono-)",
            r"matplotlib/backends/(web_backend|qt_|_tkagg|_backend_)(?!agg)",
            r"matplotlib/backends/backend_(?!agg|svg|mixed|webagg_core)",
            r"contourpy/util/(bokeh|mpl)_",
            r"PIL/_(imagingft|webp|avif|imagingcms|imagingtk|imagingmorph)\.",
            r"PIL/(?!Bmp|Gif|Jpeg|Mpo|Png|Ppm|Tiff)\w+(Plugin|FontFile)\.",
            r"PIL/(PdfParser|PSDraw|ContainerIO|ImageCms|ImageGrab|ImageQt|ImageTk|ImageWin)\.",
            r"dateutil/(zoneinfo/.*\.gz|zoneinfo/rebuild|tz/win)",
            r"packaging/(licenses/|metadata|pylock)",
            r"pyparsing/(diagram|tools)/",
            r"(jupyterlab_widgets|anywidget|ipython)-[^/]*\.data/",
            r"markupsafe/_speedups\.cpython-.*-linux",  # there is the same in Python
            r"anywidget/(labextension|nbextension)/",
            r"IPython/(external/qt_|terminal/(?!(pt_inputhooks/)?__init__))",
            r"IPython/testing/(?!__init__|skipdoctest)",
            r"IPython/(utils/_process_win32|lib/(backgroundjobs|deepreload|demo|guisupport))",
            r"pygments/(cmdline|sphinxext)",
            r"pygments/formatters/(?!__init__|_mapping|html|terminal)",
            r"pygments/lexers/(?!__init__|_mapping|_builtin|python|special|console|diff)",
        )
    )
)
"""Files of which no lesson makes use; the fonts that are left draw all of them.

What a reader may miss: of matplotlib triangulations, skewed axes and windows of other toolkits; of
Pillow rare formats; of IPython its terminal; of Pygments other languages.
"""
OF_THE_LIBRARY = re.compile(
    "|".join(
        (
            r"encodings/(?!cp437|cp1252|iso8859_1\.|iso8859_15|mac_roman)(big5|cp\d|euc|"
            r"gb|hz|iso|johab|koi|kz|mac_|palmos|ptcp|shift|tis)",
            r"_pyrepl/(?!__init__|pager|trace|types|utils)",  # a terminal's prompt
            r"(ftplib|imaplib|poplib|smtplib|mailbox|xmlrpc/|wsgiref/)",  # no page opens a socket
            r"(asyncio/(proactor|windows)_|ctypes/(_aix|macholib|wintypes))",  # other systems'
            r"(_pydatetime|_pyio)\.",  # there is the same in C
            r"(modulefinder|pickletools|zipapp|wave)\.",
        )
    )
)
"""Of Python's own library: rare encodings, and what has no use in a browser."""
FONT = re.compile(r"matplotlib/mpl-data/fonts/ttf/DejaVuSans[^/]*\.ttf")
LETTERS = [*range(0x20, 0x530), *range(0x1E00, 0x2C00), *range(0xA640, 0xA6A0), 0xFFFD]
"""What the fonts draw: Latin, Greek and Cyrillic letters, all signs, arrows and mathematics."""


def canonical(name: str) -> str:
    """A package's name as lists of packages write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def find(folders: list[Path], name: str) -> Path:
    """The wheel of a package in the first of these folders that has it."""
    for folder in folders:
        for file in sorted(folder.glob("*.whl"), reverse=True):  # the newest first
            if canonical(file.name.partition("-")[0]) == name:
                return file
    places = " or ".join(str(folder) for folder in folders)
    raise FileNotFoundError(f"There is no wheel of {name} in {places}")


def slim(source: Path, target: Path, left_out: re.Pattern[str] = NOBODY_ASKS) -> None:
    """Copy a wheel, or another archive, without what nobody asks for, and with lighter fonts."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            if not left_out.match(item.filename):
                content = old.read(item)
                new.writestr(item, lighter(content) if FONT.match(item.filename) else content)


def lighter(font: bytes) -> bytes:
    """The same font with the letters of Europe's languages; its licence allows to change it."""
    from fontTools import subset, ttLib

    made = ttLib.TTFont(io.BytesIO(font))
    options = subset.Options(layout_features=[], name_IDs=["*"], notdef_outline=True)
    options.hinting = options.legacy_kern = True  # or letters would stand elsewhere
    options.drop_tables += ["FFTM"]  # dates of its making
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=LETTERS)
    chosen.subset(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def of_the_course(root: Path, folder: Path) -> None:
    """A wheel of course_lib as students have it: what the bundle takes of it, without staff."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version = project["name"].replace("-", "_"), project["version"]
    about = f"{name}-{version}.dist-info"
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as new:
        for inside, path in sorted(bundle.in_folder(root, "course_lib").items()):
            new.writestr(member(inside), path.read_bytes())
        text = f"Metadata-Version: 2.4\nName: {project['name']}\nVersion: {version}\n"
        new.writestr(member(f"{about}/METADATA"), text)
        new.writestr(member(f"{about}/LICENSE"), (root / "LICENSE").read_bytes())
