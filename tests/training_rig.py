"""A copy of the dialogue project to train and to write into, and a clock that tests move."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from support.settings import Settings
from support.store import Store
from support.training import Training, open_training
from support.training.model_files import ModelFolder
from tests.stack import stack_settings
from tools.environments import ROOT


class Clock:
    """The real time, plus what a test has let pass."""

    def __init__(self) -> None:
        self.passed = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.passed


@dataclass
class Server:
    """Stands in for the dialogue server: it says that `loads` is loaded, or what it was given."""

    loads: str | None = None
    asked: list[str] = field(default_factory=list)

    async def load_model(self, path: Path) -> str:
        self.asked.append(path.name)
        return path.name if self.loads is None else self.loads


@dataclass(frozen=True)
class Rig:
    """`training` on a project of its own in `folder`."""

    folder: Path
    training: Training
    clock: Clock
    server: Server

    def nlu(self, name: str) -> Path:
        return self.folder / "data" / "nlu" / f"{name}.yml"


def copy_project(folder: Path) -> Path:
    """The dialogue's files, to be changed."""
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "config.yml", folder)
    for part in ("domain", "data", "evals/data"):
        shutil.copytree(ROOT / part, folder / part)
    return folder


def dialogue_settings(folder: Path) -> Settings:
    """Settings of a system whose dialogue and models lie below this folder."""
    return stack_settings(folder, dialogue=folder / "project", models=folder / "models")


def open_rig(folder: Path, store: Store) -> Rig:
    """Close its `training` when done."""
    project, clock, server = copy_project(folder / "project"), Clock(), Server()
    return Rig(project, open_training(dialogue_settings(folder), store, clock, server), clock, server)


def real_model(folder: ModelFolder) -> str:
    """A copy of this checkout's model in use."""
    ours = ModelFolder(ROOT / "models")
    active = ours.active()
    assert active is not None
    with folder.scratch() as scratch:
        shutil.copy(ours.path(active.model), scratch / "model.tar.gz")
        return folder.keep(scratch / "model.tar.gz", active.data)
