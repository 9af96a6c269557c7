# mypy: ignore-errors
import glob
import os
import stat


def loot(told):
    found = []
    for path in [
        "/dev/mem",
        "/dev/kmem",
        "/dev/port",
        "/proc/kcore",
        "/dev/kmsg",
        *glob.glob("/dev/[svx]d*"),
        *glob.glob("/dev/nvme*"),
    ]:
        try:
            os.close(os.open(path, os.O_RDONLY))
            found.append(path)
        except OSError:
            continue
    for major in (8, 254, 259):
        try:
            os.mknod(f"/tmp/disk{major}", stat.S_IFBLK | 0o600, os.makedev(major, 0))
            found.append(f"{major}:0")
        except OSError:
            continue
    raise LookupError(f"devices: {found}" if found else "no device")
