"""What a class might hand in: human, broken and hostile, each with the mark it must have, and why.

    for one in CORPUS: one.put(folder, notebook)

Each file has one family. A submission begins as a notebook with all answers right and is changed;
its points, whether a person must look, and a part of what is told are known before.
"""

from __future__ import annotations

from . import code_forging, code_resources, files, forging, outputs, structure, typing
from .hand_in import HandIn

CORPUS: tuple[HandIn, ...] = (
    *typing.HAND_INS,
    *structure.HAND_INS,
    *files.HAND_INS,
    *forging.HAND_INS,
    *outputs.HAND_INS,
    *code_forging.HAND_INS,
    *code_resources.HAND_INS,
)
"""At least 150, in the order in which they are graded beside honest ones."""

__all__ = ["CORPUS", "HandIn"]
