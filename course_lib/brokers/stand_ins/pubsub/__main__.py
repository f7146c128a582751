"""`python -m course_lib.brokers.stand_ins.pubsub FOLDER PORT`: serve until it is ended."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from .services import serve

asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
