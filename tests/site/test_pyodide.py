"""`--pyodide`: the site on another distribution of Pyodide, in a folder or served elsewhere."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from course_lib.staff import site
from course_lib.staff.web import fetched
from tests.conftest import in_ci
from tests.site.kernel import Kernel
from tests.site.reader import profile
from tests.site.served import served

LESSON = Path("notebooks", "01_restaurant.ipynb")
LISTED = {"numpy": {}, "matplotlib": {}}


def distribution(folder: Path, **changed: Any) -> Path:
    """A folder that has the files of one, empty but for the list of packages."""
    folder.mkdir()
    for name in fetched.CORE:
        (folder / name).touch()
    lock = {"info": {"python": f"{fetched.PYTHON}.2"}, "packages": LISTED} | changed
    (folder / fetched.LIST).write_text(json.dumps(lock), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the makers release, as far as the course needs it: put together, with new hashes."""
    folder = tmp_path_factory.mktemp("full")
    ours = fetched.pyodide(None)
    for file in [*fetched.pure_wheels().glob("*.whl"), *ours.folder.iterdir()]:
        (folder / file.name).symlink_to(file)
    packages = ours.lock["packages"]
    for entry in packages.values():
        if (file := folder / entry["file_name"]).is_file():
            entry["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    (folder / fetched.LIST).unlink()
    (folder / fetched.LIST).write_text(json.dumps(ours.lock), encoding="utf-8")
    return folder


def test_one_that_fits_is_taken_from_a_folder_or_an_address(tmp_path: Path) -> None:
    """With a slash at the end of the address or without."""
    folder = distribution(tmp_path / "full")
    assert fetched.pyodide(str(folder)).folder == folder
    with served(folder) as (address, _):
        for given in (address, address.rstrip("/")):
            taken = fetched.pyodide(given)
            assert (taken.address, taken.lock["packages"]) == (address, LISTED)


@pytest.mark.parametrize("way", ["folder", "address"])
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"info": {"python": "3.13.2"}}, f"Python 3.13.2.*Pyodide {fetched.VERSION}"),
        ({"packages": {"numpy": {}}}, "has no matplotlib: take the full distribution"),
        ({"info": 3}, "is no list of Pyodide's: get it anew"),
    ],
)
def test_one_that_does_not_fit_is_refused(
    changed: Any, told: str, way: str, tmp_path: Path
) -> None:
    """What is wrong with it, where it is, and what to take instead."""
    folder = distribution(tmp_path / "full", **changed)
    with served(folder) as (address, _):
        given = str(folder) if way == "folder" else address
        with pytest.raises(fetched.FetchError, match=told) as refused:
            fetched.pyodide(given)
    assert given in str(refused.value)


def test_what_is_no_distribution_is_told_and_nothing_is_built(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No such folder, one without the list, an address that is not there or not for pages; and
    a site that was there before is there afterwards.
    """
    without = distribution(tmp_path / "without")
    (without / fetched.LIST).unlink()
    out = tmp_path / "site"
    site.clear(out)
    (out / "index.html").touch()
    with served(tmp_path) as (address, _):
        for given, told in {
            str(tmp_path / "nowhere"): f"There is no pyodide.mjs in {tmp_path / 'nowhere'}: unpack",
            str(without): f"There is no {fetched.LIST} in {without}: unpack",
            f"{address}nowhere": f"{address}nowhere/{fetched.LIST} could not be read (HTTP Error "
            "404: Not Found): name the folder",
            "http://example.org/full/": "http://example.org/full/ is no address that a page may",
        }.items():
            assert site.main(["--out", str(out), "--pyodide", given]) == 1
            assert capsys.readouterr().err.startswith(told)
    assert (out / "index.html").is_file()


@in_ci
@pytest.mark.parametrize("way", ["folder", "address"])
def test_a_lesson_gives_the_same_text(way: str, full: Path, play: Any, tmp_path: Path) -> None:
    """All its cells; and Python comes from the address if one was given, and else from the site."""
    out = tmp_path / "site"
    with served(full) as (address, elsewhere):
        site.build(out, str(full) if way == "folder" else address, with_book=False)
        with (
            served(out) as (host, _),
            profile(play, tmp_path / "profile") as (context, outside),
        ):
            assert Kernel(context.new_page(), host).differences(LESSON) == []
            assert outside == []
    asked = {Path(path).name.partition("-")[0] for path, _ in elsewhere.sent}
    core = {"pyodide.mjs", "pyodide.asm.wasm", "numpy", "matplotlib"}
    assert core & asked == (core if way == "address" else set())
