"""Through the real running system: from a wrong message to a right one and back, while customers write."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from gateway.rasa import Rasa
from support.bootstrap import open_shop
from support.store import ModelRun
from support.training import Training, open_training
from support.training.model_files import ModelFolder
from tests.stack import Stack, running_stack
from tests.training_rig import copy_project, real_model

WRONG = "米粒们归仓没"
MEANT = "refund_status"
EVERY_S = 0.1
# What is asked, and a word of its answer: enough to tell that the right one came.
ASKED = [("你好", "订单"), ("运费多少", "元"), ("how much is shipping?", "deliver"), ("查快递", "订单号")]


@pytest.fixture(scope="module")
def trained(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system of its own, on a copy of the dialogue's files; it starts with this checkout's model."""
    folder = tmp_path_factory.mktemp("trained")
    project, models = copy_project(folder / "project"), ModelFolder(folder / "models")
    name = real_model(models)
    models.activate(name, models.listed()[0].fingerprint)
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
