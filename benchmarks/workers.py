"""One Rasa worker beside two, on PostgreSQL with Redis locks: `make bench-workers`.

    python -m benchmarks.workers [--workers 1 2] [--rounds N] [--seconds N]

For each number of workers the system is started anew; the mix is held by 20 callers at Rasa's REST channel.
Shown are turns a second and the processor time of each process for a turn: throughput can grow until the
cores are full. Then messages are sent into conversations without waiting for answers, and the trackers are
read: each message must be there once with its answer right behind it, and what came through the gateway in
the order in which it was sent.

Writes `results/workers.json`. Needs PostgreSQL and Redis (`make services`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import uuid
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import asyncpg

from benchmarks import mix
from benchmarks.held import events_of
from benchmarks.load import Round, client, load, say
from benchmarks.report import BUSY, machine
from benchmarks.sides import Side, running_ours, talks, verify
from tests.stack import Stack
from tools import servers

Send = Callable[[str, str], Coroutine[Any, Any, None]]  # to a conversation, these words

_RESULTS = Path(__file__).parent / "results" / "workers.json"
_WARM_UP_S = 5.0
_CONVERSATIONS_PER_S = 25
_COUNTED = """
    SELECT pg_database_size(datname) AS bytes, xact_commit + xact_rollback AS transactions
    FROM pg_stat_database WHERE datname = current_database()
"""
# As fast as nobody types, but so that the order of arrival is certain.
_CONVERSATIONS, _MESSAGES, _APART_S = 8, 12, 0.1


def main() -> int:
    options = _options()
    for service in ("postgres", "redis"):
        if not servers.listens(service):
            print(f"{service} does not listen; `make services` starts it.", file=sys.stderr)
            return 2
    found = {str(workers): _measured(workers, options) for workers in options.workers}
    result = {
        "workers": found,
        "callers": BUSY,
        "rounds": options.rounds,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "database": "postgresql, redis locks",
    }
    _RESULTS.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for workers, figures in found.items():
        print(f"{workers} workers: {figures}")
    wrong = [
        one for figures in found.values() for door in figures["wrong_conversations"].values() for one in door
    ]
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="+", default=(1, 2))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10, help="how long a round lasts")
    return parser.parse_args()


def _measured(workers: int, options: argparse.Namespace) -> dict[str, Any]:
    print(f"starting {workers} workers ...", flush=True)
    with tempfile.TemporaryDirectory() as folder, _database() as database_url:
        changed = {
            "database_url": database_url,
            "redis_url": servers.url("redis"),
            "rasa_workers": workers,
        }
        with running_ours(Path(folder), **changed) as (side, stack):
            return asyncio.run(_both(side, stack, options))


async def _both(side: Side, stack: Stack, options: argparse.Namespace) -> dict[str, Any]:
    customers = mix.customers(stack.guide)
    await _round(side, customers, 0, _WARM_UP_S)
    before = await _database_figures(side)
    rounds = [await _round(side, customers, 1 + number, options.seconds) for number in range(options.rounds)]
    after, turns = await _database_figures(side), sum(one.turns + one.unanswered for one in rounds)
    grown = {f"{name}_per_turn": round((after[name] - before[name]) / turns, 1) for name in after}
    return _figures(rounds) | grown | {"wrong_conversations": await _wrong(side, stack, customers)}


async def _round(side: Side, customers: Sequence[mix.Customer], number: int, seconds: float) -> Round:
    enough = BUSY + round(_CONVERSATIONS_PER_S * seconds)
    prepared = await talks(side, customers, range(number * enough, (number + 1) * enough))
    made = await load(side, prepared, BUSY, seconds)
    print(f"  {made.turns_per_s:.1f} turns/s", flush=True)
    return made


def _figures(rounds: Sequence[Round]) -> dict[str, Any]:
    spent = {
        name: round(statistics.median(one.processor_ms_per_turn[name] for one in rounds), 2)
        for name in rounds[0].processor_s
    }
    return {
        "turns_per_s": round(statistics.median(one.turns_per_s for one in rounds), 1),
        "p95_ms": round(statistics.median(one.percentile_ms(95) for one in rounds), 1),
        "unanswered": sum(one.unanswered for one in rounds),
        "processor_ms_per_turn": spent | {"all": round(sum(spent.values()), 2)},
    }


# --- parallel messages of one conversation -----------------------------------------------------------------


async def _wrong(side: Side, stack: Stack, customers: Sequence[mix.Customer]) -> dict[str, list[str]]:
    """What went wrong in conversations whose messages did not wait for answers, by door; nothing is good.

    The gateway keeps the order of arrival. Where several workers listen at one port, it is the system that
    decides which of them hears first of two messages, so at Rasa's own door order is not looked at.
    """
    async with client() as session:

        async def at_rasa(conversation_id: str, words: str) -> None:
            await say(session, side.rasa_url, conversation_id, words)

        async def at_gateway(conversation_id: str, words: str) -> None:
            body = {"conversation_id": conversation_id, "text": words, "language": "zh"}
            async with session.post(f"{stack.gateway_url}/api/chat/messages", json=body) as answer:
                answer.raise_for_status()

        return {
            "rasa": await _impatient(session, side, customers, at_rasa, ordered=False),
            "gateway": await _impatient(session, side, customers, at_gateway, ordered=True),
        }


async def _impatient(
    session: aiohttp.ClientSession, side: Side, customers: Sequence[mix.Customer], send: Send, ordered: bool
) -> list[str]:
    held = [(uuid.uuid4().hex, customers[number % len(customers)]) for number in range(_CONVERSATIONS)]
    await verify(side, held)
    words = [f"我的订单到哪了 {number}" for number in range(_MESSAGES)]
    await asyncio.gather(*(_send_all(conversation_id, words, send) for conversation_id, _ in held))
    found = [
        disorder(words, await events_of(session, side, conversation_id), ordered=ordered)
        for conversation_id, _ in held
    ]
    return [wrong for wrong in found if wrong]


async def _send_all(conversation_id: str, words: Sequence[str], send: Send) -> None:
    """None of the messages waits for an answer."""
    async with asyncio.TaskGroup() as group:
        for text in words:
            group.create_task(send(conversation_id, text))
            await asyncio.sleep(_APART_S)


def disorder(sent: Sequence[str], events: Sequence[dict[str, Any]], *, ordered: bool = True) -> str:
    """What is wrong with a tracker that was sent these messages in this order; empty when nothing is."""
    heard = [event["text"] for event in events if event["event"] == "user"]
    if sorted(heard) != sorted(sent):
        return f"lost or doubled: {heard}"
    if ordered and heard != list(sent):
        return f"out of order: {heard}"
    spoken = [event["event"] for event in events if event["event"] in ("user", "bot")]
    silent = [
        one
        for one, following in zip(spoken, [*spoken[1:], "user"], strict=True)
        if one == following == "user"
    ]
    return f"{len(silent)} without an answer" if silent else ""


@contextmanager
def _database() -> Iterator[str]:
    """An empty PostgreSQL database, dropped afterwards."""
    name = f"shopclerk_bench_{uuid.uuid4().hex[:8]}"
    asyncio.run(_administer(f"CREATE DATABASE {name}"))
    try:
        yield urlunsplit(urlsplit(servers.url("postgres"))._replace(path=f"/{name}"))
    finally:
        asyncio.run(_administer(f"DROP DATABASE {name} WITH (FORCE)"))


async def _database_figures(side: Side) -> dict[str, int]:
    """Bytes on disk, indexes included, and transactions; trackers and records share a database."""
    connection = await asyncpg.connect(_dsn(side.settings.database_url))
    row = await connection.fetchrow(_COUNTED)
    await connection.close()
    return dict(row)


def _dsn(url: str) -> str:
    return url.replace("+asyncpg", "", 1)


async def _administer(statement: str) -> None:
    connection = await asyncpg.connect(_dsn(servers.url("postgres")))
    await connection.execute(statement)
    await connection.close()


if __name__ == "__main__":
    sys.exit(main())
