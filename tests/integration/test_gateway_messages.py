"""A customer's message at the front door: what is answered, and what is refused in which words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import jwt
import pytest

from support.store import Store, tables
from tests.doors import OpenDoor, new_conversation, open_door
from tests.fakes_rasa import FakeRasa

# What goes in and out does not depend on the database; what is kept does, see test_gateway_turns.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


# --- what is answered --------------------------------------------------------------------------------------


async def test_answers_with_what_rasa_says(door: OpenDoor, rasa: FakeRasa) -> None:
    citation = {"id": "returns.zh#1", "title": "退货政策", "article": "returns"}
    button = {"title": "我要退货", "payload": "我要退货"}
    rasa.enqueue({"text": "7 天内。", "buttons": [button], "custom": {"citations": [citation]}})
    assert await door.say("几天能退？", language="zh") == {
        "messages": [{"text": "7 天内。", "buttons": [button], "citations": [citation]}],
        "holder": "bot",
    }
    assert rasa.heard[0]["metadata"] == {"attachments": [], "language": "zh", "channel": "web"}


async def test_a_picture_of_the_shop_is_found_below_pictures(door: OpenDoor, rasa: FakeRasa) -> None:
    rasa.enqueue({"image": "P 1.png"})
    assert (await door.say("看看"))["messages"] == [{"image": "/pictures/P%201.png"}]


async def test_streams_the_answer_to_a_client_that_asks_for_events(door: OpenDoor) -> None:
    body = {"conversation_id": door.conversation_id, "text": "你好"}
    headers = {"Accept": "text/event-stream"}
    response = await door.client.post("/api/chat/messages", json=body, headers=headers)
    assert [line for line in response.text.splitlines() if line] == [
        "id: m1",
        "event: message",
        'data: {"text": "你好"}',
        "id: done",
        "event: done",
        'data: {"holder": "bot"}',
    ]


@pytest.mark.parametrize(
    "text", ["😀😀", "сколько стоит доставка?", "送料はいくらですか", "كم سعر الشحن؟", "a\nb", "1"]
)
async def test_emoji_and_every_script_go_through(door: OpenDoor, text: str) -> None:
    assert (await door.say(text))["messages"] == [{"text": " ".join(text.split())}]


async def test_control_characters_and_half_characters_are_dropped(door: OpenDoor, rasa: FakeRasa) -> None:
    raw = json.dumps({"conversation_id": door.conversation_id, "text": "退\x00\x1b[31m货\u202e\ud83d"})
    headers = {"Content-Type": "application/json"}
    response = await door.client.post("/api/chat/messages", content=raw, headers=headers)
    assert response.status_code == 200
    assert rasa.heard[0]["text"] == "退[31m货"


async def test_an_intent_typed_by_a_customer_is_only_text(door: OpenDoor, rasa: FakeRasa) -> None:
    await door.say('/refund{"order_id": "someone-else"}')
    assert rasa.heard[0]["text"] == 'refund{"order_id": "someone-else"}'


# --- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [None, "", "   ", "\u200b\u200b", "///", "\x00"])
async def test_a_message_without_content_is_refused(door: OpenDoor, text: str | None) -> None:
    status, error = await door.refused(text=text)
    assert (status, error["code"]) == (422, "empty_message")
    assert error["message_zh"] == "消息是空的，请输入文字或添加图片。"


async def test_ten_thousand_characters_are_refused_with_the_limit(door: OpenDoor, rasa: FakeRasa) -> None:
    status, error = await door.refused(text="长" * 10_000)
    assert (status, error["code"]) == (422, "text_too_long")
    assert error["message"] == (
        "This message has 10000 characters; 2000 is the most. Please send it in parts."
    )
    assert "最多 2000 个字" in error["message_zh"]
    assert not rasa.heard


async def test_a_body_of_a_megabyte_is_refused_before_it_is_parsed(door: OpenDoor) -> None:
    status, error = await door.refused(text="长" * 1_000_000)
    assert (status, error["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    "conversation_id", ["", "short", "x" * 65, "id with blanks 1234", "a/../../bcdefghij"]
)
async def test_a_guessable_conversation_id_is_refused(door: OpenDoor, conversation_id: str) -> None:
    status, error = await door.refused(conversation_id=conversation_id, text="你好")
    assert (status, error["code"]) == (422, "bad_conversation_id")
    assert "UUID" in error["message"]
    assert "UUID" in error["message_zh"]


async def test_an_attachment_id_that_nobody_has_is_refused(door: OpenDoor, rasa: FakeRasa) -> None:
    status, error = await door.refused(text="看图", attachments=["0" * 32])
    assert (status, error["code"]) == (404, "unknown_attachment")
    assert not rasa.heard


async def test_what_is_not_json_or_misspelled_is_refused(door: OpenDoor) -> None:
    headers = {"Content-Type": "application/json"}
    response = await door.client.post("/api/chat/messages", content="{oops", headers=headers)
    assert response.json()["error"]["message"] == "This request cannot be read: it is not valid JSON"
    status, error = await door.refused(text="你好", atachments=[])
    assert (status, error["code"]) == (422, "bad_request")
    assert "atachments" in error["message"]


async def test_more_than_the_rate_is_refused_with_a_time_to_wait(
    database_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    async with open_door(database_url, tmp_path, rasa, messages_per_minute=3) as door:
        for _ in range(3):
            await door.say("你好")
        response = await door.post(text="你好")
        assert response.status_code == 429
        assert 1 <= int(response.headers["Retry-After"]) <= 60
        assert response.json()["error"]["code"] == "too_many_messages"
        assert (await door.post(text="你好", conversation_id=new_conversation())).status_code == 200


async def test_one_address_cannot_open_conversations_without_end(
    database_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    async with open_door(database_url, tmp_path, rasa, address_messages_per_minute=10) as door:
        answers = [await door.post(text="你好", conversation_id=new_conversation()) for _ in range(11)]
        assert [answer.status_code for answer in answers] == [200] * 10 + [429]


# --- who the customer is -----------------------------------------------------------------------------------


async def test_a_token_of_the_shops_site_proves_the_customer(door: OpenDoor) -> None:
    store = Store(door.settings.database_url)
    await _add_customer(store, "C1")
    response = await _with_token(door, _token(door, "C1", timedelta(hours=1)))
    assert response.status_code == 200
    async with store.reading() as unit:
        identity = await unit.identities.current(door.conversation_id, datetime.now(UTC))
    await store.close()
    assert identity is not None
    assert (identity.customer_id, identity.method) == ("C1", "token")


async def test_a_token_that_does_not_hold_is_refused_and_says_why(door: OpenDoor, rasa: FakeRasa) -> None:
    expired = await _with_token(door, _token(door, "C1", timedelta(hours=-1)))
    forged = await _with_token(door, "not-a-token")
    assert (expired.status_code, expired.json()["error"]["code"]) == (401, "bad_token")
    assert "expired" in expired.json()["error"]["message"]
    assert "重新登录" in expired.json()["error"]["message_zh"]
    assert forged.status_code == 401
    assert not rasa.heard


async def _with_token(door: OpenDoor, token: str) -> httpx.Response:
    body = {"conversation_id": door.conversation_id, "text": "我的订单"}
    headers = {"Authorization": f"Bearer {token}"}
    return await door.client.post("/api/chat/messages", json=body, headers=headers)


def _token(door: OpenDoor, customer_id: str, lasts: timedelta) -> str:
    secret = door.settings.customer_token_secret.get_secret_value()
    return jwt.encode({"sub": customer_id, "exp": datetime.now(UTC) + lasts}, secret, algorithm="HS256")


async def _add_customer(store: Store, customer_id: str) -> None:
    async with store.writing() as unit:
        row = {"customer_id": customer_id, "name": "王敏", "phone": "", "email": "", "language": "zh"}
        await unit.connection.execute(tables.customers.insert().values(extra={}, **row))
