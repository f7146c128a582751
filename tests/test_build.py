"""The quiz is built from the bank, and what is exported is read back by somebody else's parser."""

from __future__ import annotations

import ast
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import pytest
from lxml import etree
from nbgrader.nbgraderformat import MetadataValidator
from qti_convert import upgrade_package

from course_lib.quiz import SECTIONS, BankError, Choice, Question, read_bank
from course_lib.quiz.markup import inline
from course_lib.staff import build
from course_lib.staff.forms.canvas import canvas_bank, canvas_quiz
from course_lib.staff.forms.gift import gift
from course_lib.staff.forms.package import packed as package
from course_lib.staff.forms.qti import qti
from course_lib.staff.forms.quiz_notebook import quiz_notebook, text_of
from course_lib.staff.grading.asked import asked
from tests import read_canvas
from tests.conftest import ROOT, missing
from tests.synthetic_class import bank as bank_text

QUIZZES = ROOT / "quizzes"
BANK = QUIZZES / "questions.toml"
QTI3 = {"q": "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"}
SIGNS = r"~ = # {x} a:b \ \n %50%y [html] // :: $x$ <b> & \"q\" 'p' “é” -> ---- `f(*a, {b})` *so*"
HOSTILE = Question(
    id="0-hostile",
    section="patterns",
    heading="H",
    stem=f"%100% {SIGNS}",
    key="B",
    choices=(
        Choice(text=f"=1 {SIGNS}", feedback=f"#1 {SIGNS}", misconception="m"),
        Choice(text=f"~2 {SIGNS}", feedback=f"##2 {SIGNS}"),
        Choice(text=f"%50%3 {SIGNS}", feedback=f"}}3 {SIGNS}", misconception="m"),
        Choice(text="[markdown]4", feedback="// 4", misconception="m"),
    ),
)


def graded() -> list[Question]:
    return [question for question in read_bank(BANK) if question.graded]


def pool() -> list[Question]:
    return [question for question in read_bank(BANK) if not question.graded]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with nothing but a bank."""
    shutil.copy(BANK, tmp_path)
    return tmp_path


# ---- what is built -------------------------------------------------------------------------------


def test_the_stored_files_are_what_a_fresh_build_gives(capsys: pytest.CaptureFixture[str]) -> None:
    """The quiz's notebook, and the exports of quiz and pool."""
    assert build.main(["--check"]) == 0, capsys.readouterr().out
    assert capsys.readouterr().out.count(": same\n") == 7


def test_the_quiz_asks_the_five_of_the_page() -> None:
    """Five questions of four choices; each letter is the key of at most two."""
    questions = [question.shuffled(build.SEED) for question in graded()]
    assert [len(question.choices) for question in questions] == [4] * 5
    keys = [question.key for question in questions]
    assert max(keys.count(letter) for letter in "ABCD") <= 2


def test_what_students_get_of_a_question(course: Path) -> None:
    """Stem, choices, an empty answer, a check; a line for nbgrader; and no key and no feedback."""
    notebook = quiz_notebook(graded(), "A quiz", build.SEED)
    cells = {cell.id: cell for cell in notebook.cells}
    for number, question in enumerate((q.shuffled(build.SEED) for q in graded()), start=1):
        shown = cells[f"question-{number}"].source
        assert question.stem in shown.replace("\\", "")
        assert cells[f"answer-{number}"].source == f'answer_{number} = ""'
        check = cells[f"check-{number}"]
        assert check.metadata.nbgrader["points"] == 1
        visible, _, hidden = check.source.partition("### BEGIN HIDDEN TESTS\n")
        given = ast.literal_eval(ast.parse(visible).body[1].value.args[0].args[2])  # type: ignore[attr-defined]
        texts = [choice.text for choice in question.choices]
        assert given == dict(zip("ABCD", texts, strict=True))
        assert f'mark({number}, In, "{question.id}", seed={build.SEED})\n' in hidden
        assert asked(BANK, question.id, build.SEED) == question
    text = text_of(notebook)
    assert not any(choice.feedback in text for one in graded() for choice in one.choices)
    assert "key" not in text and "misconception" not in text


def test_nbgrader_accepts_the_notebook() -> None:
    """Its own validator of metadata, and nbformat's of notebooks; every id is there once."""
    notebook = nbformat.read(QUIZZES / "source" / build.QUIZ / f"{build.QUIZ}.ipynb", 4)
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    ids = [
        cell.metadata.nbgrader.grade_id for cell in notebook.cells if "nbgrader" in cell.metadata
    ]
    assert len(ids) == len(set(ids)) == 2 + 2 * 5


# ---- the command ---------------------------------------------------------------------------------


def test_check_writes_nothing_and_says_what_differs(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A changed cell with its line, a question of a package by its file, a text by its line."""
    words = ["--course", str(course)]
    assert build.main([*words, "--check"]) == 1
    assert capsys.readouterr().out.count(": missing\n") == 7
    assert not (course / "source").exists() and not (course / "exports").exists()
    assert build.main(words) == build.main([*words, "--check"]) == 0
    bank = course / "questions.toml"
    old = graded()[2].choices[0].text
    bank.write_text(bank.read_text("utf-8").replace(old, f"{old[:-1]}, unchanged."), "utf-8")
    before = sorted((path, path.read_bytes()) for path in course.rglob("*") if path.is_file())
    capsys.readouterr()
    assert build.main([*words, "--check"]) == 1
    said = capsys.readouterr().out
    assert "module_0_quiz.ipynb: differs from the bank (-), now (+):" in said
    assert said.count("unchanged.") == 3  # in the question, in its check, in the GIFT
    assert (
        f"module_0_quiz.qti.zip: differs from the bank (-), now (+):\n  items/{graded()[2].id}"
        in said
    )
    assert "module_0_pool.gift.txt: same" in said
    assert "Make them anew with the same words, without --check." in said
    after = sorted((path, path.read_bytes()) for path in course.rglob("*") if path.is_file())
    assert before == after


def test_a_file_that_is_no_zip_is_said_so(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody cut it off."""
    words = ["--course", str(course)]
    build.main(words)
    (course / "exports" / "module_0_quiz.qti.zip").write_bytes(b"PK")
    assert build.main([*words, "--check"]) == 1
    assert "  It is no zip file.\n" in capsys.readouterr().out


def test_a_bank_with_faults_is_told_in_its_own_words(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reader's lines as they are, return code 1, and nothing is written."""
    bank = course / "mine.toml"
    bank.write_text(bank_text(graded()[:1]).replace('key = "', 'key = "X'), "utf-8")
    assert build.main(["--course", str(course), "--bank", str(bank)]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("mine.toml, line ") and said.out == ""
    assert not (course / "source").exists()
    ungraded = bank_text(pool()[:2])
    bank.write_text(ungraded, "utf-8")
    assert build.main(["--course", str(course), "--bank", str(bank)]) == 1
    assert "no question has graded = true" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["../away", "a b", "", "q'"])
def test_a_name_that_is_no_folder_is_refused(
    course: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names folders, a test in QTI and a category in GIFT."""
    with pytest.raises(SystemExit):
        build.main(["--course", str(course), f"--name={name}", "--draw", "2"])
    assert "take a letter, then letters, digits, _ and -" in capsys.readouterr().err


def test_a_private_bank_is_named_in_the_hidden_line(course: Path, tmp_path: Path) -> None:
    """From the course root if it is in there, else in full; the default is not named."""
    bank = course / "private_exam.toml"
    shutil.copy(BANK, bank)
    assert build.main(["--course", str(course), "--bank", str(bank), "--name", "exam"]) == 0
    text = (course / "source" / "exam" / "exam.ipynb").read_text("utf-8")
    assert text.count(r"seed=2, bank=\"private_exam.toml\")") == 5
    assert sorted(path.name for path in (course / "exports").iterdir()) == [
        "exam.canvas.zip",
        "exam.gift.txt",
        "exam.qti.zip",
        "exam_pool.canvas.zip",
        "exam_pool.gift.txt",
        "exam_pool.qti.zip",
    ]
    elsewhere = build.built(course / "other", bank, "exam", 1)
    notebook = elsewhere[Path("source", "exam", "exam.ipynb")].decode()
    assert json.dumps(json.dumps(bank.resolve().as_posix()))[1:-1] in notebook


# ---- draws ---------------------------------------------------------------------------------------


def test_a_draw_is_another_quiz_of_its_own(course: Path) -> None:
    """An assignment beside the quiz, with no graded question, the same for the same seed."""
    words = ["--course", str(course), "--draw", "5", "--seed", "3"]
    assert build.main(words) == 0
    text = (course / "source" / build.RESIT / f"{build.RESIT}.ipynb").read_text("utf-8")
    assert not any(f'"{question.id}' in text for question in graded())
    assert build.main([*words, "--check"]) == 0
    assert not (course / "source" / build.QUIZ).exists()


@pytest.mark.parametrize("seed", range(20))
def test_a_draw_is_spread_over_the_sections(seed: int) -> None:
    """Five questions from five sections, in order of the lessons; twenty from all."""
    few, many = build.drawn(pool(), 5, seed), build.drawn(pool(), 20, seed)
    order = [list(SECTIONS).index(question.section) for question in few]
    assert order == sorted(set(order))
    assert {question.section for question in many} == {question.section for question in pool()}
    assert len({question.id for question in many}) == 20
    assert not any(question.graded for question in few + many)


def test_draws_differ_and_reach_every_question() -> None:
    """Another seed, another draw; all of the pool is every question once."""
    known = pool()
    draws = {tuple(question.id for question in build.drawn(known, 5, seed)) for seed in range(50)}
    assert len(draws) == 50
    everything = build.drawn(known, len(known), 1)
    assert {question.id for question in everything} == {question.id for question in known}


@pytest.mark.parametrize("count", [0, -1, 1000])
def test_a_draw_of_too_many_or_none_is_refused(count: int) -> None:
    """With the count, and how many there are."""
    with pytest.raises(BankError, match=f"cannot draw {count} questions: the pool has "):
        build.drawn(pool(), count, 1)


# ---- exports, read back --------------------------------------------------------------------------


def read_gift(text: str, folder: Path) -> list[dict[str, Any]]:
    """What gift-pegjs reads in a text."""
    node = shutil.which("node")
    if node is None or not (ROOT / "tests" / "node_modules" / "gift-pegjs").is_dir():
        missing("No node, or no gift-pegjs to read GIFT with: npm ci --prefix tests.")
    file = folder / "questions.gift.txt"
    file.write_text(text, encoding="utf-8")
    words = [node, str(ROOT / "tests" / "read_gift.cjs"), str(file)]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("which", ["quiz", "pool", "hostile"])
def test_gift_is_read_back(which: str, tmp_path: Path) -> None:
    """By gift-pegjs: name, stem, choices, the right one, and the feedback of each."""
    questions = {"quiz": graded(), "pool": pool(), "hostile": [HOSTILE, HOSTILE]}[which]
    found = read_gift(gift(questions, "a: b"), tmp_path)
    read = [one for one in found if one["type"] == "MC"]
    assert [one["title"] for one in read] == [question.id for question in questions]
    for one, question in zip(read, questions, strict=True):
        assert one["stem"] == {"format": "html", "text": f"<p>{inline(question.stem)}</p>"}
        for given, choice in zip(one["choices"], question.choices, strict=True):
            assert given["isCorrect"] == (choice is question.right) and given["weight"] is None
            assert given["text"]["text"] == f"<p>{inline(choice.text)}</p>"
            assert given["feedback"]["text"] == f"<p>{inline(choice.feedback)}</p>"
    names = [one["title"] for one in found if one["type"] == "Category"]
    assert all(name.startswith("a: b/0") for name in names) and names
    assert len(read) + len(names) == len(found)


def test_a_text_of_several_lines_is_one_line_of_gift() -> None:
    """An empty line would end the question, and a line that begins with // would be left out."""
    written = gift([replace(HOSTILE, stem="What\n\n// a\n=b?")], "a")
    assert len(written.rstrip("\n").split("\n\n")) == 3  # what it holds, the category, the question
    assert "<p>What // a \\=b?</p>" in written


def inner(element: Any) -> str:
    """What stands inside an element: its text and the tags in it."""
    parts = [element.text or ""]
    for child in element:
        tag = etree.QName(child).localname
        parts.append(f"<{tag}>{child.text or ''}</{tag}>{child.tail or ''}")
    return "".join(parts)


@pytest.mark.parametrize("which", ["quiz", "pool", "hostile"])
def test_qti_is_read_back(which: str) -> None:
    """By qti-convert, which makes QTI 3 of it: every file of the manifest, and all of each item."""
    questions = {"quiz": graded(), "pool": pool(), "hostile": [HOSTILE]}[which]
    files = upgrade_package(qti(questions, "a_quiz", "A & B")).files
    manifest = etree.fromstring(as_bytes(files["imsmanifest.xml"]))
    named = set(manifest.xpath("//*[local-name()='file']/@href"))
    assert named == set(files) - {"imsmanifest.xml"}
    test = etree.fromstring(as_bytes(files["test.xml"]))
    places = test.xpath("//q:qti-assessment-item-ref/@href", namespaces=QTI3)
    assert places == [f"items/{question.id}.xml" for question in questions]
    for place, question in zip(places, questions, strict=True):
        item = etree.fromstring(as_bytes(files[place]))

        def found(path: str, item: Any = item) -> list[Any]:
            return list(item.xpath(path, namespaces=QTI3))

        (right,) = found("//q:qti-correct-response/q:qti-value/text()")
        assert right == question.key
        assert [inner(one) for one in found("//q:qti-prompt")] == unescaped([question.stem])
        choices = found("//q:qti-simple-choice")
        assert [one.get("identifier") for one in choices] == list(question.letters)
        assert [inner(one) for one in choices] == unescaped([c.text for c in question.choices])
        feedback = found("//q:qti-modal-feedback")
        assert [one.get("identifier") for one in feedback] == list(question.letters)
        told = [inner(one) for one in found("//q:qti-modal-feedback/q:qti-content-body")]
        assert told == unescaped([choice.feedback for choice in question.choices])
        points = found("//q:qti-set-outcome-value[@identifier='SCORE']/q:qti-base-value/text()")
        assert points == ["1", "0"]


@pytest.mark.parametrize("which", ["quiz", "pool", "hostile"])
def test_canvas_is_read_back(which: str) -> None:
    """By the rules of both its importers: every choice keeps its feedback, nothing is added."""
    questions = {"quiz": graded(), "pool": pool(), "hostile": [HOSTILE]}[which]
    made = canvas_bank if which == "pool" else canvas_quiz
    package = read_canvas.read(made(questions, "a_quiz", "A & B"))
    assert package.title == "A & B"
    if which == "pool":
        assert (package.kind, package.settings) == ("objectbank", {})
    else:
        assert package.kind == "assessment"
        assert package.settings["points_possible"] == f"{len(questions)}.0"
        assert package.settings["available"] == package.settings["show_correct_answers"] == "false"
    assert [one.name for one in package.questions] == [question.id for question in questions]
    for one, question in zip(package.questions, questions, strict=True):
        assert one.stem == f"<div><p>{inline(question.stem)}</p></div>"
        assert one.points == 1
        for answer, choice in zip(one.answers, question.choices, strict=True):
            told = answer.feedback.replace('<span lang="en">', "").replace("</span>", "")
            assert (answer.text, told) == (
                f"<p>{inline(choice.text)}</p>",
                f"<p>{inline(choice.feedback)}</p>",
            )
            assert answer.weight == 100 * (choice is question.right)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('ident="root_section"', 'ident="root_section" title="Quiz"', "becomes a question"),
        ("1001_fb", "correct_fb", "feedback correct_fb"),
        ('linkrefid="1002_fb"', 'linkrefid="1001_fb"', "feedback that nobody sees"),
        ("<setvar", "<displayfeedback linkrefid='1001_fb'/><setvar", "feedback 1001_fb"),
        ("&lt;p&gt;", "", "no paragraph"),
        (">100<", ">0<", "points"),
        ('rcardinality="Single"', 'rcardinality="Multiple"', "several answers"),
        ("module_0_quiz.xml", "other.xml", "the manifest names"),
    ],
)
def test_what_canvas_would_take_otherwise_is_noticed(old: str, new: str, what: str) -> None:
    """The reader of the test above refuses each slip that an importer would pass over."""
    packed = canvas_quiz(graded(), "module_0_quiz", "Quiz")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    changed = {
        name: text.replace(old, new).removeprefix('<?xml version="1.0" encoding="UTF-8"?>\n')
        for name, text in files.items()
    }
    with pytest.raises(ValueError, match=what):
        read_canvas.read(package(changed))


def test_a_feedback_without_markup_keeps_its_ampersand() -> None:
    """Classic Quizzes would show its entity, so there it has an element around it."""
    said = ("R & D", "a `b & c`", "plain")
    choices = tuple(Choice(text=text, feedback=text) for text in said)
    question = replace(HOSTILE, choices=choices)
    (found,) = read_canvas.read(canvas_quiz([question], "q", "Q")).questions
    assert [answer.feedback for answer in found.answers] == [
        '<p><span lang="en">R &amp; D</span></p>', "<p>a <code>b &amp; c</code></p>", "<p>plain</p>"
    ]  # fmt: skip


def as_bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def unescaped(texts: Sequence[str]) -> list[str]:
    """The texts' HTML as `inner` reads it: with tags, and with characters for entities."""
    return [unescape(inline(text)) for text in texts]


@pytest.mark.parametrize("form", [qti, canvas_quiz, canvas_bank])
def test_the_package_depends_on_the_questions_alone(form: Callable[..., bytes]) -> None:
    """Two packages of the same questions are the same bytes, dated long ago, not compressed."""
    packed = form(graded(), "quiz", "Quiz")
    assert packed == form(graded(), "quiz", "Quiz") != form(graded()[1:], "quiz", "Quiz")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {one.compress_type for one in archive.infolist()} == {zipfile.ZIP_STORED}


def test_a_notebook_of_somebody_is_not_overwritten(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exercises, or what an instructor wrote: nothing is written, and a quiz is made anew."""
    source = Path("source", "module_0_exercises")
    shutil.copytree(QUIZZES / source, course / source)
    file = course / source / "module_0_exercises.ipynb"
    before = file.read_bytes()
    words = ["--course", str(course), "--name", "module_0_exercises"]
    assert build.main(words) == 1
    assert "is no quiz that was built, and nothing was written" in capsys.readouterr().err
    assert file.read_bytes() == before and not (course / "exports").exists()
    for seed in "12":
        assert build.main(["--course", str(course), "--name", "exam", "--seed", seed]) == 0


def test_a_folder_that_is_not_there_gets_no_course(tmp_path: Path) -> None:
    """Misspelt, it would be made, and nobody would find the quiz."""
    there = tmp_path / "no"
    with pytest.raises(SystemExit, match=r"^2$"):
        build.main(["--course", str(there), "--bank", str(BANK)])
    assert not there.exists()
