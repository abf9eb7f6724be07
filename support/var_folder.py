"""The folder of what the running system writes (`SHOPCLERK_VAR`): its owner's alone, and known to be in use.

    keep_private(settings.var)                      # before a program writes anything
    with held(settings.var) as is_held: ...         # the gateway, as long as it runs
    with held(settings.var, alone=True) as is_held: # what may not work beside it

Records, conversations, pictures and logs hold customers' data, wherever a shop lets them be written: no other
user of the machine is to read them, whatever its usual rights are.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_private(var: Path) -> None:
    """Whatever this process and those that it starts write is for their own user; an older folder as well."""
    os.umask(_OTHERS)
    if not var.is_dir():
        return
    found = var.stat()
    # Not a folder like /tmp, nor somebody else's, who has thought about it.
    if found.st_uid == os.getuid() and not found.st_mode & stat.S_ISVTX:
        var.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)


@contextmanager
def held(var: Path, *, alone: bool = False) -> Iterator[bool]:
    """Whether the folder could be had, by many or by one alone, until the block or the process ends."""
    var.mkdir(parents=True, exist_ok=True)
    folder = os.open(var, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_NB | (fcntl.LOCK_EX if alone else fcntl.LOCK_SH))
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(folder)
