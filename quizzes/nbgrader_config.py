"""nbgrader's settings for this course: what differs from its defaults, and why.

nbgrader reads this file when it is started in this folder, and from JupyterLab's panels.
"""

import json
import os
import warnings
from contextlib import suppress
from pathlib import Path

from jupyter_core.paths import jupyter_config_path

HERE = Path(__file__).resolve().parent

c = get_config()  # noqa: F821  nbgrader knows it
# SQLAlchemy's, about rows that nbgrader adds one after the other; they are all there in the end.
warnings.filterwarnings("ignore", message="Object of type <Submitted")

c.CourseDirectory.course_id = "sync-async"


def site_has(part, name, *calls):
    """Whether Jupyter's own folders configure it. What is set here would come before it, so that
    an instructor would release into a folder where no student looks. The files are read and not
    run: one of them may load this one.
    """
    for folder in map(Path, jupyter_config_path()):
        with suppress(OSError, ValueError):
            named = json.loads((folder / "nbgrader_config.json").read_text())
            if name in named.get(part, {}):
                return True
        with suppress(OSError, ValueError):
            lines = (folder / "nbgrader_config.py").read_text().splitlines()
            code = [line.partition("#")[0] for line in lines]
            if any(sign in line for line in code for sign in (f".{part}.{name}", *calls)):
                return True
    return False


# Where students fetch and hand in: a folder that all of them may write to. On a computer with many
# users give a shared one, in the variable, here, or in the site's own nbgrader_config.py. The
# default is good for trying it out alone.
if exchange := os.environ.get("COURSE_EXCHANGE", ""):
    c.Exchange.root = exchange
elif not site_has("Exchange", "root"):
    exchange = HERE / "exchange"
    with suppress(OSError):  # there already; or a course that is only looked at, and read-only
        exchange.mkdir()
        exchange.chmod(0o1777)  # the 1: nobody moves away or deletes what is another's
    c.Exchange.root = str(exchange)

# Who has handed in without nbgrader, or has packed a file that is broken, is named at the end, and
# ends nothing for the others.
if not site_has("ExchangeFactory", "release_feedback", "configureExchange("):  # ngshare's call
    c.ExchangeFactory.release_feedback = "course_lib.staff.exchange.ReleaseFeedback"
c.ZipCollectApp.extractor_plugin = "course_lib.staff.exchange.Extractor"

# Formgrader would show these settings on its page, and warn each time that it cannot.
c.FormgradeExtension.debug = False

# The course grades what is handed in: answers are read, exercises are judged in a sandbox. No
# kernel is started here, neither by `nbgrader autograde` nor by Formgrader's button.
c.Autograde.exporter_class = "course_lib.staff.grading_steps.GradedNotebook"
c.Autograde.sanitize_preprocessors = []
c.Autograde.autograde_preprocessors = []

# What kernels and those who start them tell each other is encrypted, where both can do so.
c.KernelManager.transport_encryption = "auto"

# Names that students give themselves start no formula in the table of marks; its last column says
# how many cells wait for a person.
c.ExportApp.plugin_class = "course_lib.staff.grading.export.GradesTable"

# Feedback is written by the course: it says why for the choice taken, shows no hidden test, and
# shows what a student wrote as text, so that nothing in it runs in anybody's browser.
c.GenerateFeedback.exporter_class = "course_lib.staff.feedback.FeedbackPage"
c.GenerateFeedback.preprocessors = ["course_lib.staff.feedback.Grades"]

# True: the feedback also names the best choice, with its reason. Set it when the whole class has
# handed in, then make the feedback again: nbgrader generate_feedback module_0_quiz --force
c.FeedbackPage.reveal = False
