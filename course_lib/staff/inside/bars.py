"""Fresh namespaces for one submission, and limits that hold in them.

Called in a child of the warm interpreter, which stands behind bubblewrap's bars already: what is
new here is that no submission meets what another has left, neither files nor processes.
References: unshare(2), user_namespaces(7), pid_namespaces(7), capabilities(7), getrlimit(2).
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import sys
from collections.abc import Mapping

from . import calls

NEW_NS, NEW_IPC, NEW_PID = 0x00020000, 0x08000000, 0x20000000
NO_SUID_NO_DEV, NO_TIME_OF_READING = 2 | 4, 1024
BIND_WITH_ALL, TO_READ_ONLY = 4096 | 16384, 1 | 32 | 4096
NO_NEW_PRIVS, CAPBSET_DROP, SET_DUMPABLE = 38, 24, 4
CAPSET_3 = 0x20080522
MEGABYTE = 1 << 20
NOBODY = 65534
FOLDERS = ("/tmp", "/dev/shm")
"""In which there may be written at all."""
TERMINALS = b"/dev/pts"
"""Of which all submissions would have the same."""

MOST_MEMORY = 1024 * MEGABYTE
"""Of addresses in one process."""
MOST_RESIDENT = 2048 * MEGABYTE
"""Of memory in all processes of a machine together: more than one alone may have."""
MOST_PROCESSES = 128
"""Processes and threads together."""
MOST_FILE = 16 * MEGABYTE
MOST_FILES = 64
"""Open at once, in one process."""
MOST_SECONDS = 20
"""Of processor, in one process."""
LINE = 3
"""The descriptor of a process's line to the grader; those before it go nowhere."""

_libc = ctypes.CDLL(None, use_errno=True)


def become_nobody() -> None:
    """If this is root, be root no longer: for root the limits would not hold."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        _libc.prctl(SET_DUMPABLE, 1, 0, 0, 0)  # else its own /proc/self is root's


def fresh_namespaces() -> None:
    """Leave the namespaces of users, mounts, processes and messages; raise OSError if forbidden.

    The process itself stays where it is: its next child is the first of the new ones.
    """
    user, group = os.getuid(), os.getgid()
    _checked(_libc.unshare(calls.NEW_USER | NEW_NS | NEW_PID | NEW_IPC))
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")


def fresh_folders() -> None:
    """In the first process of new namespaces: an empty /tmp, and none but its own in /proc.

    Where the course itself is below /tmp, what Python needs of it stays there, read-only as it is.
    """
    kept = {folder: os.open(folder, os.O_PATH) for folder in _python_below()}
    size = f"size={2 * MOST_FILE},nr_inodes=2000".encode()
    flags = NO_SUID_NO_DEV | NO_TIME_OF_READING
    for folder in map(os.fsencode, FOLDERS):
        _checked(_libc.mount(b"tmpfs", folder, b"tmpfs", flags, size))
    _checked(_libc.mount(b"tmpfs", TERMINALS, b"tmpfs", flags | 1, b"size=4096"))
    for name in kept:
        os.makedirs(name)
    for top in {b"/".join(os.fsencode(name).split(b"/")[:3]) for name in kept}:
        _checked(_libc.mount(top, top, None, BIND_WITH_ALL, None))
        _checked(_libc.mount(None, top, None, TO_READ_ONLY | NO_SUID_NO_DEV, None))
    for name, number in kept.items():
        there, here = f"/proc/self/fd/{number}".encode(), os.fsencode(name)
        _checked(_libc.mount(there, here, None, BIND_WITH_ALL, None))
        os.close(number)
    if _libc.mount(b"proc", b"/proc", b"proc", flags, None):
        _checked(_libc.mount(b"tmpfs", b"/proc", b"tmpfs", flags, b"size=4096"))


def _python_below() -> list[str]:
    """Folders of Python's that are inside one of FOLDERS, none of them inside another."""
    wanted = sorted({sys.prefix, sys.base_prefix, os.path.realpath(sys.base_prefix)})
    below = [one for one in wanted if one.startswith(tuple(f"{folder}/" for folder in FOLDERS))]
    return [one for one in below if not any(one.startswith(f"{two}/") for two in below)]


def lock_in() -> None:
    """Give up every right, and take on the limits; nothing takes this back."""
    for capability in range(64):
        _libc.prctl(CAPBSET_DROP, capability, 0, 0, 0)
    _checked(_libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0))
    # The watcher reads what each process shares with others; nobody else is in here to do so.
    _checked(_libc.prctl(SET_DUMPABLE, 1, 0, 0, 0))
    head = (ctypes.c_uint32 * 2)(CAPSET_3, 0)
    _checked(_libc.capset(head, (ctypes.c_uint32 * 6)()))
    for limit, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_NPROC, MOST_PROCESSES),
        (resource.RLIMIT_FSIZE, MOST_FILE),
        (resource.RLIMIT_NOFILE, MOST_FILES),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_STACK, 4 * MEGABYTE),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    calls.bar()


def clear(left: Mapping[str, set[str]]) -> None:
    """Take away what is new in the folders: no conversation finds what another has left there."""
    for folder, names in left.items():
        for name in set(os.listdir(folder)) - names:
            path = os.path.join(folder, name)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path, ignore_errors=True)
            else:
                os.unlink(path)


def keep_only(descriptor: int) -> None:
    """Keep this descriptor, as LINE, and those before it: what else is open, others have, too."""
    os.dup2(descriptor, LINE)
    os.closerange(LINE + 1, 1 << 12)


def lock_in_talk() -> None:
    """In a conversation: what a piece wants to keep, it keeps in its memory, which dies with it."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    calls.bar_in_talk()


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
