"""What a hostile program would try first, by functions that say how far they came.

Each is bounded, so that a machine on which a wall is missing takes no harm.
"""

import ctypes
import os
import socket
import sys
import time

_CLONE_NEWUSER = 0x10000000
# Wherever these lie, the way to them can be seen.
_PYTHON = {sys.prefix, sys.base_prefix}


def reach_out() -> list[str]:
    """The network interfaces there are, and whether a packet could leave by them."""
    found = [name for _, name in socket.if_nameindex()]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anything:
        try:
            # Connecting a datagram socket sends nothing: it only asks for a way.
            anything.connect(("192.0.2.1", 9))
            found.append("a way out")
        except OSError:
            pass
    return found


def look_around(wanted: list[str]) -> list[str]:
    """Which of these paths can be seen; of a folder on the way to Python itself, what else is in it."""
    found = []
    for path in wanted:
        own = {place[len(path) + 1 :].split("/")[0] for place in _PYTHON if place.startswith(path + "/")}
        if not own:
            found += [path] if os.path.exists(path) else []
        elif os.access(path, os.R_OK):
            found += [f"{path}/{name}" for name in os.listdir(path) if name not in own]
    return found


def look_into_the_judge() -> list[str]:
    """What of process 1, which holds the line to the judge, can be read."""
    found = []
    for name in ("environ", "mem", "maps", "fd/3"):
        try:
            with open(f"/proc/1/{name}", "rb") as file:
                file.read(1)
            found.append(name)
        except OSError:
            pass
    return found


def rise() -> list[str]:
    """The ways to become somebody with more rights that are open."""
    libc = ctypes.CDLL(None, use_errno=True)
    found = ["it is root"] if os.geteuid() == 0 else []
    if libc.unshare(_CLONE_NEWUSER) == 0:
        found.append("a user namespace of its own")
    try:
        os.setuid(0)
        found.append("setuid(0)")
    except OSError:
        pass
    return found


def multiply(enough: int) -> int:
    """How many processes can be made, up to ``enough``; they end at once when we do."""
    children: list[int] = []
    hold, release = os.pipe()
    try:
        while len(children) < enough:
            child = os.fork()
            if child == 0:
                os.close(release)
                os.read(hold, 1)
                os._exit(0)
            children.append(child)
    except OSError:
        pass
    os.close(release)
    for child in children:
        os.waitpid(child, 0)
    return len(children)


def swell(megabytes: int) -> bool:
    """Whether one process may fill so much memory."""
    try:
        kept = [b"x" * 1_048_576 for _ in range(megabytes)]
    except MemoryError:
        return False
    return len(kept) == megabytes


def swell_together(megabytes: int, processes: int) -> bool:
    """Whether several processes may fill so much memory together; ends the program if not."""
    for _ in range(processes):
        if os.fork() == 0:
            kept = [b"x" * 1_048_576 for _ in range(megabytes // processes)]
            time.sleep(2)
            os._exit(len(kept) == 0)
    for _ in range(processes):
        os.wait()
    return True


def hide_memory() -> bool:
    """Whether memory can be had that belongs to no process."""
    try:
        os.close(os.memfd_create("hidden"))
    except OSError:
        return False
    return True


def fill(folders: list[str], megabytes: int) -> int:
    """How many megabytes can be written, up to so many."""
    written = 0
    for folder in folders:
        try:
            for number in range(megabytes):
                with open(f"{folder}/fill-{number}", "wb") as file:
                    file.write(b"x" * 1_048_576)
                written += 1
                if written >= megabytes:
                    return written
        except OSError:
            continue
    return written


def litter(folder: str, enough: int) -> int:
    """How many empty files can be made, up to ``enough``."""
    for number in range(enough):
        try:
            os.close(os.open(f"{folder}/litter-{number}", os.O_CREAT))
        except OSError:
            return number
    return enough


def stay(name: str) -> bool:
    """Leave a child behind that has no parent, no session and no ear for signals."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(f"\0{name}")
            listener.listen()
            time.sleep(60)
        os._exit(0)
    os.wait()
    return True


def find(name: str) -> bool:
    """Whether that child is there."""
    with socket.socket(socket.AF_UNIX) as caller:
        return caller.connect_ex(f"\0{name}") == 0
