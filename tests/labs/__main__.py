"""`python3 start.py test --labs`: these tests, where all clients have to be there."""

from __future__ import annotations

import os
import sys

import pytest

os.environ["COURSE_LABS"] = "here"
words = ["--numprocesses=auto", os.path.dirname(__file__), *sys.argv[1:]]
sys.exit(pytest.main(words))
