"""`python3 start.py test --labs`: these tests, on all cores of the computer."""

from __future__ import annotations

import os
import sys

import pytest

sys.exit(pytest.main(["--numprocesses=auto", os.path.dirname(__file__), *sys.argv[1:]]))
