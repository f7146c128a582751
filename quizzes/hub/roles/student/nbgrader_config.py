"""What a student's panels and terminal need to know; nothing here is of the instructor's folder."""

import os

c = get_config()  # noqa: F821  nbgrader knows it
c.CourseDirectory.course_id = "sync-async"
c.Exchange.root = os.environ["COURSE_EXCHANGE"]
# What kernels and those who start them tell each other: others are on the same machine.
c.KernelManager.transport_encryption = "auto"
