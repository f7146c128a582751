"""A course to look at: thirty invented students hand in, and you walk from release to report.

  python -m course_lib.staff demo                 in a new folder, demo_course
  python -m course_lib.staff demo --out FOLDER

Nothing in your own course is touched. Each step is printed as you would type it, with what comes
out; afterwards open the folder in JupyterLab, and Formgrader shows the class.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from course_lib.quiz import Question

from .analysis.question_sheet import asked_questions
from .place import AROUND, ask_course, quoted

QUIZ = "module_0_quiz"
NAMES = [
    "ada",
    "alan",
    "anita",
    "barbara",
    "charles",
    "dennis",
    "donald",
    "dorothy",
    "edsger",
    "evelyn",
    "frances",
    "gladys",
    "grace",
    "hedy",
    "ida",
    "jean",
    "joan",
    "john",
    "katherine",
    "kathleen",
    "ken",
    "leslie",
    "linus",
    "margaret",
    "mary",
    "niklaus",
    "radia",
    "robin",
    "tim",
    "vint",
]
SEED = 20
NEEDED = ("nbgrader_config.py", "questions.toml", "source")


def main(words: list[str]) -> int:
    """Make the course and go through it; 1 if the folder is in use, or a step fails."""
    parser = argparse.ArgumentParser(
        prog="python -m course_lib.staff demo",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, default=Path("demo_course"), help="a new folder")
    ask_course(parser)
    asked = parser.parse_args(words)
    out = asked.out.resolve()
    if out.exists() and any(out.iterdir()):
        print(f"{out} is not empty. Delete it, or name another: --out FOLDER", file=sys.stderr)
        return 1
    begin = time.monotonic()
    copy_course(asked.course, out)
    print(f"A course without students is in {out}\n")
    for typed, what in STEPS:
        print(f"$ {typed or f'nbgrader collect {QUIZ}'}\n  {what}", flush=True)
        failed = _run(typed, out) if typed else hand_in_all(out)
        if failed:
            print(failed, file=sys.stderr)
            return 1
    seconds = time.monotonic() - begin
    print(SEE.format(out=out, typed=quoted(out), seconds=seconds, quiz=QUIZ, first=NAMES[0]))
    return 0


STEPS = (
    (f"nbgrader generate_assignment {QUIZ}", "makes the students' notebook, without keys"),
    ("", f"brings what {len(NAMES)} students have handed in (here they are invented)"),
    (f"python -m course_lib.staff grade {QUIZ} --course .", "reads the answers, and marks them:"),
    (f"nbgrader generate_feedback {QUIZ}", "makes a page for each student"),
    ("nbgrader export", "writes all marks to grades.csv"),
    ("python -m course_lib.staff report --course .", "says what the class believes:"),
)
"""What is typed, and what it does; the second is played."""
SEE = """
All of it took {seconds:.0f} s. Look at it:
  marks        {out}/grades.csv
  feedback     {out}/feedback/{first}/{quiz}/{quiz}.html
  report       {out}/reports/{quiz}.html
  Formgrader   cd {typed} && jupyter lab     then the menu Nbgrader, Formgrader"""


def copy_course(course: Path, out: Path) -> None:
    """A course of its own in the folder: settings, questions, sources, and nobody's marks."""
    out.mkdir(parents=True, exist_ok=True)
    for name in NEEDED:
        path = course / name
        if path.is_dir():
            shutil.copytree(path, out / name)
        else:
            shutil.copy(path, out / name)


def _run(typed: str, out: Path) -> str:
    """Run a command in the course and print what it says; the reason if it fails."""
    program, *words = typed.split()
    module = ["-m", program] if program == "nbgrader" else []
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    known = os.pathsep.join(filter(None, [str(AROUND), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, *module, *words],
        cwd=out,
        env={**os.environ, "PATH": path, "PYTHONPATH": known},
        capture_output=True,
        text=True,
        check=False,
    )
    print("".join(f"    {line}\n" for line in done.stdout.splitlines()))
    return "" if done.returncode == 0 else f"{typed} failed:\n{done.stderr}"


def hand_in_all(out: Path) -> str:
    """Put a submission for each name where `nbgrader collect` would; nothing can go wrong."""
    questions, chance = asked_questions(out, QUIZ), random.Random(SEED)
    released = (out / "release" / QUIZ / f"{QUIZ}.ipynb").read_text(encoding="utf-8")
    for number, name in enumerate(NAMES):
        folder = out / "submitted" / name / QUIZ
        folder.mkdir(parents=True)
        text = answered(released, invented(questions, chance), style=number % 5)
        cut = number == len(NAMES) - 1
        (folder / f"{QUIZ}.ipynb").write_text(text[: len(text) // 2] if cut else text, "utf-8")
        when = datetime(2030, 4, 1, 9, tzinfo=UTC) + timedelta(minutes=7 * number)
        (folder / "timestamp.txt").write_text(f"{when:%Y-%m-%d %H:%M:%S.%f} UTC", "utf-8")
    print("    most as they should, some in small letters or brackets, one file is cut off\n")
    return ""


def invented(questions: Sequence[Question], chance: random.Random) -> list[str]:
    """The answers of somebody who knows some of it, and believes what many believe."""
    knows = chance.betavariate(4, 2)
    return [one.key if chance.random() < knows else _belief(one, chance) for one in questions]


def _belief(question: Question, chance: random.Random) -> str:
    """A wrong choice: two of three times the first one, so that the class holds something."""
    wrong = [letter for letter in question.letters if letter != question.key]
    return wrong[0] if chance.random() < 2 / 3 else chance.choice(wrong)


STYLES = ('"{}"', '"{}"', "'{}'", '"{}."', '"({})"')
"""How they are typed, the second and the last of five in small letters."""


def answered(released: str, letters: Sequence[str], style: int) -> str:
    """The notebook's file with these letters typed in."""
    notebook = json.loads(released)
    for number, letter in enumerate(letters, start=1):
        typed = STYLES[style].format(letter.lower() if style in (1, 4) else letter)
        for cell in notebook["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code" and source.startswith(f"answer_{number} = "):
                cell["source"] = re.sub(r"= .*", f"= {typed}", source)
    return json.dumps(notebook)
