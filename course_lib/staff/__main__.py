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


def main(words: list[str]) -> int:
    known = "\n".join(f"  {name:10} {does}" for name, does in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m course_lib.staff",
        description=__doc__,
        epilog=f"commands:\n{known}\n\nEach says more with: COMMAND --help",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    parser.add_argument("words", nargs=argparse.REMAINDER, help="passed on to the command")
    asked = parser.parse_args(words)
    module = importlib.import_module(f"course_lib.staff.{asked.command}")
    return int(module.main(asked.words))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
