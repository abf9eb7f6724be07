"""Who may use which address of the desk: every route that exists, without a session and with each role.

A route that this file does not know fails the test: whoever adds one says here whom it is for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fastapi.routing import APIRoute

from desk.app import PAGES
from tests.desks import Colleague, staffed
from tests.doors import OpenDoor, new_conversation, open_door
from tests.fakes_rasa import FakeRasa

# The longest that fits decides. `open`: before a session; `all`: whoever is signed in.
FOR = {
    "/desk": "agent",
    "/desk/sign-in": "open",
    "/desk/join": "open",
    "/desk/sign-out": "all",
    "/desk/me": "all",
    "/desk/pictures": "all",
    "/desk/analytics": "reviewer",
    "/desk/review": "reviewer",
    "/desk/models": "reviewer",
    "/desk/talk": "reviewer",
    "/desk/guests": "reviewer",
    "/desk/team": "admin",
    "/desk/privacy": "admin",
    "/desk/log": "admin",
}
ROLES = ("agent", "reviewer", "admin")
_VALUES = {
    "conversation_id": new_conversation(),
    "login": "mei",
    "token": "x" * 32,
    "attachment_id": "a" * 32,
    "rest": "nothing",
}


def routes() -> Iterator[tuple[str, str]]:
    """Method and address of everything that the desk serves."""
    for page in PAGES:
        for route in page.router.routes:
            assert isinstance(route, APIRoute) and route.methods
            for method in sorted(route.methods):
                yield method, f"/desk{route.path}"


def whom(path: str) -> str:
    """The role that an address is for."""
    return FOR[max((one for one in FOR if path == one or path.startswith(f"{one}/")), key=len)]


@pytest.fixture(scope="module")
def every() -> list[tuple[str, str]]:
    return list(routes())


@pytest_asyncio.fixture
async def people(tmp_path: Path, _migrated_sqlite: Path, rasa: FakeRasa) -> AsyncIterator[dict[str, Any]]:
    """The door, and a colleague of each role."""
    database = tmp_path / "shop.db"
    database.write_bytes(_migrated_sqlite.read_bytes())
    async with AsyncExitStack() as opened:
        # Nothing to train or to write into: these tests post to every address.
        nothing = {"dialogue": tmp_path / "project", "models": tmp_path / "models"}
        url = f"sqlite+aiosqlite:///{database}"
        door = await opened.enter_async_context(open_door(url, tmp_path, rasa, **nothing))
        found: dict[str, Any] = {"door": door}
        for role in ROLES:
            found[role] = await opened.enter_async_context(staffed(door, f"the-{role}", role))
        yield found


def test_there_are_routes(every: list[tuple[str, str]]) -> None:
    assert len(every) > 10


async def test_nobody_gets_in_without_a_session(people: dict[str, Any], every: list[tuple[str, str]]) -> None:
    door: OpenDoor = people["door"]
    let_in = []
    for method, path in every:
        if whom(path) == "open":
            continue
        answer = await door.client.request(method, _filled(path), headers={"HX-Request": "true"})
        if (answer.status_code, answer.headers.get("hx-redirect", "")[:13]) != (401, "/desk/sign-in"):
            let_in.append(f"{method} {path}: {answer.status_code}")
    assert let_in == []


@pytest.mark.parametrize("role", ["agent", "reviewer"])
async def test_a_role_opens_its_own_pages_only(
    people: dict[str, Any], every: list[tuple[str, str]], role: str
) -> None:
    colleague: Colleague = people[role]
    wrong = []
    for method, path in every:
        allowed = whom(path) in ("open", "all", role)
        if path == "/desk/sign-out" or (allowed and method == "GET" and path.endswith(("/live", "/events"))):
            continue  # one ends the session, the others never end
        headers = {"HX-Request": "true", "X-CSRF-Token": colleague.csrf}
        answer = await colleague.client.request(method, _filled(path), headers=headers)
        if (answer.status_code == 403) == allowed or answer.status_code >= 500:
            wrong.append(f"{method} {path}: {answer.status_code}")
    assert wrong == []


async def test_no_change_goes_through_without_the_token(
    people: dict[str, Any], every: list[tuple[str, str]]
) -> None:
    admin: Colleague = people["admin"]
    wrong = []
    for method, path in every:
        if method != "GET" and whom(path) != "open":
            answer = await admin.client.request(method, _filled(path))
            if answer.status_code != 403:
                wrong.append(f"{method} {path}: {answer.status_code}")
    assert wrong == []


def _filled(path: str) -> str:
    for part in path.split("/"):
        if part.startswith("{"):
            name = part.strip("{}").partition(":")[0]
            path = path.replace(part, _VALUES.get(name, "1"))
    return path
