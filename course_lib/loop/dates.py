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
    """Says yes wherever the class that it stands in for would, and equals it: `type(now)` does."""

    def __instancecheck__(cls, value: Any) -> bool:
        real = _real(cls)
        return super().__instancecheck__(value) if real is cls else isinstance(value, real)

    def __subclasscheck__(cls, other: type) -> bool:
        real = _real(cls)
        return super().__subclasscheck__(other) if real is cls else issubclass(other, real)

    def __eq__(cls, other: object) -> bool:
        return _real(cls) is _real(other)

    def __hash__(cls) -> int:
        return type.__hash__(_real(cls))


def _real(cls: Any) -> Any:
    """What a class stands in for; any other is itself."""
    return _Date if cls is Date else _DateTime if cls is DateTime else cls


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


for _stand_in in (Date, DateTime):
    for _name in ("__name__", "__qualname__", "__module__", "__doc__"):
        setattr(_stand_in, _name, getattr(_real(_stand_in), _name))


def pairs() -> list[tuple[Any, Any]]:
    """The two classes and the methods that ask for the time, each with its stand-in."""
    found: list[tuple[Any, Any]] = [(_Date, Date), (_DateTime, DateTime)]
    found.append((_Date.today, Date.today))
    found += [(getattr(_DateTime, n), getattr(DateTime, n)) for n in ("now", "utcnow", "today")]
    return found


def _reducer(stand_in: type) -> Callable[[Any], Any]:
    """How a pickle of a real instance begins while its class goes under another's name."""
    return lambda value: (stand_in, *value.__reduce_ex__(4)[1:])


REDUCERS = {_real(stand_in): _reducer(stand_in) for stand_in in (Date, DateTime)}
"""For `copyreg.dispatch_table`: pickle insists that a class is what its name says."""
