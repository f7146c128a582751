"""`python3 start.py test --libraries`: these tests, where all the libraries have to be there."""

from __future__ import annotations

import os
import sys

import pytest

os.environ["COURSE_LIBRARIES"] = "here"
sys.exit(pytest.main([os.path.dirname(__file__), *sys.argv[1:]]))
