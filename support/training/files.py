"""Writing files so that a reader sees the old one or the new one, never half of either."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Replace a file, or make it; its permissions stay. OSError when that is not possible."""
    # The dot keeps Rasa and the fingerprint from reading it, should we die before the end.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(path.stat().st_mode if path.exists() else 0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Replace several; when one cannot be written, those before it are put back."""
    before: dict[Path, bytes] = {}
    try:
        for path, content in contents.items():
            old = path.read_bytes()
            write(path, content)
            before[path] = old
    except BaseException:
        for path, content in before.items():
            with suppress(OSError):
                write(path, content)
        raise
