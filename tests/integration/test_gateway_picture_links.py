"""Who may see a customer's picture: who was given its address a short while ago, and the staff."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image

from support.picture_links import LASTS
from tests.doors import STAFF, OpenDoor, new_conversation


async def upload(door: OpenDoor) -> dict[str, str]:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(file, "PNG")
    answer = await door.client.post(
        "/api/chat/attachments",
        data={"conversation_id": door.conversation_id},
        files={"file": ("p.png", file.getvalue(), "image/png")},
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


def put_clock_forward(door: OpenDoor, by: timedelta) -> None:
    signer = door.app.state.door.links._signer
    before = signer.clock
    signer.clock = lambda: before() + by


async def refusal(door: OpenDoor, address: str) -> tuple[int, str]:
    answer = await door.client.get(address)
    return answer.status_code, answer.json()["error"]["code"]


async def test_the_address_that_an_upload_answers_opens_the_picture(door: OpenDoor) -> None:
    answer = await door.client.get((await upload(door))["url"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")


async def test_no_address_names_the_conversation(door: OpenDoor) -> None:
    assert door.conversation_id not in (await upload(door))["url"]


async def test_the_id_alone_opens_nothing(door: OpenDoor) -> None:
    picture = await upload(door)
    assert await refusal(door, f"/api/chat/attachments/{picture['id']}") == (404, "bad_picture_link")


async def test_the_conversations_id_opens_nothing(door: OpenDoor) -> None:
    picture = await upload(door)
    address = f"/api/chat/attachments/{picture['id']}?conversation_id={door.conversation_id}"
    assert await refusal(door, address) == (404, "bad_picture_link")


async def test_an_address_of_one_conversation_does_not_open_anothers_picture(door: OpenDoor) -> None:
    mine = await upload(door)
    theirs = await upload(replace(door, conversation_id=new_conversation()))
    address = mine["url"].replace(mine["id"], theirs["id"])
    assert await refusal(door, address) == (404, "bad_picture_link")


async def test_an_address_runs_out(door: OpenDoor) -> None:
    picture = await upload(door)
    put_clock_forward(door, LASTS + timedelta(seconds=1))
    assert await refusal(door, picture["url"]) == (410, "picture_link_expired")


async def test_the_history_gives_a_fresh_address(door: OpenDoor) -> None:
    picture = await upload(door)
    await door.say("看图", attachments=[picture["id"]])
    put_clock_forward(door, timedelta(hours=1))
    (shown,) = (await door.history())["entries"][0]["attachments"]
    assert (await door.client.get(shown["url"])).status_code == 200


async def links(door: OpenDoor, *ids: str) -> list[dict[str, str]]:
    body = {"conversation_id": door.conversation_id, "ids": ids}
    found: list[dict[str, str]] = (await door.client.post("/api/chat/attachments/links", json=body)).json()
    return found


async def test_a_page_that_stays_open_asks_for_fresh_addresses(door: OpenDoor) -> None:
    picture = await upload(door)
    put_clock_forward(door, timedelta(hours=1))
    (fresh,) = await links(door, picture["id"])
    assert (await door.client.get(fresh["url"])).status_code == 200


async def test_another_conversation_gets_no_address(door: OpenDoor) -> None:
    picture = await upload(door)
    assert await links(replace(door, conversation_id=new_conversation()), picture["id"]) == []


async def test_the_staffs_interface_gets_addresses_with_the_story(door: OpenDoor) -> None:
    picture = await upload(door)
    app = door.app.state.door
    async with app.shop.store.writing() as unit:
        await unit.conversations.touch(door.conversation_id, "web", "zh", app.shop.clock())
        await unit.conversations.receive(
            door.conversation_id, "m-1", "看图", [picture["id"]], app.shop.clock()
        )
        await unit.handovers.open(door.conversation_id, "asked", {}, app.shop.clock())
    story = (await door.staff("GET", f"/{await door.waiting()}")).json()
    (shown,) = story["messages"][0]["attachments"]
    assert (await door.client.get(shown["url"], headers=STAFF)).status_code == 200


@pytest.mark.parametrize("path", ["/desk/pictures/{}/{}"])
async def test_the_desks_addresses_need_a_session(door: OpenDoor, path: str) -> None:
    picture = await upload(door)
    answer = await door.client.get(path.format(door.conversation_id, picture["id"]))
    assert answer.status_code == 303
