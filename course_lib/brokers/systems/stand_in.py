"""A server of the course's own, for one that works at its maker's alone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import ClassVar

from ..server import Server

COURSE = Path(__file__).resolve().parents[3]


class StandIn(Server):
    """A program of `brokers/stand_ins`, which keeps what it stores in the folder it works in."""

    program: ClassVar[str]
    """Its module there."""

    def command(self, folder: Path, port: int) -> list[str]:
        return [sys.executable, "-m", f"course_lib.brokers.stand_ins.{self.program}", str(port)]

    def surroundings(self, folder: Path, port: int) -> dict[str, str]:
        return {"PYTHONPATH": str(COURSE)}
