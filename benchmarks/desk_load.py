"""A database full of conversations for the desk's benchmark, made by COPY as the projector would make it.

The rows come from the projector's own functions (`support.review`), so that they are what it would write;
the newest go through `project` itself. Indexes are built when the tables are full, which is how long it
takes anyway.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from multiprocessing import get_context
from typing import Any

import asyncpg

from benchmarks.desk_data import Talk, conversations
from support.review.events import kept, worth_telling
from support.review.summary import heard, summarise
from support.services.projection import message_row, project
from support.store import Store

# So many conversations, the newest, are projected event by event.
PROJECTED = 500
_AT_ONCE = 2_000
_MAKERS = 2
_TABLES = ("review_events", "review_conversations", "review_messages", "review_values")

Row = Mapping[str, Any]
Rows = dict[str, list[Row]]
Texts = dict[str, tuple[list[str], bytes]]
Values = set[tuple[str, str]]


def rows_of(talks: Iterable[Talk]) -> Rows:
    """What the projector would write for these conversations, by table; `review_values` with repetitions."""
    rows: Rows = {name: [] for name in _TABLES}
    for talk in talks:
        story = worth_telling([one for one in map(kept, talk.events) if one])
        summary = summarise(story, talk.beside)
        identified = {"conversation_id": talk.conversation_id, "document": summary.document}
        rows["review_conversations"].append({**identified, **summary.columns})
        rows["review_events"] += map(vars, story)
        rows["review_messages"] += map(message_row, heard(story))
        rows["review_values"] += [{"kind": kind, "value": value} for kind, value in summary.values]
    return rows


async def load(dsn: str, store: Store, count: int, say: Callable[[str], None]) -> dict[str, float]:
    """Fill the migrated, empty database; figures about it."""
    connection = await asyncpg.connect(dsn)
    indexes = await _drop_indexes(connection)
    begun, end = time.monotonic(), datetime.now(UTC)
    copied = max(count - PROJECTED, 0)
    await _copy_all(connection, partial(_made, count, end), copied, say)
    say("  indexes ...")
    await connection.execute("SET maintenance_work_mem = '512MB'")
    for statement in indexes:
        await connection.execute(statement)
    projected = await _project(store, conversations(count, end=end, part=range(copied, count)), say)
    await connection.execute("VACUUM ANALYZE")
    events = await connection.fetchval("SELECT count(*) FROM review_events")
    await connection.close()
    return {"events": events, "projected_events_per_s": projected, "loaded_in_s": time.monotonic() - begun}


async def _copy_all(
    connection: asyncpg.Connection[Any],
    make: Callable[[range], tuple[Texts, Values]],
    count: int,
    say: Callable[[str], None],
) -> None:
    """Conversations are made by processes of their own, while others are copied."""
    loop, begun = asyncio.get_running_loop(), time.monotonic()
    parts = [range(start, min(start + _AT_ONCE, count)) for start in range(0, count, _AT_ONCE)]
    values: Values = set()
    with ProcessPoolExecutor(_MAKERS, get_context("spawn")) as makers:
        ahead = deque(loop.run_in_executor(makers, make, part) for part in parts[: 2 * _MAKERS])
        for number, part in enumerate(parts):
            texts, found = await ahead.popleft()
            if number + 2 * _MAKERS < len(parts):
                ahead.append(loop.run_in_executor(makers, make, parts[number + 2 * _MAKERS]))
            values |= found
            for table, (columns, text) in texts.items():
                await connection.copy_to_table(table, source=BytesIO(text), columns=columns)
            if part.stop % (10 * _AT_ONCE) == 0:
                say(f"  {part.stop:,} conversations, {time.monotonic() - begun:.0f} s")
    await connection.copy_records_to_table("review_values", records=values, columns=["kind", "value"])


def _made(count: int, end: datetime, part: range) -> tuple[Texts, Values]:
    """Some of the conversations, ready to be copied."""
    rows = rows_of(conversations(count, end=end, part=part))
    values = {(one["kind"], one["value"]) for one in rows.pop("review_values")}
    return {table: _text(some) for table, some in rows.items()}, values


async def _project(store: Store, talks: Iterable[Talk], say: Callable[[str], None]) -> float:
    """Let the projector do the rest; Rasa's events per second."""
    events = [event for talk in talks for event in talk.events]
    say(f"  projecting {len(events):,} events ...")
    begun = time.monotonic()
    for start in range(0, len(events), 200):
        async with store.writing() as unit:
            await project(unit, events[start : start + 200])
    return len(events) / (time.monotonic() - begun)


async def _drop_indexes(connection: asyncpg.Connection[Any]) -> list[str]:
    """Drop those of the big tables that no constraint needs; the statements that make them again."""
    found = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY($1) "
        "AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        list(_TABLES),
    )
    for row in found:
        await connection.execute(f'DROP INDEX "{row["indexname"]}"')
    return [row["indexdef"] for row in found]


def _text(rows: Sequence[Row]) -> tuple[list[str], bytes]:
    """The columns, and the rows as COPY reads them."""
    columns = list(rows[0])
    lines = ("\t".join(_field(row[name]) for name in columns) for row in rows)
    return columns, "".join(f"{line}\n" for line in lines).encode()


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _field(value: Any) -> str:
    """A value in COPY's text format."""
    if value is None:
        return "\\N"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset):
        value = " ".join(f"'{token}'" for token in value)
    elif isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False)
    return str(value).translate(_ESCAPED)
