"""A hub for one class on one machine, where each student is a user of the machine: see ../HUB.md.

Start it as root, with the environment that all share: /srv/course/env/bin/jupyterhub -f THIS_FILE
"""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821  JupyterHub knows it

# --- What you may want to change -----------------------------------------------------------------

INSTRUCTOR = os.environ.get("COURSE_INSTRUCTOR", "instructor")  # has the course in ~/course
EXCHANGE = os.environ.get("COURSE_EXCHANGE", "/srv/course/exchange")  # root's, of mode 1777

# Who may log in: with the password that they have on the machine. For another way (LTI, OAuth),
# change authenticator_class; it must give the names of the machine's users.
c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allowed_users = {INSTRUCTOR}
c.LocalAuthenticator.allowed_groups = {"students"}

# Only this machine reaches it. For others put a web server with a certificate before it, or set
# c.JupyterHub.ssl_key and c.JupyterHub.ssl_cert.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"

# --- What the course needs -----------------------------------------------------------------------

ENV = Path(sys.prefix)  # the one that runs the hub is everybody's; nobody but root writes to it
ROLES = Path(__file__).resolve().parent / "roles"


def role(spawner):
    return "instructor" if spawner.user.name == INSTRUCTOR else "student"


def settings(spawner):
    """Jupyter's and nbgrader's settings by role; they come before all that is in a home."""
    return str(ROLES / role(spawner))


def packages(spawner):
    """The instructor works with the whole course, which has the commands of staff in it."""
    return os.path.expanduser(f"~{INSTRUCTOR}/course") if role(spawner) == "instructor" else ""


c.Spawner.cmd = [str(ENV / "bin" / "jupyterhub-singleuser")]
c.Spawner.default_url = "/lab"
c.Spawner.environment = {
    "PATH": f"{ENV}/bin:/usr/local/bin:/usr/bin:/bin",
    "COURSE_EXCHANGE": EXCHANGE,
    "JUPYTER_CONFIG_PATH": settings,
    "JUPYTER_PREFER_ENV_PATH": "1",
    "PYTHONPATH": packages,
    "PYTHONNOUSERSITE": "1",
    # Large arrays go back to the system at once: no lesson then takes more than 200 MB.
    "MALLOC_MMAP_THRESHOLD_": "1048576",
}
