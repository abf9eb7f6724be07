"""Signing in at the desk over HTTP: cookies, CSRF, one-time links, and what a forged session gets."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.desks import PASSWORD, Colleague, hire, sign_in, staffed
from tests.doors import OpenDoor


@pytest_asyncio.fixture
async def boss(door: OpenDoor) -> AsyncIterator[Colleague]:
    async with staffed(door, "boss") as colleague:
        yield colleague


async def test_a_page_leads_to_the_form_and_back(door: OpenDoor) -> None:
    await hire(door.settings, "boss")
    asked = await door.client.get("/desk/log?login=mei")
    assert (asked.status_code, asked.headers["location"]) == (
        303,
        "/desk/sign-in?then=/desk/log%3Flogin%3Dmei",
    )
    form = await door.client.get(asked.headers["location"])
    assert 'name="then" value="/desk/log?login=mei"' in form.text
    data = {"login": "boss", "password": PASSWORD, "then": "/desk/log?login=mei"}
    entered = await door.client.post("/desk/sign-in", data=data)
    assert entered.headers["location"] == "/desk/log?login=mei"


@pytest.mark.parametrize(
    "then", ["https://evil.example/", "//evil.example", "/desk.evil", "javascript:alert(1)"]
)
async def test_the_form_leads_nowhere_else(door: OpenDoor, then: str) -> None:
    await hire(door.settings, "boss")
    data = {"login": "boss", "password": PASSWORD, "then": then}
    assert (await door.client.post("/desk/sign-in", data=data)).headers["location"] == "/desk"


async def test_the_cookie_is_for_the_desk_only_and_not_for_scripts(door: OpenDoor) -> None:
    await hire(door.settings, "boss")
    entered = await door.client.post("/desk/sign-in", data={"login": "boss", "password": PASSWORD})
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/desk" in cookie


async def test_htmx_is_sent_to_the_form_as_a_whole_page(door: OpenDoor) -> None:
    answer = await door.client.get(
        "/desk/team", headers={"HX-Request": "true", "HX-Current-URL": "http://x/desk/team"}
    )
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/desk/sign-in?then=/desk/team")


async def test_a_wrong_password_is_said_in_the_browser_s_language(door: OpenDoor) -> None:
    await hire(door.settings, "boss")
    data = {"login": "boss", "password": "wrong"}
    for language, words in (("zh-CN", "账号或密码不对"), ("en-GB", "is not right")):
        answer = await door.client.post("/desk/sign-in", data=data, headers={"Accept-Language": language})
        assert answer.status_code == 401 and words in answer.text


async def test_a_forged_session_is_no_session(door: OpenDoor) -> None:
    door.client.cookies.set("shopclerk_desk", "x" * 43, path="/desk")
    assert (await door.client.get("/desk/me")).status_code == 303


async def test_another_site_cannot_sign_anybody_in(door: OpenDoor) -> None:
    await hire(door.settings, "boss")
    data = {"login": "boss", "password": PASSWORD}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert (await door.client.post("/desk/sign-in", data=data, headers=headers)).status_code == 403


async def test_a_change_without_the_token_changes_nothing(boss: Colleague) -> None:
    for headers in ({}, {"X-CSRF-Token": "wrong"}):
        answer = await boss.client.post("/desk/team/invite", data={"role": "agent"}, headers=headers)
        assert answer.status_code == 403
    log = await boss.get("/desk/log")
    assert "生成邀请链接" not in log.text
    assert (await boss.post("/desk/team/invite", role="agent")).status_code == 200
    assert "生成邀请链接" in (await boss.get("/desk/log")).text


async def test_an_invited_colleague_joins_and_sees_only_what_the_role_allows(
    door: OpenDoor, boss: Colleague
) -> None:
    made = await boss.post("/desk/team/invite", role="reviewer")
    found = re.search(r'value="http://[^/]+(/desk/join/[^"]+)"', made.text)
    assert found
    async with httpx.AsyncClient(base_url=door.client.base_url, trust_env=False) as client:
        assert (await client.get(found[1])).status_code == 200
        form = {"login": "rui", "name": "Rui", "password": PASSWORD}
        joined = await client.post(found[1], data=form)
        assert (joined.status_code, joined.headers["location"]) == (303, "/desk/review")
        assert (await client.get("/desk/me")).status_code == 200
        assert (await client.get("/desk/team")).status_code == 403
        assert (await client.get(found[1])).status_code == 410


async def test_signing_out_ends_the_session_itself(door: OpenDoor, boss: Colleague) -> None:
    door.client.cookies.update(boss.client.cookies)
    assert (await door.client.get("/desk/me")).status_code == 200
    assert (await boss.post("/desk/sign-out")).status_code == 303
    assert (await door.client.get("/desk/me")).status_code == 303


async def test_what_somebody_is_called_cannot_be_a_script(door: OpenDoor, boss: Colleague) -> None:
    await boss.post("/desk/me", name="<script>alert(1)</script>", language="en")
    shown = (await boss.get("/desk/team")).text
    assert "<script>alert(1)" not in shown and "&lt;script&gt;" in shown


async def test_an_unknown_address_is_a_page_that_leads_back(boss: Colleague) -> None:
    answer = await boss.get("/desk/nothing/here")
    assert answer.status_code == 404 and 'href="/desk"' in answer.text


async def test_the_desk_speaks_the_language_that_was_chosen(boss: Colleague) -> None:
    for language, words in (("zh", "我的账号"), ("en", "My account")):
        await boss.post("/desk/me", name="Boss", language=language)
        assert words in (await boss.get("/desk/me")).text


async def test_a_session_is_never_kept_by_a_browser_or_proxy(boss: Colleague) -> None:
    assert (await boss.get("/desk/me")).headers["cache-control"] == "no-store"


async def test_signing_in_again_is_needed_after_the_password_changed(door: OpenDoor, boss: Colleague) -> None:
    async with httpx.AsyncClient(base_url=door.client.base_url, trust_env=False) as client:
        elsewhere = await sign_in(client, "boss")
        await boss.post("/desk/me", name="Boss", old=PASSWORD, new="another set of words")
        assert (await elsewhere.get("/desk/me")).status_code == 303
        assert (await boss.get("/desk/me")).status_code == 200
