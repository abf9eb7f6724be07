"""What browsers are told: who may frame the chat, who may call it from another site, what no cache keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.doors import OpenDoor, open_door
from tests.fakes_rasa import FakeRasa

# Nothing here is kept in the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

_SHOP = "https://shop.example"


@pytest.fixture
async def shared(database_url: str, tmp_path: Path, rasa: FakeRasa) -> AsyncIterator[OpenDoor]:
    """A gateway that one site may use."""
    async with open_door(database_url, tmp_path, rasa, origins=f"{_SHOP}/, https://m.shop.example") as door:
        yield door


async def _asked_from(door: OpenDoor, origin: str, path: str = "/api/chat/messages") -> httpx.Response:
    """The preflight that a browser sends before a message from a page of that site."""
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    return await door.client.options(path, headers={"Origin": origin, **asks})


async def test_a_site_of_the_list_may_call_the_customers_api(shared: OpenDoor) -> None:
    allowed = await _asked_from(shared, _SHOP)
    assert (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"]) == (200, _SHOP)
    answer = await shared.client.get("/api/chat/shop", headers={"Origin": _SHOP})
    assert answer.headers["Access-Control-Allow-Origin"] == _SHOP


async def test_no_other_site_may(shared: OpenDoor) -> None:
    for origin in ("https://shop.example.evil.example", "http://shop.example", "null"):
        assert "Access-Control-Allow-Origin" not in (await _asked_from(shared, origin)).headers


async def test_cookies_never_cross(shared: OpenDoor) -> None:
    assert "Access-Control-Allow-Credentials" not in (await _asked_from(shared, _SHOP)).headers


@pytest.mark.parametrize("path", ["/api/staff/handovers", "/desk/", "/metrics", "/internal/push"])
async def test_what_is_not_for_customers_is_for_no_other_site(shared: OpenDoor, path: str) -> None:
    assert "Access-Control-Allow-Origin" not in (await _asked_from(shared, _SHOP, path)).headers


async def test_without_a_list_no_other_site_may_call(door: OpenDoor) -> None:
    assert "Access-Control-Allow-Origin" not in (await _asked_from(door, _SHOP)).headers


async def test_only_the_chat_page_is_shown_in_a_frame_of_the_shops_sites(shared: OpenDoor) -> None:
    chat = (await shared.client.get("/")).headers["Content-Security-Policy"]
    desk = (await shared.client.get("/desk/signin")).headers["Content-Security-Policy"]
    assert chat.endswith(f"frame-ancestors 'self' {_SHOP} https://m.shop.example")
    assert desk.endswith("frame-ancestors 'self'")


async def test_what_is_said_is_kept_by_no_cache(door: OpenDoor) -> None:
    assert (await door.post(text="你好")).headers["Cache-Control"] == "no-store"
    assert (await door.client.get("/desk/signin")).headers["Cache-Control"] == "no-store"


async def test_a_browser_is_told_to_stay_with_tls_only_over_tls(
    database_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    async with open_door(database_url, tmp_path, rasa) as door:
        plain = await door.client.get("/healthz")
        # uvicorn believes this of a proxy on the same machine.
        behind_tls = await door.client.get("/healthz", headers={"X-Forwarded-Proto": "https"})
    assert "Strict-Transport-Security" not in plain.headers
    assert "max-age=31536000" in behind_tls.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("origins", ["shop.example", "https://shop.example/chat", "*", "https://a,b"])
async def test_what_is_no_origin_stops_the_start(
    origins: str, database_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    with pytest.raises(ValueError, match="SHOPCLERK_ORIGINS"):
        async with open_door(database_url, tmp_path, rasa, origins=origins):
            pass
