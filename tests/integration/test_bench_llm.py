"""The short form of `make bench-llm`: bare vLLM against the guard proxy, and a ratio that must hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.llm import servers
from benchmarks.llm.load import Question, completions, under_load
from benchmarks.llm.report import Figures, write
from support import prompts
from tests.model_server import ModelServer

# The proxy leaves nearly all of it; a busy machine's noise takes the rest.
_LEAST = 0.4
_TOKENS = 60
_ROUNDS = 3


@pytest.fixture
def questions() -> list[Question]:
    persona = prompts.Persona("云集小铺")
    texts = [f"第{number}件商品几天能到？" for number in range(16)]
    return [Question(text, "zh", prompts.build("answer", "zh", persona, question=text)) for text in texts]


async def test_the_proxy_leaves_the_servers_throughput_and_the_figures_are_written(
    model_server: ModelServer, questions: list[Question], tmp_path: Path
) -> None:
    server = servers.Door(model_server.base_url, "", model_server.model, "tiny")
    with servers.guarded(tmp_path, server) as proxy:
        doors = {
            "server": completions(server.url, server.key, server.model, _TOKENS),
            "assistant": completions(proxy.url, proxy.key, proxy.model, _TOKENS),
        }
        loads = {
            8: {
                name: [await under_load(ask, questions, 8) for _ in range(_ROUNDS)]
                for name, ask in doors.items()
            }
        }
    write(Figures("tiny", _TOKENS, "here", 1.0, loads), tmp_path / "results")
    found = json.loads((tmp_path / "results" / "llm.json").read_text(encoding="utf-8"))
    assert found["throughput_ratio"] > _LEAST
    assert found["callers"]["8"]["server"]["worded"] == 1
    assert (tmp_path / "results" / "llm.svg").read_text(encoding="utf-8").startswith("<?xml")
