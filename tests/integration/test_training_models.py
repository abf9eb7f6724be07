"""Models: the folder, the runs, and through the real running system from a wrong message to a right one."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from evals import intents as evaluation
from gateway.rasa import Rasa
from support.bootstrap import open_shop
from support.store import ModelRun, Store
from support.training import Training, comparison, open_training
from support.training.comparison import Guess, Sample
from support.training.model_files import KEPT, ModelFolder
from support.training.problems import Problem
from support.training.runs import Progress
from tests.stack import Stack, running_stack
from tests.training_rig import Rig, copy_project, open_rig
from tools.environments import ROOT

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


def real_model(folder: ModelFolder) -> str:
    """A copy of this checkout's model in use."""
    ours = ModelFolder(ROOT / "models")
    active = ours.active()
    assert active is not None
    with folder.scratch() as scratch:
        shutil.copy(ours.path(active.model), scratch / "model.tar.gz")
        return folder.keep(scratch / "model.tar.gz", active.data)


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


# --- the real running system -------------------------------------------------------------------------------

WRONG = "米粒们归仓没"
MEANT = "refund_status"
EVERY_S = 0.1
# What is asked, and a word of its answer: enough to tell that the right one came.
ASKED = [("你好", ""), ("运费多少", "元"), ("how much is shipping?", "deliver"), ("转到哪查快递", "")]


@pytest.fixture(scope="module")
def trained(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system of its own, on a copy of the dialogue's files; it starts with this checkout's model."""
    folder = tmp_path_factory.mktemp("trained")
    project, models = copy_project(folder / "project"), ModelFolder(folder / "models")
    with models.scratch():
        name = real_model(models)
    models.activate(name, str(models.listed()[0].fingerprint))
    with running_stack(folder, stack, dialogue=project, models=models.folder) as running:
        yield running


class Chat:
    """Customers who write all the time, each a tenth of a second after the last answer."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._over = asyncio.Event()
        self.answers: dict[str, dict[str, Any]] = {uuid.uuid4().hex: {} for _ in range(6)}
        self.slowest_s = 0.0

    async def go_on(self) -> None:
        """Until `end`, and then to the last answer."""
        await asyncio.gather(*(self._talk(talk) for talk in self.answers))

    def end(self) -> None:
        self._over.set()

    async def _talk(self, talk: str) -> None:
        for number in itertools.count():
            if self._over.is_set():
                return
            begun, text = time.perf_counter(), ASKED[number % len(ASKED)][0]
            body = {"conversation_id": talk, "message_id": f"m{number}", "text": text}
            answer = await self._client.post("/api/chat/messages", json=body)
            assert answer.status_code == 200, answer.text
            self.answers[talk][f"m{number}"] = answer.json()
            self.slowest_s = max(self.slowest_s, time.perf_counter() - begun)
            await asyncio.sleep(EVERY_S)


async def done(training: Training, run_id: int) -> ModelRun:
    run = await training.runs.wait(run_id)
    assert run.state == "done", run.result
    return run


async def test_from_a_wrong_message_to_a_right_one_and_back_without_dropping_any(trained: Stack) -> None:
    settings = trained.settings
    async with AsyncExitStack() as cleanup:
        shop = open_shop(settings)
        cleanup.push_async_callback(shop.close)
        rasa = Rasa(settings.rasa_url, settings.channel_secret.get_secret_value())
        cleanup.push_async_callback(rasa.close)
        client = httpx.AsyncClient(base_url=trained.gateway_url, timeout=120, trust_env=False)
        await cleanup.enter_async_context(client)
        training = open_training(settings, shop.store, shop.clock, rasa)
        cleanup.push_async_callback(training.close)

        async def meaning() -> str:
            return str((await rasa.parse(WRONG))["intent"]["name"])

        assert await meaning() != MEANT

        # A person says what it means; the files learn it, and a model learns it from the files.
        await training.examples.add(WRONG, MEANT, "zh", "mei")
        await done(training, await training.examples.export("mei"))
        (old,) = await training.models.listed()
        assert (old.active, old.current_data) == (True, False)
        new = (await done(training, await training.models.train("mei"))).model

        report = (await done(training, await training.models.compare(old.name, new, "mei"))).result
        assert report is not None
        assert report["sets"]["held_out"]["messages"] > 500
        assert report["sets"]["held_out"]["accuracy"][1] > 0.9
        assert report["sets"]["held_out"]["languages"].keys() == {"zh", "en"}

        # Customers write all the time while the model changes twice.
        chat = Chat(client)
        writing = asyncio.create_task(chat.go_on())
        await done(training, await training.models.activate(new, "mei"))
        assert await meaning() == MEANT
        listed = {one.name: one for one in await training.models.listed()}
        assert (listed[new].active, listed[new].current_data) == (True, True)
        assert (listed[old.name].previous, listed[new].report is not None) == (True, True)
        await done(training, await training.models.go_back("mei"))
        assert await meaning() != MEANT
        chat.end()
        await writing
        count = sum(map(len, chat.answers.values()))
        print(f"{count} messages, the slowest answer took {chat.slowest_s:.2f} s")

        # Every message has one answer, stored as it was given, from the bot, and Rasa heard each once.
        for talk, given in chat.answers.items():
            async with shop.store.reading() as unit:
                kept = await unit.conversations.last_messages(talk, 1000)
            assert {message.message_id: message.reply for message in kept} == given
            heard = [event["message_id"] for event in await rasa.events(talk) if event["event"] == "user"]
            assert sorted(heard) == sorted(given)
            for message_id, answer in given.items():
                _, word = ASKED[int(message_id.removeprefix("m")) % len(ASKED)]
                assert answer["holder"] == "bot"
                assert answer["messages"]
                assert word in " ".join(one.get("text") or "" for one in answer["messages"])
