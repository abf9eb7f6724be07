"""The log of every process, without personal data. Standard library only: Rasa's process uses it too.

    logs.set_up()             # first thing in a process: its own lines, warnings, tracebacks, prints

Two nets. What is logged holds no customer's words in the first place: errors name their type, SQL hides its
parameters (`support.store`), validation its input. Behind that, whatever a process writes to its standard
output and error is masked on its way out (`support.personal.mask`), a library's lines too; so are
conversation ids that are UUIDs, since a conversation is private by its id alone.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, TextIO

from support.personal import mask

_FORMAT = "%(levelname)s %(name)s: %(message)s"
# Their lines name addresses, and secrets may be a part of one.
_QUIET = ("httpx", "httpx2", "httpcore", "openai", "urllib3")
_UUID = re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b|\b[0-9a-f]{32}\b")
# Some libraries log JSON that spells Chinese characters like this.
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
# PostgreSQL quotes the row that it refuses.
_DETAIL = re.compile(r"(DETAIL:\s*)(?:Key|Failing row)[^\n]*")
# The first admin's one-time link is written to be read.
_MEANT = "/desk/join/"
# What of the terminal's colours would hide the end of a value.
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def masked(written: str) -> str:
    """A piece of a log without what is personal in it."""
    if _MEANT in written:
        return written
    plain = _ESCAPED.sub(_unescaped, written) if "\\u" in written else written
    plain = _DETAIL.sub(r"\1[hidden]", _COLOURS.sub("", plain))
    return _UUID.sub("[id]", mask(plain, "en"))


def _unescaped(found: re.Match[str]) -> str:
    """The characters; halves of one that is written in two stay as they are."""
    try:
        halves = found[0].encode("ascii").decode("unicode_escape")
        return halves.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        return found[0]


class _Masked:
    """A text stream that masks what is written; in all else the stream that it stands before."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        self.stream.write(text if text.isspace() else masked(text))
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def mask_streams() -> None:
    """From now on standard output and error are masked; a second call changes nothing."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and not isinstance(stream, _Masked):
            setattr(sys, name, _Masked(stream))


def set_up(level: int = logging.INFO) -> None:
    """The log of this process, whatever set one up before."""
    mask_streams()
    logging.basicConfig(level=level, format=_FORMAT, stream=sys.stderr, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
