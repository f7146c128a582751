"""`datetime.datetime` and `datetime.date` inside a run: today is the run's day.

The classes are immutable, so others stand in for them, which know three methods of their own. They
make instances of the real classes alone, also from texts and pickles, so that nothing is left of
them in any value; and all that is an instance of the real ones is one of theirs.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from ..trace import SECOND
from .clocks import calendar_here

_Date = datetime.date
_DateTime = datetime.datetime


class _StandIn(type):
    """Says yes wherever the class that it stands in for would."""

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, _REAL[cls]) if cls in _REAL else super().__instancecheck__(value)

    def __subclasscheck__(cls, other: type) -> bool:
        return issubclass(other, _REAL[cls]) if cls in _REAL else super().__subclasscheck__(other)


class Date(_Date, metaclass=_StandIn):
    """A date; `today` is the run's."""

    def __new__(cls, *args: Any, **options: Any) -> Any:
        return _Date(*args, **options) if cls is Date else super().__new__(cls, *args, **options)

    @classmethod
    def today(cls) -> Any:
        """The local date."""
        time_ns = calendar_here()
        if time_ns is None:
            return _Date.today() if cls is Date else super().today()
        return cls.fromtimestamp(time_ns // SECOND)


class DateTime(_DateTime, metaclass=_StandIn):
    """A date and a time of day; `now`, `utcnow` and `today` are the run's."""

    def __new__(cls, *args: Any, **options: Any) -> Any:
        return (
            _DateTime(*args, **options)
            if cls is DateTime
            else super().__new__(cls, *args, **options)
        )

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        """The time in a zone; without one, the local time."""
        time_ns = calendar_here()
        if time_ns is None:
            return _DateTime.now(tz) if cls is DateTime else super().now(tz)
        second, rest = divmod(time_ns, SECOND)
        return cls.fromtimestamp(second, tz).replace(microsecond=rest // 1000)

    @classmethod
    def utcnow(cls) -> Any:
        """The time in UTC, without a zone."""
        return cls.now(datetime.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> Any:
        """The local time, as `now` gives it."""
        return cls.now()


_REAL: dict[type, type] = {Date: _Date, DateTime: _DateTime}
for _stand_in, _real in _REAL.items():
    for _name in ("__name__", "__qualname__", "__module__", "__doc__"):
        setattr(_stand_in, _name, getattr(_real, _name))


def pairs() -> list[tuple[Any, Any]]:
    """The two classes and the methods that ask for the time, each with its stand-in."""
    found: list[tuple[Any, Any]] = [(_Date, Date), (_DateTime, DateTime)]
    found.append((_Date.today, Date.today))
    found += [(getattr(_DateTime, n), getattr(DateTime, n)) for n in ("now", "utcnow", "today")]
    return found


def _reducer(stand_in: type) -> Callable[[Any], Any]:
    """How a pickle of a real instance begins while its class goes under another's name."""
    return lambda value: (stand_in, *value.__reduce_ex__(4)[1:])


REDUCERS = {real: _reducer(stand_in) for stand_in, real in _REAL.items()}
"""For `copyreg.dispatch_table`: pickle insists that a class is what its name says."""
