"""nbgrader's steps between a course and its students, with which one student ends none for others.

    c.ExchangeFactory.release_feedback = "course_lib.staff.exchange.ReleaseFeedback"
    c.ZipCollectApp.extractor_plugin = "course_lib.staff.exchange.Extractor"

Each does what can be done, and at its end names what could not.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from glob import glob
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback  # type: ignore[import-untyped]
from nbgrader.plugins.zipcollect import ExtractorPlugin  # type: ignore[import-untyped]
from nbgrader.utils import notebook_hash, unzip  # type: ignore[import-untyped]

from .submission import SECRET, SHORT, UnreadableError, contents, writable


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]
    """Put each page of feedback where its student, and nobody else, finds it."""

    def copy_files(self) -> None:
        """All that have handed in by nbgrader get theirs; the others are named."""
        left_out = set(self.coursedir.student_id_exclude.split(","))
        lacking = []
        for folder, student in self._folders():
            if student in left_out:
                continue
            try:
                secret = contents(folder / SECRET, SHORT).decode("utf-8", "replace")
            except UnreadableError:
                secret = ""
            if not secret:
                lacking.append(student)
                continue
            for page in sorted(folder.glob("*.html")):
                self._put(page, notebook_hash(secret=secret, notebook_id=page.stem))
            self.log.info("Feedback released to %s", student)
        if lacking:
            listed = "\n".join(f"  {writable(one)}" for one in lacking)
            self.log.warning(
                "These have handed in without nbgrader and can fetch no feedback: send them their "
                "pages, which are in the folder %s.\n%s",
                self.coursedir.feedback_directory,
                listed,
            )

    def _folders(self) -> Iterator[tuple[Path, str]]:
        """The folder of each student that has feedback, and the student's name."""
        about = (self.coursedir.feedback_directory, "(?P<student>.*)")
        form = self.coursedir.format_path(*about, self.coursedir.assignment_id, escape=True)
        alone = Path(self.src_path).is_dir()  # of one student, whose name may be a pattern's
        for folder in [self.src_path] if alone else sorted(glob(self.src_path)):
            if (found := re.fullmatch(form, folder)) and any(Path(folder).glob("*.html")):
                yield Path(folder), found["student"]

    def _put(self, page: Path, name: str) -> None:
        """The page under this name, in one move: whoever fetches it sees the old one or this."""
        made = Path(self.dest_path) / f"{name}-tmp.html"
        shutil.copy(page, made)
        made.replace(made.with_name(f"{name}.html"))


class Extractor(ExtractorPlugin):  # type: ignore[misc]
    """Unpack what came by mail or from a learning system, archives inside of archives too."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """One that is broken is named, and left beside what was in the others."""
        files = sorted(path for path in Path(archive_path).rglob("*") if path.is_file())
        if not files:
            self.log.warning("No files found in directory: %s", archive_path)
        for file in files:
            into = Path(extracted_path, file.relative_to(archive_path)).parent
            into.mkdir(parents=True, exist_ok=True)
            if file.suffix in self.zip_ext:
                self._unpack(file, into)
            else:
                shutil.copy(file, into)

    def _unpack(self, archive: Path, into: Path) -> None:
        """Into a folder of its name."""
        self.log.info("Extracting from: %s", archive)
        try:
            unzip(str(archive), str(into), zip_ext=self.zip_ext, create_own_folder=True)
        except Exception as problem:  # noqa: BLE001  a student's file may break it in any way
            why = " ".join(str(problem).split()) or type(problem).__name__
            self.log.warning(
                "%s cannot be unpacked, and is left out: ask for another copy (%s)",
                writable(str(archive)),
                writable(why),
            )
            if archive.parent != into:
                shutil.copy(archive, into)  # and so it is one of those that are skipped, at the end
        folder = into / archive.name.removesuffix(archive.suffix).removesuffix(".tar")
        inside = sorted(path for path in folder.rglob("*") if path.suffix in self.zip_ext)
        for one in inside:
            if one.is_file():
                self._unpack(one, one.parent)
