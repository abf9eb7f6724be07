"""When Rasa does not answer, the customer still gets something useful, and a person gets the conversation."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.rasa import Rasa
from tests.doors import OpenDoor, open_door
from tests.fakes_rasa import FakeRasa

RESUMED = [{"event": "resume"}, {"event": "action", "name": "action_listen"}]


@pytest_asyncio.fixture
async def dead(door: OpenDoor, rasa: FakeRasa) -> OpenDoor:
    """A gateway whose Rasa has gone."""
    rasa.stop()
    return door


async def test_without_rasa_the_customer_is_queued_with_an_apology(dead: OpenDoor) -> None:
    reply = await dead.say("我的快递丢了", language="zh")
    assert reply["holder"] == "queue"
    [message] = reply["messages"]
    assert message["text"].startswith("抱歉，我这边出了点状况")
    assert message["text"].endswith("下一位就是您，请稍等。")
    assert message["buttons"] == [{"title": "返回助手", "payload": "返回助手"}]


async def test_the_apology_is_in_the_customers_language(dead: OpenDoor) -> None:
    reply = await dead.say("my parcel is lost")
    assert reply["messages"][0]["text"].startswith("Sorry, something went wrong on my side")
    assert reply["messages"][0]["text"].endswith("You're next, just a moment.")


async def test_the_apology_follows_the_words_not_the_page(dead: OpenDoor) -> None:
    reply = await dead.say("my parcel is lost", language="zh")
    assert reply["messages"][0]["text"].startswith("Sorry")


async def test_the_person_gets_what_the_customer_said(dead: OpenDoor) -> None:
    await dead.say("我的快递丢了")
    detail = (await dead.staff("GET", f"/{await dead.waiting()}")).json()
    assert detail["reason"] == "failure"
    assert detail["packet"]["last_messages"] == [
        {"who": "customer", "text": "我的快递丢了", "attachments": []}
    ]


async def test_further_messages_go_to_the_queue_and_are_kept(dead: OpenDoor) -> None:
    await dead.say("我的快递丢了")
    assert await dead.say("有人吗") == {"messages": [], "holder": "queue"}
    assert len((await dead.staff("GET")).json()) == 1
    texts = [one["text"] for one in (await dead.history())["entries"] if one["sender"] == "customer"]
    assert texts == ["我的快递丢了", "有人吗"]


@pytest.mark.parametrize(
    "trouble", [{"status": 500}, {"body": b"<html>"}, {"body": b"{}"}, {"body": b'{"messages": null}'}]
)
async def test_an_error_of_rasa_is_never_shown(
    door: OpenDoor, rasa: FakeRasa, trouble: dict[str, object]
) -> None:
    rasa.enqueue(**trouble)
    reply = await door.say("我的快递丢了")
    assert reply["holder"] == "queue"
    assert "抱歉" in reply["messages"][0]["text"]


async def test_silence_of_rasa_is_tried_again_with_the_pause_lifted(door: OpenDoor, rasa: FakeRasa) -> None:
    """Rasa says nothing while its tracker is paused, as after a handover whose end it did not hear of."""
    rasa.enqueue()
    rasa.enqueue({"text": "在的"})
    assert await door.say("在吗") == {"messages": [{"text": "在的"}], "holder": "bot"}
    assert rasa.noted == [(door.conversation_id, event) for event in RESUMED]


async def test_silence_twice_is_a_failure(door: OpenDoor, rasa: FakeRasa) -> None:
    rasa.enqueue()
    rasa.enqueue()
    assert (await door.say("在吗"))["holder"] == "queue"


async def test_a_slow_rasa_counts_as_gone(rasa: FakeRasa) -> None:
    rasa.enqueue({"text": "太晚了"}, wait_s=0.5)
    client = Rasa(f"http://127.0.0.1:{rasa.port}", "channel-secret-of-the-tests", answer_s=0.1)
    with pytest.raises(Exception, match=r"no answer within 0\.1 s"):
        await client.send("conversation-0000001", "在吗", "m-1", {})
    await client.close()


# --- out of the queue again --------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def queued(door: OpenDoor, rasa: FakeRasa) -> AsyncIterator[OpenDoor]:
    rasa.enqueue(status=500)
    await door.say("我的快递丢了")
    rasa.heard.clear()
    yield door


@pytest.mark.parametrize(
    "text", ["返回助手", "  返回助手。", "Back to the assistant", "BACK TO THE ASSISTANT!"]
)
async def test_who_would_rather_not_wait_gets_the_assistant_back(
    queued: OpenDoor, rasa: FakeRasa, text: str
) -> None:
    reply = await queued.say(text)
    assert reply["holder"] == "bot"
    assert len(reply["messages"]) == 1
    assert rasa.noted == [(queued.conversation_id, event) for event in RESUMED]
    assert not rasa.heard
    assert (await queued.staff("GET")).json() == []
    assert await queued.say("查订单") == {"messages": [{"text": "查订单"}], "holder": "bot"}


async def test_speaking_of_the_assistant_is_not_asking_for_it(queued: OpenDoor) -> None:
    assert (await queued.say("我不要返回助手，我要人"))["holder"] == "queue"


async def test_a_message_in_the_queue_is_noted_in_the_tracker_but_not_answered(
    queued: OpenDoor, rasa: FakeRasa
) -> None:
    await queued.say("有人吗", message_id="m-9", language="zh")
    [(_, event)] = rasa.noted
    assert (event["event"], event["text"], event["message_id"]) == ("user", "有人吗", "m-9")
    assert event["metadata"] == {"attachments": [], "language": "zh", "channel": "web"}
    assert not rasa.heard


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        ({"mon-sun": ["00:00", "00:00"]}, "上班后同事会答复您。会回复在这个对话里"),  # never open
        ({"mon-sun": ["00:00", "00:01"]}, "前答复您。会回复在这个对话里"),
    ],
    ids=["never open", "closed now"],
)
async def test_outside_business_hours_the_customer_gets_a_ticket_and_hears_by_when_and_where(
    database_url: str, tmp_path: Path, rasa: FakeRasa, hours: dict[str, list[str]], told: str
) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    # Some zone where it is not the first minute of the day.
    zone = "Asia/Shanghai" if datetime.now(UTC).hour != 16 else "UTC"
    rules = {"timezone": zone, "handoff": {"business_hours": hours, "promise_hours": 0.01}}
    (shop / "policy.yml").write_text(json.dumps(rules))
    async with open_door(database_url, tmp_path, rasa) as door:
        rasa.enqueue(status=500)
        reply = await door.say("我的快递丢了")
        [waiting] = [one for one in (await door.staff("GET")).json() if one["id"] == await door.waiting()]
    text = reply["messages"][0]["text"]
    assert "现在是休息时间" in text and waiting["ticket"] in text and told in text
