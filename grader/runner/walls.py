"""The walls between one sandbox and the next: namespaces, a memory disk, no privileges, a filter.

bubblewrap has raised the outer walls, those to the machine, around the nursery. Every fork of
it that becomes a sandbox gets what it must not share with its siblings, and then gives up for
good what the nursery needed to give it. Linux only; facts from namespaces(7), pid_namespaces(7),
mount(2), capabilities(7) and seccomp(2).
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import os
import struct

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUTS = 0x04000000
_CLONE_NEWIPC = 0x08000000
_CLONE_NEWPID = 0x20000000
_MS_NOSUID_NODEV = 0x2 | 0x4
_MS_NOEXEC = 0x8
_MS_BIND_REC = 0x1000 | 0x4000
_MS_REC_PRIVATE = 0x4000 | 0x40000
_PR_SET_KEEPCAPS = 8
_PR_CAPBSET_DROP = 24
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_SECCOMP_MODE_FILTER = 2
# Version 3 of the structure, of the process itself.
_CAPABILITY_HEADER = struct.pack("=Ii", 0x20080522, 0)
_CAP_SETPCAP = 8
_CAP_SYS_ADMIN = 21
_MOST_CAPABILITIES = 64


def give_up_root(uid: int) -> None:
    """Be another user, for good, who may still raise walls; raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    _check(libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    # What was kept is permitted, and not yet in effect.
    kept = 1 << _CAP_SYS_ADMIN | 1 << _CAP_SETPCAP
    _check(libc.capset(_CAPABILITY_HEADER, struct.pack("=6I", kept, kept, 0, 0, 0, 0)))


def fork() -> int:
    """As ``os.fork``, but the child is process 1 of a pid namespace of its own; raises OSError.

    ``unshare`` moves only the next children, and would move all of ours to come: so somebody
    else does it, who has one child, tells us its number and leaves it to us.
    """
    telling, told = os.pipe()
    between = os.fork()
    if between == 0:
        try:
            _check(ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWPID))
            pid = os.fork()
        except OSError as error:
            pid = -(error.errno or 1)
        if pid == 0:
            os.close(telling)
            os.close(told)
            return 0
        os.write(told, str(pid).encode())
        os._exit(0)
    os.close(told)
    with open(telling, encoding="ascii") as pipe:
        answer = int(pipe.read() or -1)
    os.waitpid(between, 0)
    if answer < 0:
        raise OSError(-answer, os.strerror(-answer))
    return answer


def enclose(disk: dict[str, int], writable: list[str]) -> None:
    """Mounts, semaphores and a host name of one's own; ``writable`` folders share one new memory disk.

    ``disk`` says how many ``megabytes`` and ``files`` it holds: the kernel's memory for a file is
    a kilobyte, so both have a limit. Raises OSError.
    """
    libc = ctypes.CDLL(None, use_errno=True)

    def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
        given = options.encode() if options else None
        _check(libc.mount(source.encode(), target.encode(), kind.encode(), flags, given))

    _check(libc.unshare(_CLONE_NEWNS | _CLONE_NEWIPC | _CLONE_NEWUTS))
    mount("none", "/", "", _MS_REC_PRIVATE)
    mount("proc", "/proc", "proc", _MS_NOSUID_NODEV | _MS_NOEXEC)
    covered = [(place, os.open(place, os.O_PATH | os.O_CLOEXEC)) for place in _mounted_below("/tmp")]
    size = f"size={disk['megabytes']}m,nr_inodes={disk['files']},mode=0755"
    mount("groundup", "/tmp", "tmpfs", _MS_NOSUID_NODEV, size)
    for folder in writable:
        os.mkdir(_on_disk(folder))
        os.chmod(_on_disk(folder), 0o1777)
    # /tmp last: it is where the disk lies until then.
    for folder in sorted(writable, key=lambda folder: folder == "/tmp"):
        mount(_on_disk(folder), folder, "", _MS_BIND_REC)
    # A clone may lie in /tmp, and its interpreter with it.
    for place, descriptor in covered:
        os.makedirs(place, mode=0o755, exist_ok=True)
        mount(f"/proc/self/fd/{descriptor}", place, "", _MS_BIND_REC)
        os.close(descriptor)


def lock(rules: str | None) -> None:
    """Give up every capability, for good, and have the kernel filter system calls from now on.

    ``rules`` is a seccomp program in base64, None where there is none for the processor.
    Raises OSError.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    for capability in range(_MOST_CAPABILITIES):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    _check(libc.capset(_CAPABILITY_HEADER, bytes(24)))
    _check(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    if rules is None:
        return
    program = base64.b64decode(rules)
    steps = ctypes.create_string_buffer(program, len(program))
    filtered = struct.pack("@HP", len(program) // 8, ctypes.addressof(steps))
    _check(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, filtered, 0, 0))


def _on_disk(folder: str) -> str:
    return "/tmp/" + folder.strip("/").replace("/", "-")


def _mounted_below(folder: str) -> list[str]:
    places: list[str] = []
    with contextlib.suppress(OSError), open("/proc/self/mountinfo", encoding="utf-8") as lines:
        # Spaces and the like stand in octal.
        places = [line.split()[4].encode().decode("unicode_escape") for line in lines]
    return sorted({place for place in places if place.startswith(folder + "/")})


def _check(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
