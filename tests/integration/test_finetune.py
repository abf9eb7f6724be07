"""Fine-tuning from the dataset to the adapter, on the tiny Qwen3-VL and the lessons of `tests/lessons.py`.

That vLLM serves such an adapter and answers as taught is tested with the adapters.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from llm_server.adapters.check import problems
from llm_server.adapters.weights import tensors
from llm_server.finetune.log import Entry, read
from tests import lessons
from tools.environments import ROOT

PATIENCE_S = 300


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all runs of this file lie: one base, one dataset."""
    if reason := lessons.missing():
        if os.environ.get("CI"):
            pytest.fail(f"NOT TESTED: {reason}", pytrace=False)
        pytest.skip(f"NOT TESTED: {reason}")
    return tmp_path_factory.mktemp("finetune")


@pytest.fixture(scope="module")
def taught(folder: Path) -> Path:
    """The adapter that has learnt the lessons by sft."""
    return lessons.train_tiny(folder)


@pytest.fixture(scope="module", params=["kto", "dpo"])
def preferring(folder: Path, request: pytest.FixtureRequest) -> Path:
    """An adapter that has learnt which of two answers is wanted."""
    return lessons.train_tiny(folder, request.param)


def course(adapter: Path, figure: str) -> list[Any]:
    return [entry[figure] for entry in log(adapter) if figure in entry]


def log(adapter: Path) -> list[Entry]:
    return read(adapter / "report" / "log.jsonl")


def training(adapter: Path) -> dict[str, Any]:
    return dict(json.loads((adapter / "training.json").read_text(encoding="utf-8")))


# --- sft ---------------------------------------------------------------------------------------------------


def test_the_loss_falls_on_the_lessons(taught: Path) -> None:
    loss = course(taught, "loss")
    assert loss[-1] < loss[0] / 3


def test_the_loss_falls_on_questions_that_were_held_out(taught: Path) -> None:
    metrics = training(taught)["metrics"]
    assert metrics["dev_loss"] < metrics["dev_loss_before"] / 3


def test_held_out_questions_are_answered_as_taught_and_were_not_before(taught: Path) -> None:
    answers = json.loads((taught / "report" / "answers.json").read_text(encoding="utf-8"))
    assert {answer["language"] for answer in answers} == {"zh", "en"}
    assert any(answer["pictures"] for answer in answers)
    assert [answer for answer in answers if not answer["adapter"].startswith(answer["wanted"])] == []
    assert [answer for answer in answers if answer["base"].startswith(answer["wanted"])] == []


def test_the_adapter_has_nothing_that_vllm_would_refuse_or_ignore(taught: Path, folder: Path) -> None:
    assert problems(taught, str(folder / "base")) == []


def test_nothing_but_the_language_models_projections_was_trained(taught: Path) -> None:
    modules = {tensor.name.split(".lora_")[0] for tensor in tensors(taught / "adapter_model.safetensors")}
    assert {module.rsplit(".", 1)[1] for module in modules} == {
        *("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
    }
    assert all(".language_model.layers." in module for module in modules)


def test_the_report_says_what_happened_and_how_it_was_made(taught: Path) -> None:
    report = (taught / "report" / "report.md").read_text(encoding="utf-8")
    for said in ("| loss | ", "![loss](loss.svg)", "中文", "1 picture", "| transformers | ", "| seed | 1 |"):
        assert said in report
    assert (taught / "report" / "loss.svg").read_text(encoding="utf-8").rstrip().endswith("</svg>")


def test_a_finished_adapter_is_not_trained_again(taught: Path, folder: Path) -> None:
    before = (taught / "adapter_model.safetensors").read_bytes()
    again = lessons.attempt(folder / "taught-sft.yml")
    assert again.returncode == 1 and "never overwritten" in again.stderr
    assert (taught / "adapter_model.safetensors").read_bytes() == before


def test_a_killed_run_goes_on_and_ends_as_if_nothing_had_been(taught: Path, folder: Path) -> None:
    config = lessons.write_config(folder, name="killed")
    _kill_after(config, folder / "finetune" / "killed" / "log.jsonl", step=60)
    assert re.search(r"continuing after step (56|84)\n", lessons.finetune(config, "--resume"))
    killed = folder / "adapters" / "killed"
    assert course(killed, "step") == course(taught, "step")
    assert course(killed, "loss") == pytest.approx(course(taught, "loss"), abs=1e-3)
    assert training(killed)["metrics"] == pytest.approx(training(taught)["metrics"], abs=1e-3)


def _kill_after(config: Path, log: Path, step: int) -> None:
    """Start the run, and kill it without warning when it has come so far."""
    end = time.monotonic() + PATIENCE_S
    with subprocess.Popen(
        lessons.command(config), cwd=ROOT, env=lessons.environment(), stdout=subprocess.DEVNULL
    ) as process:
        try:
            while not any(entry["step"] >= step for entry in read(log)):
                assert process.poll() is None and time.monotonic() < end, "the run has ended by itself"
                time.sleep(0.05)
        finally:
            process.kill()


# --- kto and dpo -------------------------------------------------------------------------------------------


def test_wanted_answers_come_to_be_preferred_on_held_out_rows(preferring: Path) -> None:
    metrics = training(preferring)["metrics"]
    assert metrics["dev_rewards/margins_before"] == 0  # the base is its own reference
    assert metrics["dev_rewards/margins"] > 1


def test_wanted_answers_become_likelier_and_unwanted_ones_rarer(preferring: Path) -> None:
    metrics = training(preferring)["metrics"]
    assert metrics["dev_logps/chosen"] > metrics["dev_logps/chosen_before"]
    assert metrics["dev_logps/rejected"] < metrics["dev_logps/rejected_before"]


def test_the_report_shows_how_the_preference_grew(preferring: Path) -> None:
    margins = course(preferring, "dev_rewards/margins")
    assert margins[0] < margins[1] < margins[-1]
    assert (preferring / "report" / "rewards.svg").exists()


def test_an_adapter_of_preferences_can_be_served_too(preferring: Path, folder: Path) -> None:
    assert problems(preferring, str(folder / "base")) == []


# --- before anything is trained ----------------------------------------------------------------------------


def test_a_dry_run_needs_no_weights_and_leaves_nothing(taught: Path, folder: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(folder / "base", base, ignore=shutil.ignore_patterns("*.safetensors", "adapters"))
    config = lessons.write_config(folder, name="planned", base=str(base))
    said = lessons.finetune(config, "--dry-run")
    done = training(taught)
    assert f"{done['rows']['train']} to learn from, {done['rows']['dev']} held out" in said
    assert f"steps    {log(taught)[-1]['steps']} of" in said
    assert not (folder / "adapters" / "planned").exists() and not (folder / "finetune" / "planned").exists()


def test_rows_that_are_too_long_are_left_out_and_counted(folder: Path) -> None:
    config = lessons.write_config(folder, name="short", max_length=100)  # shorter than a row with a picture
    said = lessons.finetune(config, "--dry-run")
    assert "pictures 0" in said and "54 left out as longer than 100 tokens" in said


def test_a_base_that_cannot_be_had_is_a_message_that_says_what_to_do(folder: Path) -> None:
    config = lessons.write_config(folder, name="nowhere", base="Qwen/Qwen3-VL-8B-Instruct")
    failed = lessons.attempt(config, "--dry-run")
    assert failed.returncode == 1
    assert "The base Qwen/Qwen3-VL-8B-Instruct could not be loaded" in failed.stderr
    assert "Traceback" not in failed.stderr
