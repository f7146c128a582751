"""A widget whose settings are one value: in Python, in each of its views, and in a line of code.

Only those that are not as usual travel. The browser gets what Python makes of them, and with it for
which settings that was made: so each view knows whether what it shows is of now, and a second
window learns what was set in the first.
"""

from __future__ import annotations

import json
from typing import Any

import traitlets

from .live import LiveWidget

OURS = "A fault of the course, not yours; please tell us:"

Settings = dict[str, Any]


class Settable(LiveWidget):
    """A subclass says in `complete` what can be set, and in `made` what its views need for it.

    `settings` is always what the reader sees: it can be read, and assigned as a whole, where what
    is not named is as usual. Raises TraitError for settings that cannot be shown.
    """

    settings = traitlets.Dict().tag(
        sync=True,
        echo_update=False,
        to_json=lambda settings, widget: widget.news(settings),
        from_json=lambda news, widget: {**widget.usual, **news},
    )
    """All that can be changed, as it is now."""
    usual = traitlets.Dict().tag(sync=True)
    """What is not said in a line of code, nor in `settings` when they are assigned."""
    shown = traitlets.Dict().tag(sync=True)
    """What was made of the settings; `of` those that are not as usual, or the `problem` with them.

    `turn` counts the answers.
    """

    def __init__(self, settings: Settings, **state: Any) -> None:
        whole, usual = self.complete(settings), self.complete({})
        self.usual = usual
        shown = {"of": self.news(whole), "turn": 0, **self.made(whole)}
        super().__init__(settings=whole, usual=usual, shown=shown, **state)
        self._answered = self.settings
        self.observe(lambda _: self.in_main(self._show), "settings")

    def complete(self, settings: Settings) -> Settings:
        """The settings with what they do not name, or a ValueError."""
        raise NotImplementedError

    def made(self, settings: Settings) -> dict[str, Any]:
        """What a view cannot make of them by itself. A ValueError's sentence is told to the reader.

        It is called in the kernel's main thread.
        """
        raise NotImplementedError

    def news(self, settings: Settings) -> Settings:
        """Those of the settings that are not as usual."""
        return {name: value for name, value in settings.items() if value != self.usual.get(name)}

    @property
    def line(self) -> str:
        """The line of Python that opens the widget with its settings."""
        news = self.news(self.settings).items()
        words = ", ".join(f"{name}={in_python(value)}" for name, value in news)
        return f"{type(self).__name__}({words})"

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """What the browser sends. Settings that cannot be are told there, and change nothing."""
        try:
            super().set_state(sync_data)
        except traitlets.TraitError as told:
            self._answer({**self.usual, **sync_data["settings"]}, problem=str(told))

    @traitlets.validate("settings")
    def _complete(self, proposal: dict[str, Any]) -> Settings:
        try:
            return self.complete(proposal["value"])
        except (TypeError, ValueError) as told:
            raise traitlets.TraitError(str(told)) from None

    def _show(self) -> None:
        """Make what belongs to the newest settings; while a cell runs, several wait for it.

        What goes wrong is told: a wait without end would tell the reader nothing.
        """
        if self.settings is self._answered:
            return
        self._answered = settings = self.settings
        try:
            self._answer(settings, **self.made(settings))
        except ValueError as told:
            self._answer(settings, problem=str(told))
        except Exception as fault:  # for the log, with all its lines
            self._answer(settings, problem=f"{OURS} {type(fault).__name__}: {fault}")
            raise

    def _answer(self, settings: Settings, **made: Any) -> None:
        """An answer is never the same as the last: only another one travels, and it is awaited."""
        turn = self.shown["turn"] + 1
        self.shown = {"of": self.news(settings), "turn": turn, **made}


def in_python(value: Any) -> str:
    """A setting as it is written: what a browser sends as 3 was perhaps 3.0 here."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return repr(int(value) if isinstance(value, float) and value.is_integer() else value)
