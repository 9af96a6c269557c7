"""The files of a submission as one digest and one zip."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath


def packed(files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """A digest of every name and byte, and a zip that is the same for the same files."""
    digest = hashlib.sha256()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            digest.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
            archive.writestr(zipfile.ZipInfo(name), files[name], zipfile.ZIP_DEFLATED)
    return digest.hexdigest(), buffer.getvalue()


def unpacked(archive: bytes) -> dict[str, bytes]:
    """The files of a zip of ours."""
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return {name: file.read(name) for name in file.namelist() if not PurePosixPath(name).is_absolute()}
