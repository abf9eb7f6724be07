"""From reviewed words to a better bot, over HTTP: examples, tests, models, talking to it, guests' links."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from support.store import Store
from tests.desks import Colleague, staffed
from tests.doors import OpenDoor, open_door
from tests.fakes_rasa import FakeRasa
from tests.review_talks import Talk
from tests.training_rig import copy_project

SAID = "钱怎么还没影子呢急死我了"

# Rasa's validation takes two cores for a while, and is the same for either database.
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass(frozen=True)
class Desk:
    """A reviewer of a shop with a project of its own."""

    mei: Colleague
    door: OpenDoor
    project: Path

    def nlu(self, name: str) -> Path:
        return self.project / "data" / "nlu" / f"{name}.yml"

    async def add(self, said: str = SAID, intent: str = "refund_status") -> httpx.Response:
        return await self.mei.post("/desk/review/examples/add", text=said, intent=intent)

    async def finished(self, answer: httpx.Response) -> str:
        assert answer.status_code == 200, answer.text
        while polled := re.search(r'hx-get="(/desk/models/runs/\d+)"', answer.text):
            await asyncio.sleep(0.3)
            answer = await self.mei.get(polled[1])
        return answer.text


@pytest_asyncio.fixture
async def desk(database_url: str, tmp_path: Path, rasa: FakeRasa) -> AsyncIterator[Desk]:
    project = copy_project(tmp_path / "project")
    changed = {"dialogue": project, "models": tmp_path / "models"}
    async with (
        open_door(database_url, tmp_path, rasa, **changed) as door,
        staffed(door, "mei", "reviewer") as mei,
    ):
        yield Desk(mei, door, project)


# --- examples ----------------------------------------------------------------------------------------------


async def test_an_example_waits_with_a_preview_of_the_lines_to_come(desk: Desk) -> None:
    assert (await desk.add()).status_code == 200
    shown = (await desk.mei.get("/desk/review/examples")).text
    assert "data/nlu/refund_status.yml" in shown
    assert re.search(rf'class="added">\+ +- {SAID}', shown)


async def test_words_that_the_training_data_has_are_refused_with_their_place(desk: Desk) -> None:
    refused = await desk.add("你好", "greet")
    assert refused.status_code == 409
    assert "data/nlu/small_talk.yml:" in refused.text


async def test_an_unknown_intent_is_refused(desk: Desk) -> None:
    assert "has no intent" in (await desk.add(intent="buy_the_shop")).text


async def test_a_dropped_example_comes_back_by_undo(desk: Desk) -> None:
    await desk.add()
    number = re.search(r"/examples/(\d+)/drop", (await desk.mei.get("/desk/review/examples")).text)
    assert number
    await desk.mei.post(f"/desk/review/examples/{number[1]}/drop")
    assert SAID not in (await desk.mei.get("/desk/review/examples")).text
    await desk.mei.post("/desk/review/undo", dropped=number[1])
    assert SAID in (await desk.mei.get("/desk/review/examples")).text


async def test_waiting_examples_are_downloaded_as_a_training_file(desk: Desk) -> None:
    await desk.add()
    file = await desk.mei.get("/desk/review/examples/download")
    assert 'filename="examples.yml"' in file.headers["content-disposition"]
    assert f"      - {SAID}\n" in file.text


@on_one_database
async def test_an_export_keeps_what_was_edited_by_hand_since_the_page_was_opened_and_says_so(
    desk: Desk,
) -> None:
    await desk.add()
    shown = await desk.mei.get("/desk/review/examples")
    seen = re.search(r'name="seen" value="([^"]*)"', shown.text)
    assert seen
    file = desk.nlu("refund_status")
    before = "# by hand\n" + file.read_text(encoding="utf-8")
    file.write_text(before, encoding="utf-8")
    told = await desk.finished(
        await desk.mei.post("/desk/review/examples/export", seen=html.unescape(seen[1]))
    )
    assert "was edited after you opened the page" in told
    assert "1 written" in told
    after = file.read_text(encoding="utf-8")
    assert after.replace(f"      - {SAID}\n", "") == before
    assert SAID not in (await desk.mei.get("/desk/review/examples")).text


async def test_a_file_broken_by_hand_is_named_with_its_line_and_nothing_is_lost(desk: Desk) -> None:
    await desk.add()
    desk.nlu("refund_status").write_text("nlu: [\n", encoding="utf-8")
    shown = await desk.mei.get("/desk/review/examples")
    assert "data/nlu/refund_status.yml:" in shown.text
    assert SAID in shown.text
    refused = await desk.mei.post("/desk/review/examples/export", seen="{}")
    assert "not valid YAML" in refused.text


async def test_an_export_without_examples_is_refused(desk: Desk) -> None:
    assert "no new examples" in (await desk.mei.post("/desk/review/examples/export", seen="{}")).text


# --- a test from a conversation ----------------------------------------------------------------------------


async def test_a_conversation_becomes_a_test_with_the_corrected_intent(
    desk: Desk, rasa: FakeRasa, store: Store
) -> None:
    talk = await Talk("conversation-test-01").say(SAID, "refund", 0.4, message_id="m1").project(store)
    rasa.trackers["conversation-test-01"] = [{**event.body, "message_id": "m1"} for event in talk.events]
    shown = await desk.mei.get("/desk/review/conversation-test-01")
    number = re.search(r"/messages/(\d+)/relabel", shown.text)
    assert number
    await desk.mei.post(f"/desk/review/messages/{number[1]}/relabel", intent="refund_status")
    made = await desk.mei.post("/desk/review/conversation-test-01/test", name="Late money")
    assert "tests/dialogue/recorded/test_late_money.yml" in made.text
    kept = (desk.project / "tests/dialogue/recorded/test_late_money.yml").read_text(encoding="utf-8")
    assert f"{SAID}\n    intent: refund_status" in kept
    again = await desk.mei.post("/desk/review/conversation-test-01/test", name="Late money")
    assert "There is a test conversation of this name" in again.text


# --- models ------------------------------------------------------------------------------------------------


async def test_without_an_earlier_model_there_is_no_way_back(desk: Desk) -> None:
    assert "no earlier model" in (await desk.mei.post("/desk/models/back")).text


async def test_a_model_that_does_not_exist_is_refused(desk: Desk) -> None:
    refused = await desk.mei.post("/desk/models/activate", model="../../secret.tar.gz")
    assert "no model called" in refused.text


@on_one_database
async def test_only_one_run_goes_at_a_time_and_it_can_be_cancelled(desk: Desk) -> None:
    started = await desk.mei.post("/desk/models/train")
    number = re.search(r"/desk/models/runs/(\d+)", started.text)
    assert number
    assert "still going" in (await desk.mei.post("/desk/models/train")).text
    await desk.mei.post(f"/desk/models/runs/{number[1]}/cancel")
    assert "Cancelled" in (await desk.mei.get(f"/desk/models/runs/{number[1]}")).text


# --- talking to it -----------------------------------------------------------------------------------------


async def test_talking_begins_a_conversation_of_its_own_each_time(desk: Desk) -> None:
    first, second = (await desk.mei.get("/desk/talk")), (await desk.mei.get("/desk/talk"))
    assert first.headers["location"] != second.headers["location"]
    shown = await desk.mei.get(first.headers["location"])
    assert shown.status_code == 200


async def test_the_tracker_shows_the_slots_the_form_and_the_ranking(desk: Desk, rasa: FakeRasa) -> None:
    talk = Talk("test-0123456789abcdef", channel="test").say("我要退款", "refund", 0.77)
    talk.do("refund_form", order_id="6203847501926", requested_slot="refund_reason").form("refund_form")
    talk.answer("哪里有问题？")
    rasa.trackers[talk.conversation_id] = [
        {**event.body, "timestamp": event.at.timestamp()} for event in talk.events
    ]
    shown = (await desk.mei.get(f"/desk/talk/{talk.conversation_id}")).text
    for part in ("我要退款", "0.77", "6203847501926", "refund_form", "Waits for", "哪里有问题？"):
        assert part in shown


async def test_a_customers_conversation_cannot_be_spoken_in(desk: Desk) -> None:
    assert (await desk.mei.get("/desk/talk/conversation-of-a-customer")).status_code == 404


async def test_the_page_says_when_the_dialogue_server_is_away(desk: Desk, rasa: FakeRasa) -> None:
    rasa.stop()
    shown = await desk.mei.get("/desk/talk/test-0123456789abcdef")
    assert "does not answer just now" in shown.text


# --- guests ------------------------------------------------------------------------------------------------


async def test_a_guests_link_opens_the_chat_until_it_is_ended(desk: Desk) -> None:
    made = await desk.mei.post("/desk/guests", name="Designers", days="3")
    link = re.search(r'value="(http[^"]+/guest/[^"]+)"', made.text)
    assert link
    assert (await desk.door.client.get(link[1])).status_code == 200
    said = {"conversation_id": "conversation-of-a-guest", "text": "你好", "channel": "guest"}
    token = {"X-Shopclerk-Guest": link[1].rpartition("/")[2]}
    for _ in range(2):
        assert (
            await desk.door.client.post("/api/chat/messages", json=said, headers=token)
        ).status_code == 200
    listed = (await desk.mei.get("/desk/guests")).text
    assert re.search(r"Designers.*?<td[^>]*>1</td>", listed, re.S)
    number = re.search(r"/desk/guests/(\d+)/revoke", listed)
    assert number
    await desk.mei.post(f"/desk/guests/{number[1]}/revoke")
    assert (await desk.door.client.get(link[1])).status_code == 410


async def test_a_guests_link_needs_a_name_and_a_sensible_time(desk: Desk) -> None:
    assert "Say who" in (await desk.mei.post("/desk/guests", name=" ", days="3")).text
    assert "1 to 90 days" in (await desk.mei.post("/desk/guests", name="X", days="900")).text
