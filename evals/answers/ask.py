"""Asks two models the same questions over the OpenAI protocol, and keeps every answer as it comes.

    answers = await ask(rows, (current, candidate), Journal(folder / "answers.jsonl"), endpoint)
    answers[row.id, "candidate"]

Both are asked a row one after the other, first the one and at the next row first the other, so that what
slows the machine down slows both. Temperature 0. A run that is stopped, by the user or by a server that is
away for long, goes on where it was; answers of other models, adapters or rows are never taken for these.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from evals.answers.judge import Answer
from evals.answers.rows import Row
from support.llm import Llm, ModelUnavailable

Side = Literal["current", "candidate"]
Answers = dict[tuple[str, Side], Answer]
Told = Callable[[int, int], None]

# Seconds between tries when the server is busy or away: a restart is waited for, not more.
_PAUSES_S = (1.0, 2.0, 5.0, 15.0, 30.0)
_NEVER = 1_000_000
_BUSY = ("http_408", "http_429")


class Interrupted(Exception):
    """The server does not answer any more; what it answered so far is kept."""


@dataclass(frozen=True)
class Variant:
    """A model as the server calls it; `sha256` tells an adapter's versions apart, empty for a base model."""

    side: Side
    name: str
    sha256: str = ""


@dataclass(frozen=True)
class Endpoint:
    """Where to ask. `url` ends in `/v1`; `at_once` rows are on their way at a time."""

    url: str
    key: str = ""
    max_tokens: int = 400
    at_once: int = 4
    pauses_s: Sequence[float] = _PAUSES_S


class Journal:
    """A file of answers, one a line; the first line says what they are answers to."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def open(self, rows: Sequence[Row], variants: Sequence[Variant]) -> Answers:
        """What is there already for these rows and variants; a file about others is begun anew."""
        asked = [*(asdict(variant) for variant in variants), *(row.fingerprint for row in rows)]
        head = json.dumps({"asked": hashlib.sha256(json.dumps(asked).encode()).hexdigest()})
        lines = self._file.read_text(encoding="utf-8").splitlines() if self._file.exists() else []
        if lines[:1] == [head]:
            return dict(filter(None, map(_read, lines[1:])))
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(head, encoding="utf-8")
        return {}

    def keep(self, row: Row, side: Side, answer: Answer) -> None:
        line = json.dumps({"row": row.id, "side": side, "answer": asdict(answer)}, ensure_ascii=False)
        with self._file.open("a", encoding="utf-8") as file:
            # The break goes first: a line that was cut off by a crash spoils no other.
            file.write(f"\n{line}")


def _read(line: str) -> tuple[tuple[str, Side], Answer] | None:
    try:
        entry = json.loads(line)
        return (entry["row"], entry["side"]), Answer(**entry["answer"])
    except (ValueError, KeyError, TypeError):
        return None


async def ask(
    rows: Sequence[Row],
    variants: tuple[Variant, Variant],
    journal: Journal,
    endpoint: Endpoint,
    told: Told = lambda done, of: None,
) -> Answers:
    """Every row's answer from both. `told` hears how many there are. Raises `Interrupted`."""
    answers = journal.open(rows, variants)
    models = {variant.side: _client(endpoint, variant) for variant in variants}
    free = asyncio.Semaphore(endpoint.at_once)

    async def one_row(number: int, row: Row) -> None:
        async with free:
            for variant in variants if number % 2 == 0 else reversed(variants):
                if (row.id, variant.side) not in answers:
                    answer = await _answer(models[variant.side], row, endpoint)
                    journal.keep(row, variant.side, answer)
                    answers[row.id, variant.side] = answer
                    told(len(answers), 2 * len(rows))

    try:
        async with asyncio.TaskGroup() as tasks:
            for number, row in enumerate(rows):
                tasks.create_task(one_row(number, row))
    except ExceptionGroup as errors:
        if not (away := errors.subgroup(ModelUnavailable)):
            raise
        reason = f"{endpoint.url} does not answer ({away.exceptions[0]})"
        raise Interrupted(f"{reason}; {len(answers)} answers are kept") from errors
    finally:
        for model in models.values():
            await model.close()
    return answers


def _client(endpoint: Endpoint, variant: Variant) -> Llm:
    """Patient, and without the breaker: here a slow answer is better than none."""
    return Llm(
        endpoint.url,
        variant.name,
        endpoint.key,
        connect_s=5.0,
        first_token_s=120.0,
        total_s=300.0,
        max_tokens=endpoint.max_tokens,
        temperature=0.0,
        breaker_failures=_NEVER,
    )


async def _answer(model: Llm, row: Row, endpoint: Endpoint) -> Answer:
    """The model's answer, or that it has none to this; ModelUnavailable when the server stays away."""
    for pause_s in (*endpoint.pauses_s, None):
        try:
            reply = await model.complete(row.messages)
        except ModelUnavailable as error:
            if error.reason == "empty" or (error.reason.startswith("http_4") and error.reason not in _BUSY):
                return Answer("", error=error.reason)
            if pause_s is None:
                raise
            await asyncio.sleep(pause_s)
        else:
            cut_off = reply.finish_reason == "length"
            return Answer(reply.text, cut_off, "", reply.first_token_s, reply.total_s)
    raise AssertionError("unreachable")
