"""An incident in a real JupyterLab and as one file: played, lost, won, looked at by axe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from course_lib.incidents import names, story
from course_lib.widgets import Incident
from tests.browser.live import APART, faults, heard, keys_stay_inside, text
from tests.browser.pages import NO_KERNEL, change_theme, shown
from tests.conftest import Lab, in_ci

pytestmark = [pytest.mark.browser, pytest.mark.slow, in_ci]

NAME = "notebooks/incident.ipynb"
FRIDAY = 'Incident("friday", seed=7)'
TELL = "print(friday.line, friday.verdict().is_won)"
CELLS = (
    f"from course_lib.widgets import Incident\nfriday = {FRIDAY}\nfriday",
    "friday",
    TELL,
    'friday.settings = {"name": "friday", "seed": 7, "moves": "", "opening": {}}',
)
FITS = "scene => scene.scrollWidth - scene.clientWidth"
GO = """(scene, time) => {
    const dial = scene.querySelector("input[type=range]");
    dial.value = time;
    dial.dispatchEvent(new Event("input"));
}"""
BUSY = "50 kill 1, 51 away 2, 55 slow 2"
PARTS = ".buttons, .where, .stage, .place > .title, .settings, .time, .panels"
RUN = """async (number) => {
    jupyterapp.shell.currentWidget.content.activeCellIndex = number;
    await jupyterapp.commands.execute("notebook:run-cell");
}"""
END = 60_000
# A view on a model that counts who listens to it; it plays, and leaves.
LEAVE = """async ({ code, state }) => {
    let heard = [];
    const model = {
        get: (name) => state[name],
        on: (...ear) => heard.push(ear),
        off: (name, act) => { heard = heard.filter((ear) => ear[0] !== name || ear[1] !== act); },
    };
    const el = document.body.appendChild(document.createElement("div"));
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    const leave = (await import(url)).default.render({ model, el });
    el.querySelector("button.main").click();
    const frame = () => new Promise(requestAnimationFrame);
    for (let n = 0; n < 3; n += 1) await frame();
    const before = heard.length, clock = el.querySelector(".clock");
    leave();
    const then = clock.textContent;
    for (let n = 0; n < 20; n += 1) await frame();
    const stands = clock.textContent === then;
    return { before, after: heard.length, stands, left: el.children.length };
}"""


class Game:
    """What a reader sees of an incident, and does with it."""

    def __init__(self, part: Any) -> None:
        self.part = part

    def go(self, time: int) -> None:
        """Look at a moment, in milliseconds."""
        self.part.evaluate(GO, time)

    def press(self, name: str) -> None:
        self.part.get_by_role("button", name=name).first.click()

    def says(self, part: str) -> str:
        return text(self.part.locator(part).first)

    @property
    def clock(self) -> str:
        return self.says(".clock")

    @property
    def moves(self) -> str:
        found: str = self.part.locator("textarea").input_value()
        return found

    @property
    def line(self) -> str:
        return text(self.part.locator(".line code"))

    @property
    def verdict(self) -> str:
        """How its panel looks: open, won or lost."""
        found: str = self.part.locator(".sheet").first.get_attribute("class")
        return found.removeprefix("sheet ")


@pytest.fixture(scope="module")
def opened(lab: Lab, browser: Any) -> Iterator[Any]:
    """A page on a notebook that shows one incident twice."""
    with shown(browser, lab, NAME, *CELLS) as page:
        page.locator(".incident").nth(1).wait_for()
        yield page


@pytest.fixture
def games(opened: Any) -> list[Game]:
    """The two views, without a move, at the beginning."""
    run(opened, 3)
    found = [Game(part) for part in opened.locator(".incident").all()]
    for game in found:
        game.part.get_by_text("None yet.").wait_for()
        game.go(0)
    found[0].part.scroll_into_view_if_needed()
    return found


def run(page: Any, number: int) -> None:
    """Run a cell of the notebook, and wait for its end."""
    page.evaluate(RUN, number)


def told(page: Any) -> str:
    """What Python says of the incident."""
    run(page, 2)
    return text(page.locator(".jp-Cell").nth(2).locator(".jp-OutputArea-output").first)


# ---- in a notebook -------------------------------------------------------------------------------


def test_both_views_and_python_follow_a_move(opened: Any, games: list[Game]) -> None:
    """A move in one view is one in the other, and in Python; to undo it, too."""
    first, second = games
    first.go(10_000)
    first.press("after the work")
    assert (first.moves, first.clock) == ("10 ack after", "10.0 s")
    second.part.get_by_role("button", name="10.0 s").wait_for()
    assert second.clock == "0.0 s"
    assert told(opened) == 'Incident("friday", seed=7, moves="10 ack after") True'
    second.press("Undo the last")
    first.part.get_by_text("None yet.").wait_for()
    assert told(opened) == f"{FRIDAY} False"


def test_python_sets_another_incident(opened: Any, games: list[Game]) -> None:
    """Story and rules are others then, and both views begin anew."""
    games[0].go(30_000)
    write = "source => jupyterapp.shell.currentWidget.content.widgets[2].model.sharedModel" + (
        ".setSource(source)"
    )
    other = '{"name": "monday", "seed": 3, "moves": "9 mode async", "opening": {}}'
    opened.evaluate(write, f"friday.settings = {other}")
    run(opened, 2)
    for game in games:
        game.part.get_by_text("Monday, 9:00.").wait_for()
        assert game.line == 'Incident("monday", seed=3, moves="9 mode async")'
        assert game.clock == "0.0 s"
    opened.evaluate(write, TELL)


def test_it_plays_only_when_asked_and_to_the_end(opened: Any, games: list[Game]) -> None:
    """Nothing moves by itself; played, it stops at 60 s with the verdict."""
    game = games[0]
    opened.wait_for_timeout(300)
    assert game.clock == "0.0 s"
    game.part.get_by_label("Speed").select_option("8")
    game.press("Play")
    game.part.get_by_role("button", name="Pause").wait_for()
    game.part.locator(".sheet.lost").wait_for()
    assert game.clock == "60.0 s"
    assert game.says(".verdict").startswith("At 60 s: 1 of 3 promises kept, with 0 moves.")
    game.part.get_by_role("button", name="Play again").wait_for()


def test_keys_inside_change_no_cell_but_a_notebook_can_be_saved(
    opened: Any, games: list[Game]
) -> None:
    """Letters are commands of the notebook's; Ctrl and ⌘ pass."""
    keys_stay_inside(opened, games[0].part.get_by_role("button", name="Play"))


def test_undo_in_a_field_undoes_what_was_typed_there(opened: Any, games: list[Game]) -> None:
    """And not what was typed into the cell before."""
    cell, field = opened.locator(".cm-content").first, games[0].part.locator("textarea")
    cell.press("Control+End")
    cell.press_sequentially("  # mine")
    field.press_sequentially("10")
    opened.keyboard.down("Control")
    opened.wait_for_timeout(50)  # JupyterLab holds a key for 10 ms
    opened.keyboard.press("z")
    assert games[0].moves == ""
    opened.keyboard.press("y")
    assert games[0].moves == "10"
    opened.keyboard.up("Control")
    assert "# mine" in text(cell)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing(opened: Any, games: list[Game], theme: str) -> None:
    """With two views in one notebook: at the start, in the middle, after a lost minute."""
    change_theme(opened, theme)
    for time in (0, 30_000, END):
        games[0].go(time)
        assert faults(opened) == []
    change_theme(opened, "JupyterLab Light")


@pytest.mark.parametrize("width", [400, 800, 1280])
def test_nothing_sticks_out(opened: Any, games: list[Game], width: int) -> None:
    """On a narrow page the parts of the scene stand one below the other, and fewer numbers."""
    opened.set_viewport_size({"width": width, "height": 900})
    for time in (30_000, END):
        games[0].go(time)
        assert games[0].part.evaluate(FITS) == 0
    assert min(games[0].part.evaluate(APART)) > 3
    opened.set_viewport_size({"width": 1280, "height": 1100})


def test_run_again_there_is_one_view_and_it_plays(opened: Any, games: list[Game]) -> None:
    """The view of before is gone, and so is its still form's hiding."""
    for _ in range(3):
        run(opened, 1)
    opened.locator(".incident").nth(1).wait_for()
    assert opened.locator(".incident").count() == len(games)
    assert not any(part.is_visible() for part in opened.locator(".course-still").all())
    game = Game(opened.locator(".incident").nth(1))
    game.go(5_000)
    assert game.clock == "5.0 s"


def test_without_a_kernel_it_is_played_on(opened: Any, games: list[Game]) -> None:
    """All of it is in the page. The last test here, as the kernel does not come back."""
    opened.evaluate(NO_KERNEL)
    game = games[0]
    game.go(10_000)
    game.press("after the work")
    game.go(END)
    assert game.verdict == "won"


# ---- as one file ---------------------------------------------------------------------------------


@pytest.fixture
def friday(file_page: Any) -> Game:
    """Friday's incident in a file, at its beginning."""
    return Game(file_page(Incident("friday", seed=7)).locator(".incident"))


@pytest.mark.parametrize("name", names())
def test_each_is_won_by_clicking(file_page: Any, name: str) -> None:
    """The winning line, a move at a time, each at its moment; the line is the same one then."""
    game = Game(file_page(Incident(name)).locator(".incident"))
    for move in story(name).win.split(", "):
        when, what, value = move.split()
        game.go(round(1000 * float(when)))
        click(game, what, value)
    assert game.moves == story(name).win
    assert game.verdict == "open"
    game.go(END)
    assert game.verdict == "won"
    assert game.line == Incident(name, moves=story(name).win).line


def click(game: Game, what: str, value: str) -> None:
    """Set something by its button, or by its field."""
    labels = {"ack": "acknowledges", "mode": "request", "workers": "Workers", "retry": "Try again"}
    labels |= {"bound": "Places", "timeout": "timeout", "key": "key"}
    words = {"after": "after the work", "backoff": "with backoff"}
    part = game.part.get_by_role("group", name=labels[what]).last
    if part.get_by_role("spinbutton").count():
        part.get_by_role("spinbutton").fill(value)
        part.get_by_role("button", name="Set").click()
    else:
        part.get_by_role("button", name=words.get(value, value), exact=True).click()


def test_it_is_won_by_the_keyboard_alone(friday: Game) -> None:
    """Tab, Page Up to 12 s, Tab, Space, and End."""
    keyboard = friday.part.page.keyboard
    tab_to(friday, "Time")
    keyboard.press("PageUp")
    keyboard.press("PageUp")
    assert friday.clock == "12.0 s"
    tab_to(friday, "after the work")
    keyboard.press("Space")
    assert friday.moves == "12 ack after"
    tab_to(friday, "Time", back=True)
    keyboard.press("End")
    assert friday.verdict == "won"


def tab_to(game: Game, name: str, *, back: bool = False) -> None:
    """Press Tab until a control of this name has the focus."""
    focused = "() => document.activeElement.getAttribute('aria-label')"
    focused += " ?? document.activeElement.textContent"
    for _ in range(60):
        game.part.page.keyboard.press("Shift+Tab" if back else "Tab")
        if game.part.page.evaluate(focused) == name:
            return
    pytest.fail(f"Tab does not lead to {name}")


def test_a_lost_minute_leads_to_cause_and_moment(friday: Game) -> None:
    """The verdict stays while one looks; the focus, too. The life of the e-mail can be read."""
    friday.go(END)
    assert friday.verdict == "lost"
    link = friday.part.get_by_role("button", name="See the moment, 21.0 s")
    link.focus()
    link.press("Enter")
    assert friday.clock == "21.0 s"
    assert friday.says(".promises li") == "✗ none lost broken at 21.0 s 1 of 20"
    assert friday.verdict == "lost"
    assert link.evaluate("link => link === document.activeElement")
    friday.press("See where it began, 20.2 s")
    assert friday.says(".where").endswith("◆ is e-mail 20.")
    assert friday.part.get_by_text("◆ e-mail 20", exact=True).is_visible()
    assert friday.says(".log li") == "20.2 s ◆ Worker 2 acknowledges e-mail 20."
    assert friday.says(".promises li") == "✓ none lost kept so far 0 of 20"
    friday.part.get_by_text("All that happened to e-mail 20").first.click()
    assert "20.2 s Worker 2 acknowledges e-mail 20." in friday.says(".sheet details")
    assert "When may the broker forget an e-mail?" in friday.says(".sheet")


def test_a_line_that_wins_is_shown_to_who_asks(friday: Game) -> None:
    """Folded; taken, one goes back to its first move and plays from there."""
    friday.go(END)
    take = friday.part.get_by_role("button", name="Take these moves")
    assert not take.is_visible()
    friday.part.get_by_text("Show a line that wins").click()
    take.click()
    assert (friday.moves, friday.clock, friday.verdict) == ("10 ack after", "10.0 s", "open")
    focused = "button => button === document.activeElement"  # its own button is gone
    assert friday.part.get_by_role("button", name="Play").evaluate(focused)
    friday.go(END)
    assert friday.verdict == "won"


def test_a_move_in_the_past_makes_the_future_anew(friday: Game) -> None:
    """It is put at the moment that one looks at; later moves stay, and undo takes the newest."""
    friday.go(40_000)
    friday.press("Kill worker 3")
    assert friday.moves == "40 kill 3"
    friday.go(END)
    friday.go(12_340)
    assert friday.says(".where").startswith("This is the past: a move made now is put at 12.3 s")
    friday.press("after the work")
    assert friday.moves == "40 kill 3, 12.3 ack after"
    assert friday.verdict == "open"
    assert friday.says(".where") == "A move made now is put at 12.3 s."
    friday.go(END)
    assert friday.verdict == "won"
    friday.press("Undo the last")
    assert (friday.moves, friday.clock) == ("40 kill 3", "12.3 s")
    undo = friday.part.get_by_role("button", name="Undo the last")
    undo.press("Enter")
    undo.press("Enter")  # nothing is left, and the focus stays
    assert friday.moves == ""
    assert undo.evaluate("button => button === document.activeElement")


def test_a_wrong_value_changes_nothing_and_says_why(friday: Game) -> None:
    """At the field; after the end a move says that it is too late."""
    field = friday.part.get_by_label("Provider, seconds")
    field.fill("31")
    friday.press("Slow")
    friday.part.get_by_text("take a whole number from 1 to 30 seconds").wait_for()
    assert field.get_attribute("aria-invalid") == "true"
    assert friday.moves == ""
    friday.go(END)
    friday.press("Kill worker 1")
    friday.part.get_by_text("The minute is over: go back in time").wait_for()
    assert friday.moves == ""


def test_a_wrong_text_is_told_with_its_place(friday: Game) -> None:
    """The wrong move is selected; a right one is taken by Return."""
    field = friday.part.locator("textarea")
    field.fill("10 ack after, 21 kil 2, 30 send")
    field.press("Enter")
    friday.part.get_by_text('move 2, "21 kil 2": there is no "kil"').wait_for()
    chosen = "field => field.value.slice(field.selectionStart, field.selectionEnd)"
    assert field.evaluate(chosen) == " 21 kil 2"
    assert "moves" not in friday.line
    field.fill("10.0  ack after,30 send")
    field.press("Enter")
    assert friday.moves == "10 ack after, 30 send 1"
    assert friday.line.endswith('moves="10 ack after, 30 send 1")')


def test_only_what_has_happened_is_shown(friday: Game) -> None:
    """Right of the cursor the timeline is empty but for one's own moves."""
    friday.go(21_000)
    assert (
        friday.says(".log li")
        == "21.0 s E-mail 20 is lost: nobody has it, and its user was told yes."
    )
    clip = "scene => scene.querySelector('.lanes > svg').style.clipPath"
    assert friday.part.evaluate(clip) == "inset(0px 65% 0px 0px)"
    assert "the future" in friday.says(".future")


def test_the_time_is_dragged_in_the_timeline(friday: Game) -> None:
    """A hand there stops the clock; beyond its edges it is at the start or at the end."""
    friday.press("Play")
    mouse, lanes = friday.part.page.mouse, friday.part.locator(".lanes")
    lanes.scroll_into_view_if_needed()
    box = lanes.bounding_box()
    height = box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] / 4, height)
    mouse.down()
    assert friday.clock == "15.0 s"
    mouse.move(box["x"] + box["width"] / 2, height)
    assert friday.clock == "30.0 s"
    mouse.move(box["x"] + box["width"] + 200, height)
    mouse.up()
    assert (friday.clock, friday.verdict) == ("60.0 s", "lost")
    mouse.move(box["x"], height)
    assert friday.clock == "60.0 s"


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("width", [360, 400, 800, 1280])
def test_nothing_jumps_while_it_plays(width: int, name: str, file_page: Any) -> None:
    """With long queues, pauses, workers who come and go and settings that change, all parts stay
    where they are.
    """
    crew = ", 56 workers 6, 58 workers 1" if "workers" in story(name).may else ""
    scene = Incident(name, moves=f"{story(name).win}, {BUSY}{crew}")
    page = file_page(scene, viewport={"width": width, "height": 900})
    page.locator(".incident .clock").wait_for()
    places = page.locator(".incident").evaluate(f"""scene => {{
        const found = new Set();
        for (let time = 0; time <= {END}; time += 500) {{
            ({GO})(scene, time);
            found.add([...scene.querySelectorAll({PARTS!r})].map(
                (part) => `${{part.classList[0]}} ${{Math.round(part.getBoundingClientRect().top)}}`
            ).join(", "));
        }}
        return [...found];
    }}""")
    assert len(places) == 1, places


def test_return_in_a_field_presses_its_first_button(friday: Game) -> None:
    """As in every form."""
    friday.go(5_000)
    friday.part.get_by_label("E-mails").fill("3")
    friday.part.get_by_label("E-mails").press("Enter")
    friday.part.get_by_label("Provider, seconds").press("Enter")
    assert friday.moves == "5 send 3, 5 away 5"


def test_the_line_is_copied(file_page: Any) -> None:
    """And it says so."""
    page = file_page(Incident("friday", seed=7), permissions=["clipboard-read", "clipboard-write"])
    game = Game(page.locator(".incident"))
    game.press("Copy the line")
    game.part.get_by_text("Copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == FRIDAY


def test_it_is_heard_once_it_rests(friday: Game) -> None:
    """Ten moments in a row are one announcement, and it says what has happened last."""
    (said,) = heard(friday.part, f"({GO})(scene, 20000 + 100 * n)")
    assert said.startswith("21.0 s. Broken at 21.0 s: none lost. E-mail 20 is lost")


def test_with_less_motion_it_goes_from_second_to_second(file_page: Any) -> None:
    """No picture between two seconds, and nothing is animated."""
    page = file_page(Incident("friday"), reduced_motion="reduce")
    game = Game(page.locator(".incident"))
    watch = """scene => { window.seen = []; const clock = scene.querySelector(".clock");
        new MutationObserver(() => window.seen.push(clock.textContent)).observe(clock,
            { childList: true, characterData: true, subtree: true }); }"""
    game.part.evaluate(watch)
    game.press("Play")
    game.part.get_by_role("button", name="Pause").wait_for()
    game.part.locator(".clock", has_text=re.compile(r"^[2-9]\.0 s")).wait_for()
    assert page.evaluate("document.getAnimations().length") == 0
    game.press("Pause")
    seen = page.evaluate("window.seen")
    assert seen
    assert all(clock.endswith(".0 s") for clock in seen)


def test_forced_colours_keep_what_matters(file_page: Any) -> None:
    """Bars of a kind look different, a pressed button, and how far a worker has come."""
    made = Incident("outage", moves="14 kill 2")
    page = file_page(made, forced_colors="active")
    game = Game(page.locator(".incident"))
    game.go(15_000)
    look = (
        "bar => { const s = getComputedStyle(bar); return s.fill + s.stroke + s.strokeDasharray; }"
    )
    kinds = ("send", "file", "no-answer", "dead")
    looks = [game.part.locator(f".lanes rect.{kind}").first.evaluate(look) for kind in kinds]
    assert len(set(looks)) == len(kinds)
    back = "part => getComputedStyle(part).backgroundColor"
    pressed = game.part.locator("[aria-pressed=true]").first.evaluate(back)
    assert pressed != game.part.locator("[aria-pressed=false]").first.evaluate(back)
    game.go(11_000)
    bar = game.part.locator(".bar.send").first
    assert bar.locator("i").evaluate(back) != bar.evaluate(back)


def test_a_view_that_leaves_takes_everything_along(file_page: Any) -> None:
    """It hears nothing of the model any more, and its clock stands: nothing grows with re-runs."""
    made = Incident("friday")
    state = {"kit": made.kit, "settings": made.settings}
    page = file_page(made)
    found = page.evaluate(LEAVE, {"code": str(Incident._esm), "state": state})
    assert found == {"before": 3, "after": 0, "stands": True, "left": 0}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_file(file_page: Any, scheme: str) -> None:
    """With the minute that has most to set, won and lost."""
    page = file_page(Incident("outage"), color_scheme=scheme)
    game = Game(page.locator(".incident"))
    for time in (15_000, END):
        game.go(time)
        found = Axe().run(page).response
        assert [rule["id"] for rule in found["violations"]] == []


def test_without_a_script_there_is_the_still_form(file_page: Any) -> None:
    """The timeline as a picture with its words, the verdict as a table, and the line."""
    page = file_page(Incident("friday", seed=7), java_script_enabled=False)
    assert page.get_by_role("img").get_attribute("alt")
    assert "none lost broken 21.0 s" in text(page.get_by_role("table").last)
    assert text(page.locator("code").last) == FRIDAY
