"""A network of one's own, with nothing but loopback in it, and mounts that nobody else sees.

Linux only. Entering is for good: it is done by a process that lives for one grading.
Facts from namespaces(7), user_namespaces(7), netdevice(7) and mount(2).
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import socket
import struct
from pathlib import Path

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS = 0x8914
_IFF_UP_LOOPBACK_RUNNING = 0x1 | 0x8 | 0x40
_PR_SET_PDEATHSIG = 1
_MS_NOSUID_NODEV = 0x2 | 0x4
_MS_REC_PRIVATE = 0x4000 | 0x40000
_MNT_DETACH = 2
_LISTEN = "0A"


def enter() -> None:
    """Leave the machine's network for a new one with only 127.0.0.1, and its mounts; raises OSError.

    Must be called while the process has one thread: the kernel refuses otherwise.
    """
    uid, gid = os.getuid(), os.getgid()
    _check(_libc().unshare(_CLONE_NEWNET | _CLONE_NEWNS | (_CLONE_NEWUSER if uid else 0)))
    if uid:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    _check(_libc().mount(b"none", b"/", None, _MS_REC_PRIVATE, None))
    with socket.socket() as anything:
        request = struct.pack("16sh14x", b"lo", _IFF_UP_LOOPBACK_RUNNING)
        fcntl.ioctl(anything, _SIOCSIFFLAGS, request)


def mount_disk(folder: Path, megabytes: int, files: int) -> None:
    """A memory disk over ``folder`` that holds so much and no more; raises OSError.

    Only after :func:`enter`, and seen only from there.
    """
    options = f"size={megabytes}m,nr_inodes={files},mode=0755".encode()
    _check(_libc().mount(b"groundup", os.fsencode(folder), b"tmpfs", _MS_NOSUID_NODEV, options))


def unmount(folder: Path) -> None:
    """Undo :func:`mount_disk`, even while something still uses it; raises OSError."""
    _check(_libc().umount2(os.fsencode(folder), _MNT_DETACH))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends, however it ends.

    After entering a namespace, not before: a change of credentials clears the wish.
    """
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def listening_ports() -> set[int]:
    """The TCP ports somebody listens on in this process's network namespace."""
    ports: set[int] = set()
    for table in ("/proc/self/net/tcp", "/proc/self/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            _, local, _, state, *_ = row.split()
            if state == _LISTEN:
                ports.add(int(local.rpartition(":")[2], 16))
    return ports
