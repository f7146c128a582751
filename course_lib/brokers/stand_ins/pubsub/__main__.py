"""`python -m course_lib.brokers.stand_ins.pubsub PORT`: serve, and store in the folder it is in."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from .services import serve

asyncio.run(serve(Path.cwd(), int(sys.argv[1])))
