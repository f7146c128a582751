"""How exercises are graded: pieces are behind bars, and judged by what is said over the wire."""

from __future__ import annotations

from .judge import Verdict, judge

__all__ = ["Verdict", "judge"]
