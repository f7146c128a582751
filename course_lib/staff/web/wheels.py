"""Wheels as the browser gets them: without what no lesson uses, and the course without staff."""

from __future__ import annotations

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
            r"jedi/third_party/(django-stubs|typeshed/stubs)/",
            r"(numpy/(f2py|testing)|matplotlib/testing)/",
            r"matplotlib/mpl-data/(fonts/(afm|pdfcorefonts)|images)/",
            r"matplotlib/mpl-data/fonts/ttf/(STIX|DejaVuSerif|DejaVuSans-BoldO|DejaVuSansMono-)",
            r"matplotlib/backends/(web_backend|qt_editor)/",
            r"matplotlib/backends/backend_(?!agg|svg|mixed|webagg_core)",
            r"PIL/_(imagingft|webp|avif|imagingcms)\.",
            r"(jupyterlab_widgets|anywidget|ipython)-[^/]*\.data/",
            r"markupsafe/_speedups\.cpython-.*-linux",  # there is the same in Python
            r"anywidget/(labextension|nbextension)/",
            r"pygments/lexers/(?!__init__|_mapping|_builtin|python|special|text\.|console|markup\."
            r"|diff|shell|javascript|css|html|json|data)",
        )
    )
)
"""Files of which no lesson makes use; the fonts that are left draw all of them."""
RARE_ENCODING = re.compile(
    r"encodings/(?!cp437|cp1252|iso8859_1\.|iso8859_15|mac_roman)(big5|cp\d|euc|"
    r"gb|hz|iso|johab|koi|kz|mac_|palmos|ptcp|shift|tis)"
)


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
    """Copy a wheel, or another archive, without what nobody asks for."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            if not left_out.match(item.filename):
                new.writestr(item, old.read(item))


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
