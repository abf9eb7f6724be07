"""What models make of messages: `python -m assistant.evaluate_model MODEL... [--messages FILE --out FILE]`.

Loads each model as the server does and fails if one cannot be loaded. FILE is a JSON list of texts; for each
model, by its file's name, the answer lists `[intent, confidence, milliseconds]` in the same order.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import time
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.utils.log_utils import configure_structlog

_TELL_EVERY = 200

Parsed = tuple[str, float, float]


def load(path: Path) -> Agent:
    """SystemExit when the model cannot be used."""
    if not path.is_file():
        raise SystemExit(f"there is no model {path.name}")
    try:
        agent = Agent.load(str(path))
    except Exception as error:  # whatever an archive may hold
        raise SystemExit(f"{path.name} cannot be loaded: {error}") from error
    if not agent.is_ready():
        raise SystemExit(f"{path.name} cannot be loaded")
    return agent


async def parse(agent: Agent, texts: list[str]) -> list[Parsed]:
    """One after the other, as fast as it goes."""
    found: list[Parsed] = []
    for text in texts:
        started = time.perf_counter()
        answer: dict[str, Any] = await agent.parse_message(text)
        spent = (time.perf_counter() - started) * 1000
        intent = answer["intent"]
        found.append((str(intent["name"]), round(float(intent["confidence"]), 4), round(spent, 2)))
        if len(found) % _TELL_EVERY == 0:
            print(f"{len(found)} of {len(texts)} messages", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--messages", type=Path)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    configure_structlog(logging.WARNING)  # unconfigured, Rasa prints every message
    texts = json.loads(arguments.messages.read_text(encoding="utf-8")) if arguments.messages else []
    parsed: dict[str, list[Parsed]] = {}
    for path in arguments.models:
        print(f"loading {path.name}", flush=True)
        parsed[path.name] = asyncio.run(parse(load(path), texts))
    if arguments.out:
        arguments.out.write_text(json.dumps(parsed, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
