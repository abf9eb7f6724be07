"""Models: the folder, the comparison, the runs, and what happens when one cannot be brought into use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from evals import intents as evaluation
from support.store import Store
from support.training import comparison
from support.training.comparison import Guess, Sample
from support.training.model_files import KEPT, ModelFolder
from support.training.problems import Problem
from support.training.runs import Progress
from tests.training_rig import Rig, open_rig, real_model

on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def rig(store: Store, tmp_path: Path) -> AsyncIterator[Rig]:
    opened = open_rig(tmp_path, store)
    yield opened
    await opened.training.close()


# --- the folder --------------------------------------------------------------------------------------------


def made(folder: ModelFolder, number: int) -> str:
    """A model with a name of its own; what is in it does not matter here."""
    with folder.scratch() as scratch:
        (scratch / "model.tar.gz").write_bytes(b"a model")
        return folder.keep(scratch / "model.tar.gz", f"{number:08x}")


def test_a_model_is_listed_with_what_it_was_made_from(tmp_path: Path) -> None:
    folder = ModelFolder(tmp_path)
    name = made(folder, 1)
    (found,) = folder.listed()
    assert (found.name, found.size, found.fingerprint) == (name, 7, "00000001")
    assert folder.of_data("00000001") == found
    assert list(tmp_path.glob(".*")) == []


def test_the_one_before_is_remembered_and_can_change_places(tmp_path: Path) -> None:
    folder = ModelFolder(tmp_path)
    first, second = made(folder, 1), made(folder, 2)
    assert folder.active() is None
    folder.activate(first, "a")
    folder.activate(second, "b")
    folder.activate(second, "c")
    active = folder.active()
    assert active is not None
    assert (active.model, active.previous, active.data) == (second, first, "c")


def test_old_models_go_but_never_the_one_in_use_nor_the_one_before(tmp_path: Path) -> None:
    folder = ModelFolder(tmp_path)
    names = sorted(made(folder, number) for number in range(KEPT + 4))
    folder.activate(names[1], "")
    folder.activate(names[0], "")
    folder.prune()
    kept = sorted(path.name for path in tmp_path.glob("*.tar.gz"))
    assert kept == [*names[:2], *names[4:]]


@pytest.mark.parametrize("name", ["../secret.tar.gz", "/etc/passwd", "20261120-101112-0000000a.json", ""])
def test_a_name_that_is_no_models_finds_nothing(tmp_path: Path, name: str) -> None:
    made(ModelFolder(tmp_path), 1)
    assert ModelFolder(tmp_path).find(name) is None


def test_a_choice_that_names_a_lost_model_is_no_choice(tmp_path: Path) -> None:
    folder = ModelFolder(tmp_path)
    name = made(folder, 1)
    folder.activate(name, "")
    folder.path(name).unlink()
    assert folder.active() is None


# --- comparing ---------------------------------------------------------------------------------------------


def test_two_models_side_by_side() -> None:
    samples = [
        Sample("a", "refund", "zh", "held_out"),
        Sample("b", "rate", "en", "held_out"),
        Sample("c", "out_of_scope", "en", "out_of_scope"),
    ]
    before = [Guess("rate", 0.5, 1.0), Guess("rate", 0.9, 3.0), Guess("greet", 0.4, 2.0)]
    after = [Guess("refund", 0.6, 1.0), Guess("rate", 0.9, 1.0), Guess("refund", 0.4, 5.0)]
    found = comparison.compare(samples, before, after)
    assert found["sets"]["held_out"]["accuracy"] == [0.5, 1.0]
    assert found["sets"]["held_out"]["languages"]["zh"] == {"messages": 1, "accuracy": [0.0, 1.0]}
    assert found["sets"]["out_of_scope"]["accuracy"] == [1.0, 0.0]
    assert found["intents"] == [
        {"intent": "rate", "messages": 1, "f1": [0.6667, 1.0]},
        {"intent": "refund", "messages": 1, "f1": [0.0, 1.0]},
    ]
    assert [(one["text"], one["verdict"]) for one in found["changed"]] == [("a", "better"), ("c", "worse")]
    assert found["latency_ms"] == {"median": [2.0, 1.0], "p95": [3.0, 5.0]}


def test_out_of_scope_means_the_same_as_to_make_eval() -> None:
    assert comparison.FLOWS == evaluation.FLOWS


# --- runs --------------------------------------------------------------------------------------------------


async def forever(progress: Progress) -> dict[str, Any]:
    progress.say("at it")
    await asyncio.Event().wait()
    return {}


async def broken(progress: Progress) -> dict[str, Any]:
    await progress.run(["sh", "-c", "echo 'no space left on the disk' >&2; exit 3"])
    return {}


async def test_a_failed_command_is_told_with_its_last_lines(rig: Rig) -> None:
    run = await rig.training.runs.wait(await rig.training.runs.start("train", "mei", "", broken))
    assert run.state == "failed"
    assert run.result is not None
    assert "no space left on the disk" in run.result["en"]


async def test_of_two_who_start_at_once_one_gets_it(rig: Rig) -> None:
    starts = [rig.training.runs.start("train", name, "", forever) for name in ("mei", "lin")]
    outcomes = await asyncio.gather(*starts, return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["Problem", "int"]


async def test_a_run_whose_process_has_gone_is_marked_as_failed_with_its_last_lines(
    rig: Rig, store: Store
) -> None:
    async with store.writing() as unit:
        run_id = await unit.model_runs.start("train", "mei", "", rig.clock())
        assert run_id
        await unit.model_runs.beat(run_id, "Validating intents...", rig.clock())
    assert (await rig.training.runs.get(run_id)).state == "running"
    rig.clock.passed = timedelta(minutes=2)
    run = await rig.training.runs.get(run_id)
    assert (run.state, run.progress) == ("failed", "Validating intents...")
    assert run.result is not None
    assert run.result["error"] == "lost"
    assert await rig.training.runs.running() is None


async def test_a_run_can_be_cancelled_from_another_process(rig: Rig, store: Store) -> None:
    run_id = await rig.training.runs.start("train", "mei", "", forever)
    async with store.writing() as unit:
        await unit.model_runs.end(run_id, "cancelled", rig.clock(), result={})
    assert (await rig.training.runs.wait(run_id)).state == "cancelled"


async def test_closing_stops_what_runs_and_says_so(rig: Rig, store: Store) -> None:
    run_id = await rig.training.runs.start("train", "mei", "", forever)
    await rig.training.close()
    async with store.reading() as unit:
        run = await unit.model_runs.get(run_id)
    assert run is not None
    assert run.state == "cancelled"


# --- into use, where something is wrong --------------------------------------------------------------------


def in_use(rig: Rig) -> str:
    active = rig.training.models.folder.active()
    return active.model if active else ""


@on_one_database
async def test_a_model_that_does_not_load_never_reaches_the_server(rig: Rig) -> None:
    models = rig.training.models
    good, bad = made(models.folder, 1), made(models.folder, 2)
    models.folder.activate(good, "")
    run = await rig.training.runs.wait(await models.activate(bad, "mei"))
    assert run.result is not None
    assert (run.state, run.result["error"]) == ("failed", "does_not_load")
    assert rig.server.asked == []
    assert in_use(rig) == good


@on_one_database
@pytest.mark.usefixtures("stack")  # it has trained this checkout's model
async def test_without_a_server_the_choice_stays(rig: Rig) -> None:
    models = rig.training.models
    before, name = made(models.folder, 1), real_model(models.folder)
    models.folder.activate(before, "")
    rig.server.loads = ""
    run = await rig.training.runs.wait(await models.activate(name, "mei"))
    assert run.result is not None
    assert run.result["error"] == "server_away"
    assert in_use(rig) == before


@on_one_database
@pytest.mark.usefixtures("stack")
async def test_a_server_that_cannot_load_it_gets_the_one_before_back(rig: Rig) -> None:
    models = rig.training.models
    before, name = made(models.folder, 1), real_model(models.folder)
    models.folder.activate(before, "")
    rig.server.loads = "none"
    run = await rig.training.runs.wait(await models.activate(name, "mei"))
    assert run.result is not None
    assert run.result["error"] == "does_not_load"
    assert rig.server.asked == [name, before]
    assert in_use(rig) == before


async def test_unknown_models_and_a_missing_past_are_refused(rig: Rig) -> None:
    models = rig.training.models
    one = made(models.folder, 1)
    for doing in (models.activate("no", "mei"), models.compare(one, "no", "mei"), models.go_back("mei")):
        with pytest.raises(Problem, match=r"no model called|no earlier model"):
            await doing
    with pytest.raises(Problem, match="two different"):
        await models.compare(one, one, "mei")
