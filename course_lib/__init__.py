"""Synchronous and asynchronous systems, as programs that you run and look at.

| name | what it does |
|---|---|
| `run` | runs a coroutine on a virtual or live clock, and gives its trace |
| `span`, `mark`, `send` | name a piece of work, a moment, a message |
| `Trace`, `Span` | what happened, and when |
| `Stuck` | raised when every task waits for ever |
| `draw`, `compare` | a trace as a timeline, several traces on one time axis |

For millions of requests there is `course_lib.load`, which needs numpy and is not imported here.
"""

import warnings

from .flow import mark, run, send, span
from .loop.stuck import Stuck
from .namesakes import WAY_OUT, hiding
from .timeline import compare, draw, picture
from .trace import Span, Trace

Trace.picture = picture
for _sentence in hiding():
    warnings.warn(f"{_sentence} {WAY_OUT}", stacklevel=2)

__all__ = ["Span", "Stuck", "Trace", "compare", "draw", "mark", "run", "send", "span"]
