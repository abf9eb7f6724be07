"""How much later than the model's own first word the customer sees one: `make bench-stream`.

Starts the whole system with a scripted model server on loopback, asks questions that a model words, and
takes the time from when that server has written its first token to when the client has read its first
`delta`. Nothing is subtracted: in between lie the action's client, the side channel, the gateway and this
client. The first tokens are words, which nothing holds back; what might become `NO_ANSWER` or a citation
waits for the next token by design, and is not measured here.

Writes `results/streaming.json`. Both clocks are this process's `perf_counter`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import sys
import tempfile
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import httpx

from tests.fakes_model import FakeModel
from tests.sse import heard
from tests.stack import Stack, running_stack

_RESULTS = Path(__file__).parent / "results" / "streaming.json"
_GOAL_MS = 50
_WARM_UP_TURNS = 5
_TIMEOUT_S = 60
_THINKS_S = 0.15
_TOKEN_EVERY_S = 0.01
# Answered by articles, and by no vetted answer: that would not need a model.
_QUESTIONS = (
    (
        "zh",
        "买完就降价了，差价能退给我吗？",
        ["可以", "申请", "价格", "保护", "，请", "在订单", "页", "提交", "[1]", "。"],
    ),
    (
        "en",
        "The price dropped after I bought it, can I get the difference back?",
        [
            "You ",
            "can ",
            "ask ",
            "for ",
            "price ",
            "protection ",
            "on ",
            "the ",
            "order ",
            "page ",
            "[1]",
            ".",
        ],
    ),
)


async def _turn(client: httpx.AsyncClient, model: FakeModel, number: int) -> float:
    """Seconds from the model's first token to the customer's first word."""
    language, question, tokens = _QUESTIONS[number % len(_QUESTIONS)]
    model.enqueue(*tokens, hang_s=_THINKS_S, pause_s=_TOKEN_EVERY_S)
    body = {"conversation_id": uuid.uuid4().hex, "text": question, "language": language}
    first_word: float | None = None
    async with heard(client, "/api/chat/messages", json=body) as events:
        async for event in events:
            if event.kind == "delta" and first_word is None:
                first_word = time.perf_counter()
            if event.kind == "withdraw":
                raise RuntimeError(f"the answer to {question!r} was withdrawn")
    if first_word is None:
        raise RuntimeError(f"no word of the answer to {question!r} was streamed")
    return first_word - model.first_tokens[-1]


async def _measure(stack: Stack, model: FakeModel, turns: int) -> list[float]:
    async with httpx.AsyncClient(base_url=stack.gateway_url, timeout=_TIMEOUT_S, trust_env=False) as client:
        for number in range(_WARM_UP_TURNS):
            await _turn(client, model, number)
        return [await _turn(client, model, number) * 1000 for number in range(turns)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=100)
    turns = parser.parse_args().turns
    with (
        tempfile.TemporaryDirectory() as folder,
        FakeModel() as model,
        running_stack(Path(folder), llm_url=model.base_url, llm_model="scripted") as stack,
    ):
        added = asyncio.run(_measure(stack, model, turns))
    cuts = statistics.quantiles(added, n=100, method="inclusive")
    result = {
        "first_word_added_ms_p50": round(cuts[49], 1),
        "first_word_added_ms_p95": round(cuts[94], 1),
        "turns": turns,
        "goal_ms_p50": _GOAL_MS,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
    }
    _RESULTS.parent.mkdir(exist_ok=True)
    _RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    p50, p95 = result["first_word_added_ms_p50"], result["first_word_added_ms_p95"]
    print(f"the first word is seen {p50} ms (p50), {p95} ms (p95) after the model wrote it")
    return 0 if cuts[49] < _GOAL_MS else 1


if __name__ == "__main__":
    sys.exit(main())
