"""Answers as people type them: forgiven where it is plain what is meant, told where it is not."""

from __future__ import annotations

import re
from collections.abc import Callable

from .hand_in import (
    EXERCISES,
    QUIZ,
    HandIn,
    Notebook,
    another,
    at_the_end,
    cell,
    changed,
    key,
    on_top,
)

ALIKE = str.maketrans("ABCD", "АВСD")  # Cyrillic, as far as it has them
FULL = str.maketrans("ABCD", "ＡＢＣＤ")


def _all(write: Callable[[int, str], str]) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        for number in range(1, 6):
            cell(notebook, f"answer-{number}")["source"] = write(number, key(notebook, number))

    return change


def _first(write: Callable[[str], str]) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        cell(notebook, "answer-1")["source"] = write(key(notebook, 1))

    return change


FORGIVEN: dict[str, Callable[[int, str], str]] = {
    "as it should be": lambda n, k: f'answer_{n} = "{k}"',
    "small letters": lambda n, k: f'answer_{n} = "{k.lower()}"',
    "single quotes": lambda n, k: f"answer_{n} = '{k}'",
    "three quotes": lambda n, k: f'answer_{n} = """{k}"""',
    "spaces around": lambda n, k: f'  answer_{n}  =  " {k} "  '.strip(),
    "a closing bracket": lambda n, k: f'answer_{n} = "{k.lower()})"',
    "brackets around": lambda n, k: f'answer_{n} = "({k})"',
    "square brackets around": lambda n, k: f'answer_{n} = "[{k}]"',
    "a full stop": lambda n, k: f'answer_{n} = "{k}."',
    "a comment": lambda n, k: f'answer_{n} = "{k}"  # I think',
    "a comment above": lambda n, k: f'# not "{another(k)}"\nanswer_{n} = "{k}"',
    "a semicolon": lambda n, k: f'answer_{n} = "{k}";',
    "no quotes": lambda n, k: f"answer_{n} = {k}",
    "no quotes and small": lambda n, k: f"answer_{n} = {k.lower()}",
    "smart quotes": lambda n, k: f"answer_{n} = “{k}”",
    "quotes of a German": lambda n, k: f"answer_{n} = „{k}“",
    "one quote forgotten": lambda n, k: f'answer_{n} = "{k}',
    "the first quote forgotten": lambda n, k: f'answer_{n} = {k}"',
    "letters that look alike": lambda n, k: f'answer_{n} = "{k.translate(ALIKE)}"',
    "full width": lambda n, k: f'answer_{n} = "{k.translate(FULL)}"',
    "annotated": lambda n, k: f'answer_{n}: str = "{k}"',
    "in brackets of Python": lambda n, k: f'answer_{n} = ("{k}")',
    "in several lines": lambda n, k: f'answer_{n} = (\n    "{k}"\n)',
    "two names": lambda n, k: f'mine = answer_{n} = "{k}"',
    "changed in one cell": lambda n, k: f'answer_{n} = "{another(k)}"\nanswer_{n} = "{k}"',
    "an import beside it": lambda n, k: f'import time\nanswer_{n} = "{k}"\nprint(answer_{n})',
    "a magic beside it": lambda n, k: f'%time x = 1\nanswer_{n} = "{k}"',
    "lines of Windows": lambda n, k: f'# so\r\nanswer_{n} = "{k}"\r\n',
    "a tab": lambda n, k: f'answer_{n} =\t"{k}"',
    "a space that does not break": lambda n, k: f'answer_{n} = "\u00a0{k}"',
    "such a space before the equals sign": lambda n, k: f'answer_{n}\u00a0= "{k}"',
    "signs that turn the writing": lambda n, k: f'answer_{n} = "\u200f\u2067{k}\u2069"',
    "such a sign before the name": lambda n, k: f'\u200fanswer_{n} = "{k}"',
    "a letter of emojis": lambda n, k: f'answer_{n} = "{chr(0x1F12F + ord(k))}\ufe0f"',
    "an equals sign of full width": lambda n, k: f"answer_{n} ＝ “{k}”",
    "brackets of a Chinese": lambda n, k: f'answer_{n} = "「{k}」。"',
    "a colon for an equals sign": lambda n, k: f"answer_{n}: {k}",
    "both of them": lambda n, k: f'answer_{n} := "{k}"',
    "an arrow, as in R": lambda n, k: f'answer_{n} <- "{k}"',
    "no equals sign": lambda n, k: f'answer_{n} "{k}"',
    "only the letter": lambda n, k: k,
}
"""What is read as if it had been typed as it should be: 5 points."""

FOR_A_PERSON: dict[str, Callable[[str], str]] = {
    "under a condition": lambda k: f'if True:\n    answer_1 = "{k}"',
    "in a loop": lambda k: f'for letter in "{k}":\n    answer_1 = letter',
    "computed": lambda k: f'answer_1 = "{k}".upper()',
    "by a function": lambda k: (
        f'def choose():\n    global answer_1\n    answer_1 = "{k}"\nchoose()'
    ),
    "by a walrus": lambda k: f'print(answer_1 := "{k}")',
    "in a try": lambda k: f'try:\n    answer_1 = "{k}"\nfinally:\n    pass',
    "an f-string": lambda k: f"answer_1 = f\"{{'{k}'}}\"",
    "added to": lambda k: f'answer_1 = ""\nanswer_1 += "{k}"',
    "another variable": lambda k: f'mine = "{k}"\nanswer_1 = mine',
    "asked for": lambda k: "answer_1 = input()",
    "with a lambda": lambda k: f'answer_1 = (lambda: "{k}")()',
    "two letters, one below the other": lambda k: f'answer_1 = "{another(k)}\n{k}"',
    "Enter pressed inside the quotes": lambda k: f'answer_1 = "\n{k}\n"',
    "a word of another language before it": lambda k: f'let answer_1 = "{k}";',
    "among words": lambda k: f'answer_1 = "Option {k}"',
    "with its reason": lambda k: f'answer_1 = "{k}, because a caller waits"',
    "with its reason beside it": lambda k: f'answer_1 = "{k}", "because a caller waits"',
    "behind the number of the question": lambda k: f'answer_1 = "1. {k}"',
    "in a dictionary": lambda k: f'answer_1 = {{"answer": "{k}"}}',
    "compared": lambda k: f'answer_1 == "{k}"',
    "only a comment": lambda k: f'# answer_1 = "{k}"',
    "in a text": lambda k: f"'''\nanswer_1 = \"{k}\"\n'''",
    "another name": lambda k: f'answer1 = "{k}"',
    "an arrow the other way": lambda k: f'"{k}" -> answer_1',
    "the other way round": lambda k: f'"{k}" = answer_1',
    "compared the other way round": lambda k: f"'{k}' == answer_1",
    "is": lambda k: f'answer_1 is "{k}"',
    "an arrow of R for all": lambda k: f'answer_1 <<- "{k}"',
    "a gap in the name": lambda k: f'answer 1 = "{k}"',
    "a large letter in the name": lambda k: f'Answer_1 = "{k}"',
    "a letter for the number": lambda k: f'answer_l = "{k}"',
    "letters of the name swapped": lambda k: f'awnser_1 = "{k}"',
    "of another question": lambda k: f'answer_9 = "{k}"',
    "nothing behind the equals sign": lambda k: "answer_1 =",
    "in a function": lambda k: f'def choose():\n    answer_1 = "{k}"',
    "for another language": lambda k: f'%%bash\nanswer_1="{k}"',
    "printed": lambda k: f'print("{k}")',
    "in a comment below a gap": lambda k: f'answer_1 = ""\n# {k}',
    "in a with": lambda k: f'with open("x") as answer_1:\n    answer_1 = "{k}"',
}
"""Nobody can say without running it: 4 points, and a person looks."""

NOT_ANSWERED: dict[str, Callable[[str], str]] = {
    "left empty": lambda k: 'answer_1 = ""',
    "a gap": lambda k: 'answer_1 = " "',
    "a word": lambda k: 'answer_1 = "the second one"',
    "a fifth letter": lambda k: 'answer_1 = "E"',
    "two letters": lambda k: 'answer_1 = "AB"',
    "None": lambda k: "answer_1 = None",
    "True": lambda k: "answer_1 = True",
    "a number": lambda k: "answer_1 = 2",
    "a dictionary": lambda k: 'answer_1 = {"first": 1}',
    "a script": lambda k: 'answer_1 = "<script>alert(1)</script>"',
    "a formula": lambda k: "answer_1 = '=HYPERLINK(\"http://example.org\")'",
    "a line that is endless": lambda k: f'answer_1 = "{"x" * 50_000}"',
}
"""Nothing that could be a choice: 4 points, and why."""

ORDERS: dict[str, tuple[str, bool]] = {
    "in braces": ("order_1 = {3, 1, 4}", True),
    "run together": ("order_1 = 314", True),
    "a line below another": ("order_1 = [3\n1\n4]", True),
    "put in one by one": ("order_1 = []\norder_1.append(3)\norder_1.append(1)", True),
    "that is compared": ("order_1 == [3, 1, 4]", True),
    "in a comment": ("# order_1 = [3, 1, 4]", True),
    "beside its name": ("[3, 1, 4]", True),
    "of numbered lines": ('order_1 = ["1. 3", "2. 1", "3. 4"]', True),
    "of numbers in circles": ('order_1 = "③①④"', True),
    "of a word without end": (f"order_1 = {'a' * 90_000}!", True),
    "of a number without end": (f"order_1 = [0x{'f' * 6000}]", False),
}
"""An order that is none, and whether a person looks: one point less, whatever becomes of others."""


def _order(source: str) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        cell(notebook, "ex1-lines")["source"] = source

    return change


def _tuple(notebook: Notebook) -> None:
    letters = ", ".join(f'"{key(notebook, n)}"' for n in range(1, 6))
    names = ", ".join(f"answer_{n}" for n in range(1, 6))
    _all(lambda n, _: "")(notebook)
    cell(notebook, "answer-1")["source"] = f"{names} = {letters}"


def _at_the_end(notebook: Notebook) -> None:
    lines = [f'answer_{n} = "{key(notebook, n)}"' for n in range(1, 6)]
    _all(lambda n, _: f'answer_{n} = ""')(notebook)
    at_the_end(notebook, "\n".join(lines))


def _on_top(notebook: Notebook) -> None:
    lines = [f'answer_{n} = "{key(notebook, n)}"' for n in range(1, 6)]
    for n in range(1, 6):
        notebook["cells"].remove(cell(notebook, f"answer-{n}"))
    on_top(notebook, "\n".join(lines))


def _below_wrong(notebook: Notebook) -> None:
    at_the_end(notebook, f'answer_1 = "{another(key(notebook, 1))}"')


def _beside(kind: str, write: Callable[[str], str]) -> Callable[[Notebook], None]:
    """A cell of this kind below the question, whose own cell of code is left alone."""

    def change(notebook: Notebook) -> None:
        letter = key(notebook, 1)
        cell(notebook, "answer-1")["source"] = 'answer_1 = ""'
        place = notebook["cells"].index(cell(notebook, "question-1"))
        own = {"cell_type": kind, "id": "mine", "metadata": {}, "source": write(letter)}
        notebook["cells"].insert(place + 1, own)

    return change


def _in_the_question(notebook: Notebook) -> None:
    cell(notebook, "question-1")["source"] += f"\n\n{key(notebook, 1)}"
    cell(notebook, "answer-1")["source"] = 'answer_1 = ""'


def _as_a_list(notebook: Notebook) -> None:
    listed = f"1: {key(notebook, 1)}"
    cell(notebook, "answer-1")["source"] = 'answer_1 = ""'
    at_the_end(notebook, listed)


def _all_in_a_row(notebook: Notebook) -> None:
    letters = ", ".join(repr(key(notebook, number)) for number in range(1, 6))
    cell(notebook, "answer-1")["source"] = 'answer_1 = ""'
    at_the_end(notebook, f"answers = [{letters}]")


def _as_a_word(notebook: Notebook) -> None:
    letters = "".join(key(notebook, number) for number in range(1, 6))
    cell(notebook, "answer-1")["source"] = 'answer_1 = ""'
    at_the_end(notebook, f"# {letters}")


def _ticked(notebook: Notebook) -> None:
    choice = f"**{key(notebook, 1)}**"
    asked = cell(notebook, "question-1")
    asked["source"] = asked["source"].replace(f"- {choice}", f"- [x] {choice}")
    cell(notebook, "answer-1")["source"] = 'answer_1 = ""'


def _in_the_console(notebook: Notebook) -> None:
    said = f"recorded: {key(notebook, 1)}, as it was\n"
    cell(notebook, "answer-1")["source"] = 'answer_1 = ""'
    cell(notebook, "check-1")["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": said}
    ]


ELSEWHERE = {
    "in a text cell": _beside("markdown", lambda k: f"Answer: {k}"),
    "in a raw cell": _beside("raw", lambda k: f"{k}."),
    "in the question's cell": _in_the_question,
    "in a list at the end": _as_a_list,
    "all in a row at the end": _all_in_a_row,
    "all in a word at the end": _as_a_word,
    "as a choice that is ticked": _ticked,
    "in the console": _in_the_console,
}
"""Where no cell of code has it: 4 points, and a person looks."""


def _quoted(notebook: Notebook) -> None:
    shown = re.search(
        rf"^- \*\*{key(notebook, 1)}\*\* (.*)$",
        cell(notebook, "question-1")["source"],
        re.MULTILINE,
    )
    assert shown is not None
    cell(notebook, "answer-1")["source"] = f"answer_1 = {shown[1]!r}"


HAND_INS = (
    *(HandIn(name, QUIZ, 5, changed(QUIZ, _all(write))) for name, write in FORGIVEN.items()),
    HandIn("the words of a choice", QUIZ, 4, changed(QUIZ, _quoted), "needs a person", person=True),
    HandIn("all in one line", QUIZ, 5, changed(QUIZ, _tuple)),
    HandIn("answers at the end", QUIZ, 5, changed(QUIZ, _at_the_end)),
    HandIn("answers on top", QUIZ, 5, changed(QUIZ, _on_top)),
    HandIn("another answer below", QUIZ, 4, changed(QUIZ, _below_wrong)),
    *(
        HandIn(name, QUIZ, 4, changed(QUIZ, _first(write)), "needs a person", person=True)
        for name, write in FOR_A_PERSON.items()
    ),
    *(
        HandIn(name, QUIZ, 4, changed(QUIZ, change), "is not set by what stands there", person=True)
        for name, change in ELSEWHERE.items()
    ),
    *(
        HandIn(name, QUIZ, 4, changed(QUIZ, _first(write)), "not answered")
        for name, write in NOT_ANSWERED.items()
    ),
    *(
        HandIn(
            f"an order {name}",
            EXERCISES,
            "all but one",
            changed(EXERCISES, _order(source)),
            "not answered",
            person,
        )
        for name, (source, person) in ORDERS.items()
    ),
)
