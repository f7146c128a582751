"""`python -m course_lib.staff COMMAND`: what instructors and maintainers run."""

from __future__ import annotations

import argparse
import importlib
import sys

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


def main(words: list[str]) -> int:
    """Run a command; 1, with the way out, if this Python has not got what it needs."""
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
        return int(module.main(asked.words))
    except ModuleNotFoundError as problem:
        if not problem.name or problem.name.startswith("course_lib"):
            raise
        told = ANOTHER_PYTHON.format(python=sys.executable, package=problem.name)
        print(told, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
