"""Where a run lives: `var/finetune/<name>/` until it is complete, then `var/adapters/<name>/`.

    run.json        the configuration and the dataset's hash: only the same run continues
    log.jsonl       what `log.py` writes
    checkpoints/    TRL's, with the optimizer's state
    adapter/        the finished adapter, being assembled; renamed at the end, so that it appears whole

A finished adapter is never overwritten. What was interrupted continues from its last whole checkpoint.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from llm_server import Trouble
from llm_server.finetune.config import Config


@dataclass(frozen=True)
class Work:
    """The folder of an unfinished run."""

    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / "log.jsonl"

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints"

    @property
    def adapter(self) -> Path:
        return self.folder / "adapter"

    def last_checkpoint(self) -> Path | None:
        """The newest whole one. TRL writes the state last: without it, the writing was interrupted."""
        whole = [path for path in self.checkpoints.glob("checkpoint-*") if step_of(path) and _is_whole(path)]
        return max(whole, key=step_of, default=None)

    def finish(self, destination: Path) -> None:
        """Put the assembled adapter in its place and forget the run."""
        destination.parent.mkdir(parents=True, exist_ok=True)
        self.adapter.rename(destination)
        shutil.rmtree(self.folder)


def step_of(checkpoint: Path) -> int:
    number = checkpoint.name.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def _is_whole(checkpoint: Path) -> bool:
    try:
        return bool(json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return False


def refuse_if_finished(config: Config) -> None:
    """Before anything is loaded: Trouble when an adapter of this name exists."""
    if config.finished.exists():
        raise Trouble(
            f"{config.finished} exists, and a finished adapter is never overwritten."
            " Give this run another `name:`, or remove that folder."
        )


@contextmanager
def opened(config: Config, dataset: str, must_continue: bool) -> Iterator[Work]:
    """The run's folder, ours alone; emptied unless there is a checkpoint of the same run to continue from."""
    refuse_if_finished(config)
    work = Work(config.adapters.parent / "finetune" / config.name)
    if must_continue and not work.last_checkpoint():
        raise Trouble(f"There is no interrupted run of {config.name} to continue: leave out --resume.")
    work.folder.mkdir(parents=True, exist_ok=True)
    with (work.folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Trouble(f"{config.name} is being trained already, by another process.") from None
        _prepare(work, {"config": config.model_dump(mode="json"), "dataset_sha256": dataset})
        yield work


def _prepare(work: Work, run: dict[str, object]) -> None:
    description = work.folder / "run.json"
    if work.last_checkpoint():
        _refuse_if_different(json.loads(description.read_text(encoding="utf-8")), run, work.folder)
    else:
        shutil.rmtree(work.checkpoints, ignore_errors=True)
        work.log.unlink(missing_ok=True)
    shutil.rmtree(work.adapter, ignore_errors=True)
    description.write_text(json.dumps(run, indent=1), encoding="utf-8")


def _refuse_if_different(before: dict[str, object], now: dict[str, object], folder: Path) -> None:
    if before == now:
        return
    old, new = before["config"], now["config"]
    assert isinstance(old, dict) and isinstance(new, dict)
    changed = [
        f"{key} was {old.get(key)!r}, is {value!r}" for key, value in new.items() if old.get(key) != value
    ]
    if before["dataset_sha256"] != now["dataset_sha256"]:
        changed.append("the dataset's rows are others")
    raise Trouble(
        f"{folder} holds an interrupted run of this name that began otherwise: {'; '.join(changed)}.\n"
        "Continue it as it began, remove that folder, or choose another `name:`."
    )
