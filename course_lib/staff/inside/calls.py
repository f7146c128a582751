"""Calls of the system that nobody behind the bars needs, and that get round their limits.

Memory that belongs to no process is in no limit of one: files without a name, what System V
shares, message queues, mounts and networks of one's own. Whoever makes a namespace of users may
make these; a ring for asynchronous reading is shared with all later copies of a process, as is a
pipe that has a name. And a keyring is handed down to whoever is started.
Nor does a submission leave its worker's processor for one on which others are graded, open a line
of the network, which all behind these bars share, or a sign at a file that others may read, too.

Each conversation is a machine of its own in the story that a scene tells: two that go on at once
share a database and nothing else. So a piece makes no name that another could find, changes none
and locks none, opens no line to it and sends it no signal. It opens files to read them, which
leaves no time there. What is left is what nobody writes: the number that the next process gets,
and how long things take.
References: seccomp(2), and the kernel's tables of system calls, syscall_64.tbl and unistd.h.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import platform
import signal
import struct
from collections.abc import Mapping

Numbers = Mapping[str, tuple[int | None, ...]]
Words = Mapping[str, tuple[tuple[int | None, ...], int, int, tuple[int, ...]]]

LOAD, EQUAL, AT_LEAST, HAS_BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
TO_CHANGE = os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_RDWR
"""Bits of an open."""
LOCKS, NEWS = (6, 7), (8, 15)
"""Commands of fcntl(2): lock a part, as SQLite does, and send news."""
SIGNS = (5, 36, 37, 38, 1024, 1026, 1036, 1038)
"""Others of it: look for a lock, lock as nobody needs to, hear of uses, say how long it is kept."""
SIGNALS = tuple(number for number in range(1, 65) if number != signal.SIGKILL)
"""All that are heard: to end its own children a piece has the other."""
ANY = 0xFFFFFFFF
"""Bits of the number of a process; 0 is whoever asks."""
FLAGS = 0x40086602, 0x401C5820
"""Commands of ioctl(2) that set what chattr(1) sets."""

BARRED: Numbers = {
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
    "io_uring_setup": (425, 425),  # does in the kernel's own name what is barred here
    "io_setup": (206, 0),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "sched_setaffinity": (203, 122),  # each worker and its submission keep to one processor
    "socket": (41, 198),
    "bind": (49, 200),
    "connect": (42, 203),
    "flock": (73, 32),  # of a file that others may read, as Python's own are
    "inotify_add_watch": (254, 27),  # tells that another reads one
    "fanotify_mark": (301, 263),
}
"""Name → number on each of MACHINES, None where it has none. Barred from the first cell on."""
BARRED_IN_TALK: Numbers = {
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "link": (86, None),
    "linkat": (265, 37),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "creat": (85, None),
    "openat2": (437, 437),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "unlink": (87, None),  # and whatever else leaves a sign at a file of the cells'
    "unlinkat": (263, 35),
    "rmdir": (84, None),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utimensat": (280, 88),
    "truncate": (76, 45),
    "ftruncate": (77, 46),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
    "setpriority": (141, 140),  # of the process from which all others are forked
    "ioprio_set": (251, 30),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
}
"""The same, once a conversation begins."""
NEW_USER = 0x10000000
"""A bit of a clone, and of an unshare: a namespace of users."""
BY_WORD: Words = {
    "mmap": ((9, 222), 3, HAS_BITS, (mmap.MAP_SHARED,)),
    "clone": ((56, 220), 0, HAS_BITS, (NEW_USER,)),
    "unshare": ((272, 97), 0, HAS_BITS, (NEW_USER,)),
    "fcntl": ((72, 25), 1, EQUAL, SIGNS),
}
"""Name → numbers, which of its words, from 0, and what in that is barred from the first cell on."""
BY_WORD_IN_TALK: Words = {
    "open": ((2, None), 1, HAS_BITS, (TO_CHANGE,)),
    "openat": ((257, 56), 2, HAS_BITS, (TO_CHANGE,)),
    "kill": ((62, 129), 1, EQUAL, SIGNALS),
    "prlimit64": ((302, 261), 0, HAS_BITS, (ANY,)),
    "getpgid": ((121, 155), 0, HAS_BITS, (ANY,)),
    "getsid": ((124, 156), 0, HAS_BITS, (ANY,)),
    "fcntl": ((72, 25), 1, EQUAL, (*LOCKS, *NEWS)),
    "ioctl": ((16, 29), 1, EQUAL, FLAGS),
}
"""The same, once a conversation begins."""
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""By which the kernel tells whose numbers a call uses."""
OTHER_NUMBERS = 0x40000000
"""From here on they are those of x32, which are x86_64's once more."""

NUMBER_AT, MACHINE_AT, WORDS_AT = 0, 4, 16
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
CLONE_3, UNKNOWN = 435, 0x00050000 | errno.ENOSYS
"""What it makes stands where no filter reads it; who hears that there is none takes clone."""
SET_SECCOMP, BY_FILTER = 22, 2


def bar() -> None:
    """Refuse those that are barred from the first cell on, here and in all children.

    On other machines nothing is barred. Raises OSError if the kernel takes no such filter.
    """
    _bar(BARRED, BY_WORD)


def bar_in_talk() -> None:
    """Refuse those besides that are barred in a conversation; raises as `bar` does."""
    _bar(BARRED_IN_TALK, BY_WORD_IN_TALK)


def _bar(barred: Numbers, by_word: Words) -> None:
    machine = platform.machine()
    if machine not in MACHINES:
        return
    program = _program(machine, barred, by_word)
    steps = ctypes.create_string_buffer(program, len(program))

    class Filter(ctypes.Structure):
        _fields_ = (("count", ctypes.c_ushort), ("steps", ctypes.c_void_p))

    made = Filter(len(program) // 8, ctypes.addressof(steps))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(SET_SECCOMP, BY_FILTER, ctypes.byref(made), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel takes no filter of system calls")


def _program(machine: str, barred: Numbers, by_word: Words) -> bytes:
    """Of eight bytes a step: what to do, how many steps to skip if it holds and if not, a number.

    A word of a call has eight bytes, of which the first four hold what is looked for.
    """
    place = list(MACHINES).index(machine)
    steps = [
        (LOAD, 0, 0, MACHINE_AT),
        (EQUAL, 1, 0, MACHINES[machine]),
        _REFUSE,
        (LOAD, 0, 0, NUMBER_AT),
        *_refused_if(AT_LEAST, OTHER_NUMBERS),
        (EQUAL, 0, 1, CLONE_3),
        (RETURN, 0, 0, UNKNOWN),
    ]
    for numbers in barred.values():
        if (number := numbers[place]) is not None:
            steps += _refused_if(EQUAL, number)
    for numbers, word, condition, sought in by_word.values():
        if (number := numbers[place]) is not None:
            looks = [step for one in sought for step in _refused_if(condition, one)]
            looks = [(LOAD, 0, 0, WORDS_AT + 8 * word), *looks, _ALLOW]
            steps += [(EQUAL, 0, len(looks), number), *looks]
    return b"".join(struct.pack("HBBI", *step) for step in [*steps, _ALLOW])


_ALLOW, _REFUSE = (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)


def _refused_if(condition: int, number: int) -> list[tuple[int, int, int, int]]:
    return [(condition, 0, 1, number), _REFUSE]
