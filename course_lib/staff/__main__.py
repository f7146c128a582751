"""`python -m course_lib.staff COMMAND`: what instructors and maintainers run."""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import sys
from contextlib import suppress

COMMANDS = {
    "build": "make the quiz from the bank: nbgrader's notebook, Moodle GIFT, QTI; --check compares",
    "bundle": "make the archive of everything that students get, and see that no key is in it",
    "demo": "make a course with thirty invented students, and go from release to report",
    "doctor": "whether this computer can grade safely, and how to get what is missing",
    "grade": "grade what a class has handed in, without running it; say what needs a person",
    "lock": "resolve requirements.lock anew and write environment.yml from it",
    "record": "run the notebooks and store their outputs; --check compares them",
    "report": "read a class's quiz: a page and a table of what it believes, and how surely",
    "site": "build the course as a web site, in which Python runs in the reader's browser",
}
"""Each is a module beside this one, with `main(words) -> return code`."""
ANOTHER_PYTHON = """\
{python} has no {package}: it is not the Python of the course's environment.
Where the course has been started once (python3 start.py), type in its folder
    source .venv/bin/activate
or on Windows .venv\\Scripts\\activate, and your command again."""
WAYS_OUT = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room on the disk",
    errno.EFBIG: "make room on the disk",
    errno.EACCES: "look at its rights, or close the program that has it open",
    errno.EPERM: "look at its rights",
    errno.EROFS: "take a folder that can be written",
}
"""What the system refuses to do with a file, and what helps."""


def main(words: list[str]) -> int:
    """Run a command; 1, with the way out, if it was interrupted, if the system refuses a file, or
    if this Python has not got what it needs.
    """
    known = "\n".join(f"  {name:10} {does}" for name, does in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m course_lib.staff",
        description=__doc__,
        epilog=f"commands:\n{known}\n\nEach says more with: COMMAND --help",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    parser.add_argument("words", nargs=argparse.REMAINDER, help="passed on to the command")
    asked = parser.parse_args(words or ["--help"])
    try:
        module = importlib.import_module(f"course_lib.staff.{asked.command}")
        code = int(module.main(asked.words))
        _flush()
    except ModuleNotFoundError as problem:
        if not problem.name or problem.name.startswith("course_lib"):
            raise
        return _ended(ANOTHER_PYTHON.format(python=sys.executable, package=problem.name))
    except KeyboardInterrupt:
        return _ended("\nInterrupted. Type the same again: nothing that was finished is lost.")
    except BrokenPipeError:
        with suppress(OSError):  # so that Python itself does not stumble over it at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _ended("It stopped: whoever read its words has ended. Type it without the pipe.")
    except OSError as problem:
        return _ended(_refused(problem))
    return code


def _refused(problem: OSError) -> str:
    """What the system says, of which file, and the way out."""
    what = "" if problem.filename is None else f" with {problem.filename}"
    way = WAYS_OUT.get(problem.errno or 0, "look whether its path is right")
    said = problem.strerror or str(problem)
    return f"The system refuses to go on{what} ({said}): {way}, and try again."


def _flush() -> None:
    """What is printed may be refused only now; there is nothing where nobody listens."""
    if sys.stdout is not None:
        sys.stdout.flush()


def _ended(told: str) -> int:
    print(told, file=sys.stderr)
    return 1


def _print_anything() -> None:
    """A name that this terminal has no letters for ends no command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # neither a file of somebody's own nor none at all
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    _print_anything()
    sys.exit(main(sys.argv[1:]))
