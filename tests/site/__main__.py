"""`python3 start.py test --site`: these tests."""

from __future__ import annotations

import os
import sys

import pytest

sys.exit(pytest.main([os.path.dirname(__file__), *sys.argv[1:]]))
