"""The same work on a Dask cluster: its workers read and mark, this process alone writes marks.

    outcomes(task, students, "tcp://192.168.0.5:8786")

For classes that one computer does not get through. Each worker needs the course installed and sees
the same folders of submitted and graded notebooks; a worker that is lost has its work done again.
Reference: https://distributed.dask.org, Client, retries.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from typing import Any

from .work import Outcome, Task, grade_or_tell, lost
from .workers import WHY, parts

ATTEMPTS = 3
"""Workers that a submission may take down with it before it is given up."""
MISSING = "A cluster needs dask.distributed: pip install distributed"
TIMEOUT = "10s"  # until a scheduler must have answered


class ClusterError(Exception):
    """There is no such cluster; says what to do."""


def outcomes(task: Task, students: Sequence[str], address: str) -> Iterator[Outcome]:
    """What came out for each student, as it comes; raises ClusterError before anything is done."""
    if importlib.util.find_spec("distributed") is None:
        raise ClusterError(MISSING)
    from distributed import Client

    try:
        client: Any = Client(address, timeout=TIMEOUT)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as problem:
        raise ClusterError(f"No scheduler of Dask answers at {address} ({problem}).") from None
    with client:
        yield from _graded(client, task, students)


def _graded(client: Any, task: Task, students: Sequence[str]) -> Iterator[Outcome]:
    from distributed import as_completed

    shared = client.scatter(task, broadcast=True)
    doing = {_begun(client, shared, part): part for part in parts(task, students)}
    found = as_completed(list(doing))  # type: ignore[no-untyped-call]
    for future in found:
        part = doing.pop(future)
        if future.status == "finished":
            yield from future.result()
        elif len(part) > 1:  # so that it is plain to see which one ends a process
            for student in part:
                one = _begun(client, shared, [student])
                doing[one] = [student]
                found.add(one)  # type: ignore[no-untyped-call]
        else:
            yield lost(task, part[0], WHY)


def _begun(client: Any, task: Any, part: Sequence[str]) -> Any:
    return client.submit(_grade_all, task, part, pure=False, retries=ATTEMPTS)


def _grade_all(task: Task, students: Sequence[str]) -> list[Outcome]:
    return [grade_or_tell(task, student) for student in students]
