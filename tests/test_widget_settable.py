"""Settings that are one value: in Python, in each view, and in a line of code."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.widgets.settable import OURS, Settable
from tests.node import in_node


class Doubler(Settable):
    """A number and a word; it makes twice the number, and notes in which thread."""

    _esm = "export default { render() {} }"

    def __init__(self, **settings: Any) -> None:
        self.threads: list[threading.Thread] = []
        super().__init__(settings)

    def complete(self, settings: dict[str, Any]) -> dict[str, Any]:
        found = {"number": 1.0, "word": "so", "yes": False} | settings
        if found["number"] < 0:
            raise ValueError(f"number is {found['number']}; give one from 0")
        return found

    def made(self, settings: dict[str, Any]) -> dict[str, Any]:
        self.threads.append(threading.current_thread())
        if settings["word"] == "fault":
            raise KeyError("fault")
        if settings["word"] == "never":
            raise ValueError("word is 'never'; say another")
        return {"twice": 2 * settings["number"]}


def test_what_the_browser_sets_is_read_in_python() -> None:
    """And the answer says for which settings it was made."""
    widget = Doubler()
    widget.set_state({"settings": {"number": 3}})
    assert widget.settings == {"number": 3, "word": "so", "yes": False}
    assert widget.shown == {"of": {"number": 3}, "turn": 1, "twice": 6}
    assert widget.line == "Doubler(number=3)"


def test_what_python_sets_is_made_too() -> None:
    """What it does not name is as usual."""
    widget = Doubler(number=2)
    widget.settings = {"word": "thus"}
    assert widget.settings == {"number": 1.0, "word": "thus", "yes": False}
    assert widget.shown["of"] == {"word": "thus"}
    assert widget.line == 'Doubler(word="thus")'


def test_what_is_set_back_is_answered_again() -> None:
    """A view waits for the answer to each of its changes."""
    widget = Doubler()
    for news in ({"number": 5}, {}):
        widget.set_state({"settings": news})
    assert widget.shown == {"of": {}, "turn": 2, "twice": 2.0}


def test_settings_that_cannot_be_change_nothing() -> None:
    """In Python an error, and in the browser its sentence."""
    widget = Doubler(number=2)
    with pytest.raises(traitlets.TraitError, match=r"number is -1; give one from 0"):
        widget.settings = {"number": -1}
    widget.set_state({"settings": {"number": -1}})
    assert widget.settings["number"] == 2
    assert widget.shown["problem"] == "number is -1; give one from 0"
    assert widget.shown["of"] == {"number": -1}
    with pytest.raises(ValueError, match=r"number is -1"):
        Doubler(number=-1)


def test_what_cannot_be_made_is_told() -> None:
    """A sentence for the reader is shown; a fault of ours is called so, and goes on to the log."""
    widget = Doubler()
    widget.settings = {"word": "never"}
    assert widget.shown["problem"] == "word is 'never'; say another"
    with pytest.raises(KeyError):
        widget.settings = {"word": "fault"}
    assert widget.shown["problem"] == f"{OURS} KeyError: 'fault'"


def test_it_is_made_in_the_main_thread_and_only_the_newest() -> None:
    """JupyterLab delivers on a thread of its own, where a run would share clocks with a cell."""

    async def main() -> Doubler:
        widget = Doubler()
        for number in (2, 3, 4):  # while a cell runs
            state = {"settings": {"number": number}}
            thread = threading.Thread(target=widget.set_state, args=(state,))
            thread.start()
            thread.join()
        await asyncio.sleep(0)
        return widget

    widget = asyncio.run(main())
    assert widget.shown == {"of": {"number": 4}, "turn": 1, "twice": 8}
    assert set(widget.threads) == {threading.main_thread()}


SETTINGS = st.fixed_dictionaries(
    {
        "number": st.one_of(st.integers(0, 99), st.floats(0, 1e6), st.just(1)),
        "word": st.sampled_from(["so", "it's", 'a "b"']),
        "yes": st.booleans(),
    }
)


@settings(max_examples=100)
@given(SETTINGS)
def test_the_line_opens_the_same_again(given_: dict[str, Any]) -> None:
    """In Python."""
    opened = eval(Doubler(**given_).line, {"Doubler": Doubler})
    assert opened.settings == given_


VIEW = """(() => {
  const state = { settings: {}, usual: { number: 1, yes: false },
    shown: { of: {} } };
  const handlers = {}, saved = [], told = [], notice = { dataset: {}, textContent: "" };
  const model = {
    get: (name) => state[name], off: () => {},
    set: (name, value) => { state[name] = value; handlers[`change:${name}`]?.(); },
    save_changes: () => saved.push(state.settings.number ?? 1),
    on: (event, act) => { handlers[event] = act; },
  };
  const kept = settingsOf(model, notice, {
    changed: ({ number }) => told.push(`changed ${number}`),
    shown: ({ of }) => told.push(`shown ${of.number ?? 1}`),
  });
  for (const [from, number] of given) {
    if (from === "here") kept.set({ number });
    else model.set("shown", { of: number === 1 ? {} : { number } });
  }
  kept.leave();
  return { saved, told, line: kept.line("Doubler"), number: kept.all().number };
})()"""


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([("here", 2), ("python", 2)], ["changed 2", "shown 2"]),
        # An answer to what is no longer so is not shown, also if the first is set again.
        ([("here", 2), ("here", 1), ("python", 2), ("python", 1)],
         ["changed 2", "changed 1", "shown 1"]),
        # What was not asked for from here was set in another window.
        ([("python", 5)], ["changed 5", "shown 5"]),
    ],
)  # fmt: skip
def test_a_view_shows_what_belongs_to_the_newest_settings(
    events: list[Any], told: list[str], tmp_path: Path
) -> None:
    """Whoever has set them."""
    found = in_node("settings.js", "settingsOf", VIEW, events, tmp_path)
    assert found["told"] == told
    assert found["saved"] == [number for where, number in events if where == "here"]
    assert found["number"] == events[-1][1]


def test_the_line_is_the_same_in_the_browser(tmp_path: Path) -> None:
    """For numbers, words and what is on."""
    cases = [{}, {"number": 0.35}, {"word": "it's", "yes": True}, {"number": 3, "yes": True}]
    shown = "given.map((news) => lineOf('Doubler', news))"
    found = in_node("settings.js", "lineOf", shown, cases, tmp_path)
    assert found == [Doubler(**case).line for case in cases]


def test_only_what_is_not_as_usual_travels() -> None:
    """And what the browser has sent does not come back to it."""
    widget = Doubler(number=2)
    assert widget.get_state("settings") == {"settings": {"number": 2}}
    sent: list[Any] = []
    widget._send = lambda message, buffers=None: sent.append(message)  # type: ignore[method-assign]
    widget.set_state({"settings": {"number": 5}})
    assert [set(message.get("state", {})) for message in sent] == [{"shown"}]
