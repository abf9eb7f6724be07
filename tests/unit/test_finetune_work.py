"""An unfinished run's folder and log: what continues, what is refused, what is never overwritten."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llm_server import Trouble
from llm_server.finetune import work
from llm_server.finetune.config import Config
from llm_server.finetune.log import Log, duration, read


def run_in(folder: Path, **changes: Any) -> Config:
    keys = {"name": "winter", "base": "base", "method": "sft", "adapters": str(folder / "adapters")}
    return Config.model_validate(keys | changes)


def interrupted(config: Config, *steps: int) -> Path:
    """A run that has reached these checkpoints."""
    with work.opened(config, "rows", must_continue=False) as unfinished:
        for step in steps:
            checkpoint = unfinished.checkpoints / f"checkpoint-{step}"
            checkpoint.mkdir(parents=True)
            (checkpoint / "trainer_state.json").write_text(json.dumps({"global_step": step}))
        return unfinished.folder


def test_a_run_continues_from_its_newest_checkpoint(tmp_path: Path) -> None:
    folder = interrupted(run_in(tmp_path), 50, 100)
    with work.opened(run_in(tmp_path), "rows", must_continue=True) as continued:
        assert continued.last_checkpoint() == folder / "checkpoints" / "checkpoint-100"


def test_a_checkpoint_that_was_cut_off_is_not_continued_from(tmp_path: Path) -> None:
    folder = interrupted(run_in(tmp_path), 50, 100)
    (folder / "checkpoints" / "checkpoint-100" / "trainer_state.json").write_text("{")
    found = work.Work(folder).last_checkpoint()
    assert found and work.step_of(found) == 50


def test_a_run_that_began_otherwise_is_refused_and_the_difference_named(tmp_path: Path) -> None:
    interrupted(run_in(tmp_path), 50)
    with (
        pytest.raises(Trouble, match="rank was 16, is 32; the dataset's rows are others"),
        work.opened(run_in(tmp_path, rank=32), "other rows", must_continue=False),
    ):
        pass


def test_without_a_checkpoint_a_run_begins_anew(tmp_path: Path) -> None:
    folder = interrupted(run_in(tmp_path))
    (folder / "log.jsonl").write_text("{}\n")
    with work.opened(run_in(tmp_path, rank=32), "other rows", must_continue=False) as begun:
        assert not begun.log.exists()


def test_continuing_needs_something_to_continue(tmp_path: Path) -> None:
    with (
        pytest.raises(Trouble, match="no interrupted run of winter"),
        work.opened(run_in(tmp_path), "rows", must_continue=True),
    ):
        pass


def test_two_processes_do_not_train_the_same_run(tmp_path: Path) -> None:
    with (
        work.opened(run_in(tmp_path), "rows", must_continue=False),
        pytest.raises(Trouble, match="being trained already"),
        work.opened(run_in(tmp_path), "rows", must_continue=False),
    ):
        pass


def test_a_finished_adapter_is_never_overwritten(tmp_path: Path) -> None:
    run_in(tmp_path).finished.mkdir(parents=True)
    with pytest.raises(Trouble, match="never overwritten"):
        work.refuse_if_finished(run_in(tmp_path))


def test_the_adapter_appears_whole_and_the_run_is_forgotten(tmp_path: Path) -> None:
    with work.opened(run_in(tmp_path), "rows", must_continue=False) as run:
        run.adapter.mkdir()
        (run.adapter / "training.json").touch()
        run.finish(run_in(tmp_path).finished)
    assert (tmp_path / "adapters" / "winter" / "training.json").exists()
    assert not run.folder.exists()


def test_the_log_keeps_what_matters_by_our_names(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.jsonl")
    log.add(10, 40, {"loss": 2.0, "entropy": 1.0, "num_tokens": 900})
    log.add(10, 40, {"eval_loss": 2.5, "eval_runtime": 3.0})
    log.add(40, 40, {"train_runtime": 60.0})
    first, second = read(tmp_path / "log.jsonl")
    assert first["loss"] == 2.0 and first["tokens_per_s"] > 0 and "entropy" not in first
    assert second["dev_loss"] == 2.5 and second["step"] == 10


def test_a_continued_log_has_no_step_twice(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    log = Log(path)
    for step in (10, 20, 30):
        log.add(step, 40, {"loss": 1.0})
    with path.open("a") as file:
        file.write('{"step": 40, "st')  # as a crash leaves it
    continued = Log(path, step=20)
    continued.add(30, 40, {"loss": 0.5})
    assert [(entry["step"], entry["loss"]) for entry in read(path)] == [(10, 1.0), (20, 1.0), (30, 0.5)]


def test_progress_is_a_line_with_what_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Log(tmp_path / "log.jsonl").add(40, 40, {"loss": 1.25, "num_tokens": 100})
    said = capsys.readouterr().out
    assert said.startswith("step 40/40  loss 1.2500  ") and said.endswith("0 s left\n")


@pytest.mark.parametrize(
    ("seconds", "spoken"), [(45, "45 s"), (600, "10 min"), (11_100, "3 h 05 min"), (5_400, "1 h 30 min")]
)
def test_durations_are_spoken(seconds: float, spoken: str) -> None:
    assert duration(seconds) == spoken
