"""Weights from a hub by the hubs' own libraries, against a hub on this machine."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from llm_server import profiles
from tests.fakes_hub import FakeHub
from tests.llm_launcher import require_vllm
from tools.environments import ROOT, python_of

PROFILE = profiles.load()["qwen3-vl-2b-cpu"]
PART = "model.safetensors"
_FIND = """
import sys
from llm_server import Trouble, profiles, weights
weights.TELL_EVERY_S = 0.2
try:
    print("FOUND", weights.find(profiles.load()["qwen3-vl-2b-cpu"], sys.argv[1]))
except Trouble as trouble:
    sys.exit(str(trouble))
"""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[FakeHub]:
    require_vllm()
    folder = tmp_path / "hub"
    folder.mkdir()
    (folder / "config.json").write_text(
        json.dumps({"architectures": [PROFILE.architecture]}), encoding="utf-8"
    )
    for name in ("tokenizer.json", "preprocessor_config.json"):
        (folder / name).write_text("{}", encoding="utf-8")
    save_file({"numbers": np.arange(4_000_000, dtype=np.float32)}, folder / PART)
    with FakeHub(PROFILE.model, folder) as hub:
        yield hub


def find(hub: FakeHub, source: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Ask for the weights as the launcher does, in the environment that it runs in."""
    places = {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(home / "huggingface"),
        "MODELSCOPE_DOMAIN": hub.url.removeprefix("http://"),
        "MODELSCOPE_ENDPOINT": hub.url,
        "MODELSCOPE_CACHE": str(home / "modelscope"),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HOME": str(home),
    }
    return subprocess.run(
        [str(python_of("llm-cpu")), "-c", _FIND, source],
        cwd=ROOT,
        env=os.environ | places,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def folder_of(done: subprocess.CompletedProcess[str]) -> Path:
    assert done.returncode == 0, done.stdout + done.stderr
    return Path(done.stdout.rsplit("FOUND ", 1)[1].strip())


@pytest.mark.parametrize("source", ["huggingface", "modelscope"])
def test_what_is_missing_is_fetched_whole(source: str, hub: FakeHub, tmp_path: Path) -> None:
    folder = folder_of(find(hub, source, tmp_path))
    assert (folder / PART).read_bytes() == (hub.folder / PART).read_bytes()


@pytest.mark.parametrize("source", ["huggingface", "modelscope"])
def test_what_is_here_is_used_without_the_network(source: str, hub: FakeHub, tmp_path: Path) -> None:
    first = folder_of(find(hub, source, tmp_path))
    hub.asked.clear()
    assert folder_of(find(hub, source, tmp_path)) == first
    assert hub.asked == []


def test_a_lost_connection_is_taken_up_where_it_broke(hub: FakeHub, tmp_path: Path) -> None:
    hub.break_at(12_000_000, times=1)  # the library keeps what it has in steps of ten megabytes
    folder = folder_of(find(hub, "huggingface", tmp_path))
    assert [first > 0 for name, first in hub.asked if name == PART] == [False, True]
    assert (folder / PART).read_bytes() == (hub.folder / PART).read_bytes()


def test_after_a_download_that_failed_only_the_rest_is_fetched(hub: FakeHub, tmp_path: Path) -> None:
    hub.break_at(1_000, times=100)
    failed = find(hub, "huggingface", tmp_path)
    assert failed.returncode == 1
    assert "Files that arrived whole are kept" in failed.stderr
    hub.break_at(0, times=0)
    hub.asked.clear()
    folder_of(find(hub, "huggingface", tmp_path))
    assert {name for name, _ in hub.asked} == {PART}


def test_in_a_log_a_line_now_and_then_says_how_much_has_arrived(hub: FakeHub, tmp_path: Path) -> None:
    hub.break_at(12_000_000, times=1)  # a second passes until it is taken up
    done = find(hub, "huggingface", tmp_path)
    assert "of 4.3 GB" in done.stdout and "MB/s" in done.stdout


def test_a_model_that_the_hub_does_not_have_is_told_with_the_other_ways(hub: FakeHub, tmp_path: Path) -> None:
    hub.model = "somebody/else"
    failed = find(hub, "huggingface", tmp_path)
    assert failed.returncode == 1
    assert f"{PROFILE.model} from huggingface failed" in failed.stderr
    assert "SHOPCLERK_LLM_WEIGHTS=" in failed.stderr
