"""Moto stands in for Amazon's services: it speaks to their own client, and keeps all in memory.

Reference: https://docs.getmoto.org (server mode).
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

from ..server import MissingServer, Server

HERE = "http://127.0.0.1:"
REGION = "eu-north-1"


class Moto(Server):
    """One of Amazon's services; `url` is what `boto3.client` takes as its endpoint."""

    @property
    def kind(self) -> str:
        return "a stand-in, moto"

    def command(self, folder: Path, port: int) -> list[str]:
        if importlib.util.find_spec("moto") is None:
            raise MissingServer(
                f"{self.system} is left out, as moto, which stands in for it, is not here: "
                "python3 start.py labs brings it, on Debian, macOS and Windows alike"
            )
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]

    def address(self, port: int) -> str:
        return f"{HERE}{port}"


def client(service: str, url: str) -> Any:
    """Amazon's own client; moto lets in anybody who gives a name, an account needs its own."""
    import boto3

    anybody = {
        "region_name": REGION,
        "aws_access_key_id": "anybody",
        "aws_secret_access_key": "anything",
    }
    return boto3.client(service, endpoint_url=url, **anybody if url.startswith(HERE) else {})
