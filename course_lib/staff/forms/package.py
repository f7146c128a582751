"""A zip whose bytes depend on nothing but its files, such as a package for a learning system."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
YEAR_ZERO = (1980, 1, 1, 0, 0, 0)  # of zip files; the time of packing would change the bytes


def member(name: str, rights: int = 0o644) -> zipfile.ZipInfo:
    """What stands about a file in a zip: its name and its rights, and else always the same."""
    about = zipfile.ZipInfo(name, YEAR_ZERO)
    about.create_system = 3  # Unix, wherever it is made
    about.external_attr = (0o100000 | rights) << 16  # the first bit: a file
    return about


def packed(files: Mapping[str, str]) -> bytes:
    """The zip with these XML files, in their order; nothing is compressed, for that differs between
    versions of zlib.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, text in files.items():
            archive.writestr(member(name), (HEAD + text).encode())
    return made.getvalue()
