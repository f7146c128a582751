"""Calls of the system that nobody behind the bars needs, and that get round their limits.

Memory that belongs to no process is in no limit of one: files without a name, what System V
shares, message queues, mounts of one's own. And a keyring is handed down to whoever is started.
References: seccomp(2), and the kernel's tables of system calls, syscall_64.tbl and unistd.h.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

BARRED = {
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "mount": (165, 40),
    "fsopen": (430, 430),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
}
"""Name → number on each of MACHINES."""
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""By which the kernel tells whose numbers a call uses."""
OTHER_NUMBERS = 0x40000000
"""From here on they are those of x32, which are x86_64's once more."""

LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER_AT, MACHINE_AT = 0, 4
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
SET_SECCOMP, BY_FILTER = 22, 2


def bar() -> None:
    """Refuse them from now on, here and in all children; on other machines nothing is barred.

    Raises OSError if the kernel takes no such filter.
    """
    machine = platform.machine()
    if machine not in MACHINES:
        return
    program = _program(machine)
    steps = ctypes.create_string_buffer(program, len(program))

    class Filter(ctypes.Structure):
        _fields_ = (("count", ctypes.c_ushort), ("steps", ctypes.c_void_p))

    made = Filter(len(program) // 8, ctypes.addressof(steps))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(SET_SECCOMP, BY_FILTER, ctypes.byref(made), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel takes no filter of system calls")


def _program(machine: str) -> bytes:
    """Of eight bytes a step: what to do, how many steps to skip if it holds and if not, a number.

    The last two steps allow, and refuse.
    """
    numbers = [pair[list(MACHINES).index(machine)] for pair in BARRED.values()]
    left = len(numbers) + 2  # steps from the first question about the number to the refusal
    steps = [
        (LOAD, 0, 0, MACHINE_AT),
        (EQUAL, 0, left + 1, MACHINES[machine]),
        (LOAD, 0, 0, NUMBER_AT),
        (AT_LEAST, left - 1, 0, OTHER_NUMBERS),
        *((EQUAL, left - 2 - place, 0, number) for place, number in enumerate(numbers)),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
