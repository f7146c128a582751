"""What a call costs: the time that the processor works on it."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def cpu_seconds(call: Callable[[], object]) -> float:
    """Of the processor's time, with no garbage left over from the call before."""
    gc.collect()
    begin = time.process_time()
    call()
    return time.process_time() - begin
