"""Questions with their choices, and the banks that they are read from."""

from .bank import BankError, parse, practice_questions, read_bank
from .question import SECTIONS, Choice, Question

__all__ = [
    "SECTIONS",
    "BankError",
    "Choice",
    "Question",
    "parse",
    "practice_questions",
    "read_bank",
]
