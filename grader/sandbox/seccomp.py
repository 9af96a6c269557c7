"""System calls that no exercise needs and an attacker would like, as a filter for the kernel.

What is refused: memory that belongs to no process and so escapes its limits and outlives it
(memfd, System V shared memory, message queues), namespaces and mounts of one's own, looking
into other processes, kinds of sockets that a network namespace does not hold, and the parts
of the kernel with the longest record of holes.

Facts from seccomp(2), linux/filter.h, linux/audit.h and the kernel's syscall tables.
"""

from __future__ import annotations

import errno
import platform
import struct

# Numbers on x86_64 and aarch64.
_REFUSED = {
    "add_key": (248, 217),
    "bpf": (321, 280),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "mq_open": (240, 180),
    "msgget": (68, 186),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "semget": (64, 190),
    "setns": (308, 268),
    "shmget": (29, 194),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
# "There is no such call" instead of "not allowed": whoever asks has an older way to do it.
_ABSENT = {"clone3": (435, 435), "io_uring_enter": (426, 426), "io_uring_setup": (425, 425)}
_CLONE = (56, 220)
_NEW_NAMESPACES = 0x7E020000
_SOCKET = (41, 198)
# AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK; not, for one, the road to a virtual machine's host.
_FAMILIES = (1, 2, 10, 16)
# The size of a socket's buffers, which are the kernel's memory and in nobody's account: the
# wish is taken for granted and not granted, because a program would not know what to do.
_SETSOCKOPT = (54, 208)
_SOL_SOCKET = 1
_BUFFER_SIZES = (7, 8, 32, 33)
_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_X32 = 0x40000000

_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT, _THIRD_ARGUMENT = 0, 4, 16, 24, 32
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000


def program(machine: str = "") -> bytes | None:
    """The filter for this processor (or ``machine``), as bwrap's ``--seccomp`` reads it; None for others."""
    known = _ARCHITECTURES.get(machine or platform.machine())
    if known is None:
        return None
    architecture, column = known
    # Another architecture's calls have other numbers: the filter would be blind to them.
    steps = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL)]
    steps += [(_LOAD, 0, 0, _NUMBER)]
    if column == 0:
        steps += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    for calls, answer in ((_REFUSED, errno.EPERM), (_ABSENT, errno.ENOSYS)):
        for numbers in calls.values():
            steps += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _ERRNO | answer)]
    steps += [(_EQUAL, 0, 3 + len(_FAMILIES), _SOCKET[column]), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
    steps += [(_EQUAL, len(_FAMILIES) - n, 0, family) for n, family in enumerate(_FAMILIES)]
    steps += [(_RETURN, 0, 0, _ERRNO | errno.EAFNOSUPPORT), (_RETURN, 0, 0, _ALLOW)]
    sizes = len(_BUFFER_SIZES)
    steps += [(_EQUAL, 0, 5 + sizes, _SETSOCKOPT[column]), (_LOAD, 0, 0, _SECOND_ARGUMENT)]
    steps += [(_EQUAL, 0, 1 + sizes, _SOL_SOCKET), (_LOAD, 0, 0, _THIRD_ARGUMENT)]
    steps += [(_EQUAL, sizes - n, 0, size) for n, size in enumerate(_BUFFER_SIZES)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ERRNO)]
    steps += [
        (_EQUAL, 1, 0, _CLONE[column]),
        (_RETURN, 0, 0, _ALLOW),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_AND, 0, 0, _NEW_NAMESPACES),
        (_EQUAL, 0, 1, 0),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
