"""Models: list, train in the background, compare, bring into use, go back. All but the list are runs.

Bringing a model into use: it is loaded once in a process of its own, so that a broken one never reaches the
server; then the server loads it beside the old one and swaps them. Messages wait for that second and are
answered (docs/decisions/0014). `models/active.json` is written when the server says that it has the model.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from support.store import Store
from support.training import comparison
from support.training.comparison import Guess, Sample
from support.training.model_files import ModelFile, ModelFolder
from support.training.problems import Problem
from support.training.project import Project, evaluate_command
from support.training.runs import CommandFailed, Progress, Runs
from support.training.text import key
from support.training.yaml_files import read_folder

_TEST_SET = Path("evals") / "data"
_REVIEWED_AT_MOST = 2000
_WORST_FIRST = {"worse": 0, "better": 1, "other": 2}


class ModelServer(Protocol):
    """What answers customers with a model."""

    async def load_model(self, path: Path) -> str:
        """Load it; the file name of the model that is in use afterwards, empty when nothing answers."""


@dataclass(frozen=True)
class ModelInfo:
    """A model as a list shows it. `report` is the last comparison in which it was the newer one."""

    name: str
    trained_at: datetime
    size: int
    fingerprint: str
    active: bool
    previous: bool
    current_data: bool
    report: Mapping[str, Any] | None


class Models:
    """The models of one project on one server, whose workers tell each other (`assistant.model_sharing`)."""

    def __init__(self, store: Store, project: Project, runs: Runs, server: ModelServer) -> None:
        self._store, self._project, self._runs, self._server = store, project, runs, server
        self.folder = ModelFolder(project.models_folder)

    async def listed(self) -> list[ModelInfo]:
        """The newest first."""
        found, active, now = await asyncio.to_thread(
            lambda: (self.folder.listed(), self.folder.active(), self._project.fingerprint())
        )
        compared = [run for run in await self._runs.recent(kind="compare") if run.state == "done"]
        reports = {run.model: run.result for run in reversed(compared)}
        return [
            ModelInfo(
                name=one.name,
                trained_at=one.trained_at,
                size=one.size,
                fingerprint=one.fingerprint,
                active=active is not None and active.model == one.name,
                previous=active is not None and active.previous == one.name,
                current_data=one.fingerprint == now,
                report=reports.get(one.name),
            )
            for one in found
        ]

    # --- train -------------------------------------------------------------------------------------------

    async def train(self, staff: str) -> int:
        """Start training on the files as they are; the run's id. Its result: `{model, seconds}`."""
        return await self._runs.start("train", staff, "", self._train)

    async def _train(self, progress: Progress) -> dict[str, Any]:
        begun = time.monotonic()
        before = await asyncio.to_thread(self._project.fingerprint)
        with self.folder.scratch() as scratch:
            await progress.run(self._project.train_command(scratch, "model"))
            after = await asyncio.to_thread(self._project.fingerprint)
            # Edited meanwhile: nobody can say which files it was made from.
            name = self.folder.keep(scratch / "model.tar.gz", before if before == after else "")
        self.folder.prune()
        return {"model": name, "seconds": round(time.monotonic() - begun)}

    # --- compare -----------------------------------------------------------------------------------------

    async def compare(self, before: str, after: str, staff: str) -> int:
        """Start comparing two models on the test set, and on what people have reviewed; the run's id.

        The result: `{before, model, sets, intents, changed, latency_ms}`, see `comparison.compare`.
        Problem: unknown_model, same_model.
        """
        if before == after:
            raise Problem("same_model")
        models = [self._find(name) for name in (before, after)]
        return await self._runs.start(
            "compare", staff, after, lambda progress: self._compare(progress, models)
        )

    async def _compare(self, progress: Progress, models: Sequence[ModelFile]) -> dict[str, Any]:
        samples = await asyncio.to_thread(self._held_out) + await self._reviewed()
        before, after = (one.name for one in models)
        guesses = await self._guesses(progress, [before, after], [sample.text for sample in samples])
        report = comparison.compare(samples, guesses[before], guesses[after])
        report["changed"].sort(key=lambda one: _WORST_FIRST[one["verdict"]])
        return {"before": before, "model": after} | report

    async def _reviewed(self) -> list[Sample]:
        async with self._store.reading() as unit:
            return [Sample(*row) for row in await unit.training_examples.reviewed(_REVIEWED_AT_MOST)]

    def _held_out(self) -> list[Sample]:
        known = (one for file in read_folder(self._project.nlu).files for one in file.known())
        return comparison.held_out(self._project.folder / _TEST_SET, {key(one.text) for one in known})

    async def _guesses(
        self, progress: Progress, names: Sequence[str], texts: Sequence[str]
    ) -> dict[str, list[Guess]]:
        with tempfile.TemporaryDirectory(prefix="shopclerk-") as scratch:
            messages, out = Path(scratch) / "messages.json", Path(scratch) / "parsed.json"
            messages.write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
            command = evaluate_command(*map(self.folder.path, names))
            await progress.run([*command, "--messages", str(messages), "--out", str(out)])
            parsed = json.loads(out.read_text(encoding="utf-8"))
        return {name: [Guess(*one) for one in parsed[name]] for name in names}

    # --- into use ----------------------------------------------------------------------------------------

    async def activate(self, name: str, staff: str) -> int:
        """Start bringing a model into use; the run's id. Problem `unknown_model`.

        In the run: does_not_load, server_away. Then the model before is still in use.
        """
        found = self._find(name)
        return await self._runs.start(
            "activate", staff, name, lambda progress: self._activate(progress, found.name)
        )

    async def go_back(self, staff: str) -> int:
        """Bring the model before this one into use; the run's id. Problem `no_previous`."""
        active = self.folder.active()
        if active is None or self.folder.find(active.previous) is None:
            raise Problem("no_previous")
        return await self.activate(active.previous, staff)

    async def _activate(self, progress: Progress, name: str) -> dict[str, Any]:
        try:
            await progress.run(evaluate_command(self.folder.path(name)))
        except CommandFailed as error:
            raise Problem("does_not_load", model=name, why=error) from error
        progress.say("it loads; now on the server")
        # Whoever cancels now must not leave the server with one model and the file with another.
        return await asyncio.shield(self._swap(progress, name))

    async def _swap(self, progress: Progress, name: str) -> dict[str, Any]:
        begun = time.monotonic()
        active = self.folder.active()
        loaded = await self._server.load_model(self.folder.path(name))
        if loaded != name:
            # A server that could not load it has no model at all now.
            if active:
                await self._server.load_model(self.folder.path(active.model))
            raise Problem("does_not_load" if loaded else "server_away", model=name, why="")
        self.folder.activate(name, await asyncio.to_thread(self._project.fingerprint))
        self.folder.prune()
        progress.say("in use")
        return {"model": name, "seconds": round(time.monotonic() - begun, 2)}

    def _find(self, name: str) -> ModelFile:
        found = self.folder.find(name)
        if found is None:
            raise Problem("unknown_model", model=name)
        return found
