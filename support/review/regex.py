"""Regular expressions over what was said, with an end to their patience.

    async with Matcher(r"退.{0,3}款", seconds=2) as matcher:
        await matcher.first_lines(["我想退掉这笔款", "你好"])       # [("我想退掉这笔款", 2), None]

Python's own expressions, without regard to case. They run in a process of their own (`matching.py`),
because an expression like (a+)+b can take longer than anybody waits, and nothing but the end of its process
stops it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

_PROGRAM = Path(__file__).with_name("matching.py")
_LONGEST_ANSWER = 64 * 1024 * 1024


class BadRegex(ValueError):
    """The expression is no expression; the message says why."""


class TooSlow(Exception):
    """The expression took longer, or more memory, than it may."""


class Matcher:
    """One expression and its process; all that it is asked together takes `seconds` at most."""

    def __init__(self, pattern: str, seconds: float) -> None:
        self._pattern, self._left = pattern, seconds

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(_PROGRAM)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=_LONGEST_ANSWER,
        )
        try:
            if fault := (await self._ask(self._pattern))["fault"]:
                raise BadRegex(fault)
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    async def first_lines(self, texts: Sequence[str]) -> list[tuple[str, int] | None]:
        """The first line that matches in each text, and where in it; TooSlow when the time is up."""
        return [(one[0], one[1]) if one else None for one in await self._ask(list(texts))]

    async def _ask(self, question: Any) -> Any:
        begun = time.monotonic()
        try:
            async with asyncio.timeout(self._left):
                answer = await self._exchange(json.dumps(question).encode() + b"\n")
        except (TimeoutError, ConnectionError):
            raise TooSlow from None
        self._left -= time.monotonic() - begun
        if not answer:  # the process has ended: there was not enough memory for it
            raise TooSlow
        return json.loads(answer)

    async def _exchange(self, line: bytes) -> bytes:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin and stdout
        stdin.write(line)
        await stdin.drain()
        return await stdout.readline()

    async def _end(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
