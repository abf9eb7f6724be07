"""What vLLM is started with: the profile's limits, guards that every profile has, and no secret on show."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from llm_server import profiles
from llm_server.command import Adapter, Command, engine_command
from llm_server.machine import Gpu

KEY = "a-key-that-nobody-may-see"
CARD = Gpu(2, "GPU-3", "H100", 80, 79, (9, 0))


def command(profile: str = "qwen3-vl-8b", **changed: Any) -> Command:
    given: dict[str, Any] = {
        "python": "python",
        "weights": "/models/qwen",
        "key": KEY,
        "port": 8001,
        "gpu": CARD,
    }
    return engine_command(profiles.load()[profile], **(given | changed))


def value(made: Command, flag: str) -> str:
    """What follows a flag, which is there once."""
    assert made.arguments.count(flag) == 1
    return made.arguments[made.arguments.index(flag) + 1]


def test_the_key_goes_by_the_environment_only() -> None:
    made = command()
    assert made.environment["VLLM_API_KEY"] == KEY
    assert not any(KEY in word for word in made.arguments)


def test_what_is_shown_can_be_read_by_anyone() -> None:
    shown = command().shown()
    assert KEY not in shown
    assert "CUDA_VISIBLE_DEVICES=2 \\\n" in shown
    assert (
        """\n  --limit-mm-per-prompt '{"image":{"count":4,"width":1024,"height":1024},"video":0}' \\"""
        in shown
    )


def test_only_this_machine_can_reach_the_engine() -> None:
    assert value(command(), "--host") == "127.0.0.1"


def test_requests_call_the_model_by_its_public_name_wherever_it_lies() -> None:
    made = command()
    assert value(made, "--model") == "/models/qwen"
    assert value(made, "--served-model-name") == "Qwen/Qwen3-VL-8B-Instruct"


def test_links_to_pictures_lead_nowhere() -> None:
    made = command()
    assert value(made, "--allowed-media-domains").endswith(".invalid")
    assert made.environment["VLLM_MEDIA_URL_ALLOW_REDIRECTS"] == "0"


def test_the_limits_are_the_profiles() -> None:
    profile = profiles.load()["qwen3-vl-8b"]
    made = command()
    assert value(made, "--max-model-len") == str(profile.context)
    assert value(made, "--max-num-seqs") == str(profile.sequences)
    assert value(made, "--max-num-queued-reqs") == str(profile.queue)
    size = json.loads(value(made, "--mm-processor-kwargs"))["size"]
    assert size["longest_edge"] == profile.images.pixels


def test_a_profile_adds_replaces_and_removes_flags() -> None:
    shipped = profiles.load()["qwen3-vl-8b"]
    flags = {"tool-call-parser": "qwen3_xml", "async-scheduling": False, "shutdown-timeout": None, "seed": 7}
    own = shipped.model_copy(update={"flags": flags})
    made = engine_command(own, python="python", weights="/models/qwen", key=KEY, port=8001, gpu=CARD)
    assert value(made, "--tool-call-parser") == "qwen3_xml"
    assert value(made, "--seed") == "7"
    assert "--no-async-scheduling" in made.arguments and "--async-scheduling" not in made.arguments
    assert "--shutdown-timeout" not in made.arguments


def test_memory_that_others_use_is_left_to_them() -> None:
    assert value(command(), "--gpu-memory-utilization") == "0.92"
    busy = Gpu(0, "GPU-1", "H100", 80, 60, (9, 0))
    assert value(command(gpu=busy), "--gpu-memory-utilization") == "0.73"


def test_without_a_card_nothing_is_said_of_cards() -> None:
    made = command("qwen3-vl-2b-cpu", gpu=None)
    assert "--gpu-memory-utilization" not in made.arguments
    assert "CUDA_VISIBLE_DEVICES" not in made.environment


def test_on_the_cpu_torchvision_is_made_to_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    first, second = command("qwen3-vl-2b-cpu", gpu=None).environment["PYTHONPATH"].split(os.pathsep)
    assert (Path(first) / "sitecustomize.py").is_file()
    assert second == "/elsewhere"
    assert "PYTHONPATH" not in command().environment


@pytest.mark.parametrize(("ranks", "rank"), [([8], "8"), ([8, 24], "32"), ([64, 16], "64"), ([200], "256")])
def test_adapters_are_served_by_name_with_room_for_the_largest(ranks: list[int], rank: str) -> None:
    adapters = [
        Adapter(f"a{number}", Path(f"/adapters/a{number}"), size) for number, size in enumerate(ranks)
    ]
    made = command(adapters=adapters)
    assert value(made, "--max-lora-rank") == rank
    assert value(made, "--max-loras") == str(len(ranks))
    assert "--enable-lora" in made.arguments
    assert value(made, "--lora-modules") == "a0=/adapters/a0"


def test_without_adapters_none_are_enabled() -> None:
    assert "--enable-lora" not in command().arguments


def test_what_the_user_adds_comes_last() -> None:
    assert command(extra=("--max-num-seqs", "2")).arguments[-2:] == ("--max-num-seqs", "2")
