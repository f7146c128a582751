"""What a grading run has done so far, so that the next one can go on: a line for each student."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path


class Journal:
    """A file of students whose marks are in the gradebook, with the digest of what was marked."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def done(self) -> dict[str, str]:
        """Student → digest; a line that was cut off by the end of its process is left out."""
        found: dict[str, str] = {}
        if self.file.is_file():
            for line in self.file.read_text(encoding="utf-8").splitlines():
                try:
                    student, digest = json.loads(line)
                except ValueError:
                    continue
                found[student] = digest
        return found

    def begin(self, kept: Mapping[str, str]) -> None:
        """Begin anew with these alone."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text("", encoding="utf-8")
        self.add(kept)

    def add(self, done: Mapping[str, str]) -> None:
        """Note these; they have to be in the gradebook by now."""
        lines = [json.dumps([student, digest]) + "\n" for student, digest in done.items() if digest]
        with self.file.open("a", encoding="utf-8") as file:
            file.writelines(lines)
