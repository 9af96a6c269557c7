# mypy: ignore-errors
import os
import signal


def double(n):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    descriptor = os.open("/tmp/large", os.O_CREAT | os.O_RDWR)
    try:
        os.truncate(descriptor, 1 << 40)
        os.posix_fallocate(descriptor, 0, 1 << 33)
    except OSError as error:
        raise OSError(f"{error.strerror} in the way of a large file") from None
