"""Grade what a class has handed in: answers are read, exercises are judged in a sandbox.

  python -m course_lib.staff grade module_0_quiz                  everybody
  python -m course_lib.staff grade module_0_quiz --student ada    her alone
  python -m course_lib.staff grade module_0_quiz --resume         what is new since the last time

Nothing that a student wrote is run on this computer outside of a sandbox. Marks go to nbgrader's
gradebook, graded notebooks to autograded/, and generate_feedback, export and Formgrader go on from
there; points and comments that you gave by hand stay. It may be interrupted, and begun again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from course_lib.quiz import BankError

from .place import a_name, ask_course

if TYPE_CHECKING:
    from .grading.class_run import Summary

MOST_SHOWN = 30  # lines of each kind, in the terminal


def main(words: list[str]) -> int:
    """Grade, and say what needs a person; 1 if it could not begin, with the reason."""
    parser = argparse.ArgumentParser(
        prog="python -m course_lib.staff grade",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("assignment", type=a_name, help="such as module_0_quiz")
    parser.add_argument("--student", type=a_name, action="append", default=[], metavar="NAME",
                        help="this one alone; repeatable")  # fmt: skip
    parser.add_argument(
        "--jobs", type=int, default=0, metavar="N", help="processes; else one a core"
    )
    parser.add_argument("--scheduler", default="", metavar="ADDRESS", help="of a Dask cluster")
    parser.add_argument("--resume", action="store_true", help="leave out what is graded as it is")
    ask_course(parser)
    parser.add_argument("--db", default="", metavar="URL", help="else the course's own gradebook")
    asked = parser.parse_args(words)
    if asked.jobs < 0:
        parser.error(f"--jobs {asked.jobs}: take 1 or more, or 0 for one for each core")
    # Seconds of imports, so only if needed.
    from .grading.class_run import course_settings, grade_class
    from .grading.cluster import ClusterError
    from .grading.database import GradebookError
    from .grading.one_grader import BusyError
    from .grading.settings import SettingsError

    try:
        summary = grade_class(
            course_settings(asked.course, asked.db),
            asked.assignment,
            only=asked.student,
            jobs=asked.jobs,
            scheduler=asked.scheduler,
            resume=asked.resume,
            progress=progress,
            tell=tell,
        )
    except (BankError, BusyError, ClusterError, GradebookError, SettingsError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(told(asked.assignment, summary))
    return 0


def progress(done: int, count: int, seconds: float) -> None:
    """One line that is written again and again, on a terminal; a few lines elsewhere."""
    terminal = sys.stderr.isatty()
    if not terminal and done != count and done * 10 // count == (done - 1) * 10 // count:
        return
    left = seconds / done * (count - done)
    line = f"{done:,} of {count:,}, {seconds:.0f} s"
    line += f", about {left:.0f} s left" if done < count else ""
    print(f"\r{line:60}" if terminal else line, end="" if terminal and done < count else "\n",
          file=sys.stderr, flush=True)  # fmt: skip


def tell(said: str) -> None:
    """Say on a line of its own what is waited for, also in the midst of what progress writes."""
    print(f"\r{said:60}" if sys.stderr.isatty() else said, file=sys.stderr, flush=True)


def told(assignment: str, summary: Summary) -> str:
    """What was done, what needs a person, and who has handed in nothing, in lines."""
    before = f", {summary.skipped:,} were graded before" if summary.skipped else ""
    done = f"{assignment}: {summary.graded:,} graded{before}."
    people = len({student for student, _ in summary.look})
    if people:
        need = "needs" if people == 1 else "need"
        lines = [done, f"{people:,} {need} a person, under Manual Grading in Formgrader:"]
    else:
        lines = [f"{done} Nothing needs a person."]
    lines += _listed([f"{student}: {why}" for student, why in summary.look])
    if summary.missing:
        lines.append(f"Nothing came from {len(summary.missing):,} whom the gradebook knows:")
    return "\n".join([*lines, *_listed(summary.missing)])


def _listed(said: Sequence[str]) -> list[str]:
    """A line for each, and one for those that are too many."""
    lines = [_plain(f"  {one}") for one in said[:MOST_SHOWN]]
    if len(said) > MOST_SHOWN:
        lines.append(f"  and {len(said) - MOST_SHOWN:,} more")
    return lines


def _plain(line: str) -> str:
    """The line with a question mark for each sign that a terminal would obey, or cannot print."""
    return "".join(sign if sign.isprintable() else "?" for sign in line)
