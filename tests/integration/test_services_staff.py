"""The staff's sign-in, links, roles and log, on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from support.services import staff
from support.services.staff import SignedIn, StaffError
from support.store import Store

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PASSWORD = "four unrelated words here"


async def admin(store: Store) -> SignedIn:
    """The first admin, signed in."""
    await staff.ensure_admin(store, "boss", PASSWORD, NOW)
    return await signed_in(store, await staff.sign_in(store, "boss", PASSWORD, "::1", NOW))


async def signed_in(store: Store, token: str, now: datetime = NOW) -> SignedIn:
    found = await staff.session(store, token, now)
    assert found
    return found


async def colleague(store: Store, login: str, *roles: str) -> tuple[SignedIn, str]:
    """Somebody who joined by an admin's invitation, and the token of the session."""
    invitation = await staff.invite(store, await admin(store), roles, NOW)
    token = await staff.accept(store, invitation, login, login.title(), PASSWORD, "en", NOW)
    return await signed_in(store, token), token


async def refused(doing: object) -> str:
    """The code with which something is refused."""
    with pytest.raises(StaffError) as refusal:
        await doing  # type: ignore[misc]
    return refusal.value.code


async def test_the_first_link_makes_an_admin_and_works_once(store: Store) -> None:
    link = await staff.first_admin_link(store, NOW)
    assert link
    token = await staff.accept(store, link, "Boss", "The Boss", PASSWORD, "zh", NOW)
    assert (await signed_in(store, token)).may("admin")
    assert await refused(staff.accept(store, link, "other", "", PASSWORD, "", NOW)) == "link_dead"
    assert await staff.first_admin_link(store, NOW) is None


async def test_a_newer_first_link_ends_the_older(store: Store) -> None:
    older, newer = await staff.first_admin_link(store, NOW), await staff.first_admin_link(store, NOW)
    assert older and newer
    assert await refused(staff.link(store, older, NOW)) == "link_dead"
    assert (await staff.link(store, newer, NOW)).roles == ("agent", "reviewer", "admin")


async def test_of_two_who_use_one_link_at_once_one_gets_in(store: Store) -> None:
    link = await staff.first_admin_link(store, NOW)
    assert link
    joins = [staff.accept(store, link, login, "", PASSWORD, "", NOW) for login in ("anna", "ben")]
    results = await asyncio.gather(*joins, return_exceptions=True)
    assert sorted(isinstance(one, StaffError) for one in results) == [False, True]


async def test_a_link_runs_out(store: Store) -> None:
    link = await staff.first_admin_link(store, NOW)
    assert link
    assert await refused(staff.link(store, link, NOW + staff.LINK_LASTS)) == "link_dead"


async def test_a_taken_login_leaves_the_link_usable(store: Store) -> None:
    invitation = await staff.invite(store, await admin(store), ("agent",), NOW)
    assert await refused(staff.accept(store, invitation, "boss", "", PASSWORD, "", NOW)) == "login_taken"
    assert await staff.accept(store, invitation, "mei", "", PASSWORD, "", NOW)


@pytest.mark.parametrize("login", ["", "a b", "-x", "系统", "system", "x" * 41, "<script>"])
async def test_odd_logins_are_refused(store: Store, login: str) -> None:
    link = await staff.first_admin_link(store, NOW)
    assert link
    assert await refused(staff.accept(store, link, login, "", PASSWORD, "", NOW)) == "bad_login"


async def test_short_passwords_are_refused(store: Store) -> None:
    link = await staff.first_admin_link(store, NOW)
    assert link
    assert await refused(staff.accept(store, link, "mei", "", "short", "", NOW)) == "bad_password"


async def test_a_wrong_password_and_an_unknown_login_look_the_same(store: Store) -> None:
    await admin(store)
    assert await refused(staff.sign_in(store, "boss", "wrong", "::1", NOW)) == "wrong_password"
    assert await refused(staff.sign_in(store, "nobody", "wrong", "::1", NOW)) == "wrong_password"


async def test_guessing_is_stopped_even_with_the_right_password_and_ends(store: Store) -> None:
    await admin(store)
    for _ in range(staff.TRIES_OF_LOGIN):
        await refused(staff.sign_in(store, "boss", "wrong", "::1", NOW))
    assert await refused(staff.sign_in(store, "boss", PASSWORD, "::2", NOW)) == "too_many_tries"
    later = NOW + staff.TRIES_COUNT_FOR + timedelta(seconds=1)
    assert await staff.sign_in(store, "boss", PASSWORD, "::2", later)


async def test_one_address_cannot_try_many_logins(store: Store) -> None:
    for number in range(staff.TRIES_OF_ADDRESS):
        await refused(staff.sign_in(store, f"nobody{number}", "wrong", "10.0.0.9", NOW))
    assert await refused(staff.sign_in(store, "another", "wrong", "10.0.0.9", NOW)) == "too_many_tries"


async def test_a_session_ends(store: Store) -> None:
    await admin(store)
    token = await staff.sign_in(store, "boss", PASSWORD, "::1", NOW)
    assert await staff.session(store, token, NOW + staff.SESSION_LASTS) is None
    assert await staff.session(store, token + "x", NOW) is None
    await staff.sign_out(store, token, "boss", "::1", NOW)
    assert await staff.session(store, token, NOW) is None


async def test_who_is_shut_out_is_signed_out(store: Store) -> None:
    _, token = await colleague(store, "mei", "agent")
    await staff.change_roles(store, await admin(store), "mei", ("agent",), False, NOW)
    assert await staff.session(store, token, NOW) is None
    assert await refused(staff.sign_in(store, "mei", PASSWORD, "::1", NOW)) == "wrong_password"


async def test_roles_count_at_once(store: Store) -> None:
    me, token = await colleague(store, "mei", "agent")
    assert not me.may("reviewer")
    await staff.change_roles(store, await admin(store), "mei", ("agent", "reviewer"), True, NOW)
    assert (await signed_in(store, token)).may("reviewer")


async def test_the_last_admin_stays(store: Store) -> None:
    boss = await admin(store)
    assert await refused(staff.change_roles(store, boss, "boss", ("agent",), True, NOW)) == "last_admin"
    assert await refused(staff.change_roles(store, boss, "boss", staff.ROLES, False, NOW)) == "last_admin"
    assert (await admin(store)).may("admin")


async def test_a_new_password_by_link_ends_other_sessions(store: Store) -> None:
    _, token = await colleague(store, "mei", "agent")
    link = await staff.offer_new_password(store, await admin(store), "mei", NOW)
    await staff.accept(store, link, "ignored", "", "quite another password", "", NOW)
    assert await staff.session(store, token, NOW) is None
    assert await refused(staff.sign_in(store, "mei", PASSWORD, "::1", NOW)) == "wrong_password"
    assert await staff.sign_in(store, "mei", "quite another password", "::1", NOW)


async def test_changing_my_password_needs_the_old_one_and_keeps_this_session(store: Store) -> None:
    me, token = await colleague(store, "mei", "agent")
    elsewhere = await staff.sign_in(store, "mei", PASSWORD, "::1", NOW)
    change = staff.change_me(store, me, token, "Mei", "zh", "wrong", "quite another password", NOW)
    assert await refused(change) == "wrong_password"
    await staff.change_me(store, me, token, "Mei", "zh", PASSWORD, "quite another password", NOW)
    assert (await signed_in(store, token)).language == "zh"
    assert await staff.session(store, elsewhere, NOW) is None


async def test_the_database_holds_no_token_and_no_password(store: Store) -> None:
    _, token = await colleague(store, "mei", "agent")
    async with store.reading() as unit:
        tables = ("staff", "staff_sessions", "staff_links", "staff_log")
        rows = [await unit.connection.execute(sa.text(f"SELECT * FROM {table}")) for table in tables]
        kept = str([list(one) for one in rows])
    assert token not in kept and PASSWORD not in kept
    assert "$argon2id$" in kept


async def test_the_log_says_who_did_what_and_cannot_be_changed(store: Store) -> None:
    await colleague(store, "mei", "agent")
    async with store.reading() as unit:
        acts = [(act.login, act.action) for _, act in await unit.staff_log.last(20)]
    assert acts == [("mei", "join"), ("boss", "invite"), ("boss", "sign_in"), ("system", "join")]
    for statement in ("DELETE FROM staff_log", "UPDATE staff_log SET login = 'nobody'"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            async with store.writing() as unit:
                await unit.connection.execute(sa.text(statement))
