"""The shop's own people: signing in, one-time links, roles, and the log of what they do.

Passwords are kept as argon2id hashes, tokens of sessions and links as SHA-256 hashes. Failed tries count for
the login and for the address, so that neither one password for many logins nor many for one can be guessed.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal, get_args

import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from support.store import StaffAct, StaffLink, StaffMember, StaffSession, Store, Unit

Role = Literal["agent", "reviewer", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

SESSION_LASTS = timedelta(hours=14)  # a shift, and the walk home
LINK_LASTS = timedelta(days=3)
TRIES_COUNT_FOR = timedelta(minutes=15)
TRIES_OF_LOGIN, TRIES_OF_ADDRESS = 8, 40
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
# Who made the first admin's link.
SYSTEM = "system"

_LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?")
_HASHER = PasswordHasher()


@cache
def _nobody() -> str:
    """Compared with when there is no such login, so that the time taken tells nothing."""
    return _HASHER.hash(secrets.token_hex(16))


class StaffError(ValueError):
    """What cannot be done; `code` names the words that the desk has for it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class SignedIn:
    """Somebody of the staff with an open session. An admin may do everything."""

    login: str
    name: str
    roles: tuple[str, ...]
    language: str
    csrf: str

    def may(self, role: Role) -> bool:
        return role in self.roles or "admin" in self.roles

    @property
    def home(self) -> str:
        """The page of the desk that this person works on."""
        if self.may("agent"):
            return "/desk"
        return "/desk/review" if self.may("reviewer") else "/desk/me"


# --- signing in ----------------------------------------------------------------------------------------


async def sign_in(store: Store, login: str, password: str, address: str, now: datetime) -> str:
    """A new session's token; StaffError `wrong_password` or `too_many_tries`."""
    login = login.strip().lower()
    async with store.reading() as unit:
        by_login, by_address = await unit.staff.tries(login, address, now - TRIES_COUNT_FOR)
        member = await unit.staff.get(login)
    if by_login >= TRIES_OF_LOGIN or by_address >= TRIES_OF_ADDRESS:
        raise StaffError("too_many_tries")
    known = member if member and member.active and member.password_hash else None
    nobody = await anyio.to_thread.run_sync(_nobody)  # whoever comes: the first one makes it
    fits = await _fits(known.password_hash if known else nobody, password)
    async with store.writing() as unit:
        if not (known and fits):
            await unit.staff.add_try(login, address, now)
        else:
            await unit.staff.forget_before(now, now - TRIES_COUNT_FOR)
            token = await _open_session(unit, login, now)
            await note(unit, login, "sign_in", now, address=address)
            return token
    raise StaffError("wrong_password")


async def session(store: Store, token: str, now: datetime) -> SignedIn | None:
    """Whose session a token opens, if any."""
    async with store.reading() as unit:
        found = await unit.staff.session(_hash(token), now)
    if found is None:
        return None
    opened, member = found
    return SignedIn(member.login, member.name, member.roles, member.language, opened.csrf)


async def sign_out(store: Store, token: str, login: str, address: str, now: datetime) -> None:
    async with store.writing() as unit:
        await unit.staff.close_session(_hash(token))
        await note(unit, login, "sign_out", now, address=address)


async def _open_session(unit: Unit, login: str, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    opened = StaffSession(login, secrets.token_urlsafe(24), now + SESSION_LASTS)
    await unit.staff.open_session(_hash(token), opened, now)
    return token


async def _fits(hashed: str, password: str) -> bool:
    # Argon2 takes its time by design: on a thread, so that nobody else waits for it.
    return await anyio.to_thread.run_sync(_verify, hashed, password[:LONGEST_PASSWORD])


def _verify(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# --- joining -------------------------------------------------------------------------------------------


async def first_admin_link(store: Store, now: datetime) -> str | None:
    """The token of a link that makes the first admin; None when there is an admin. Ends older ones."""
    async with store.writing() as unit:
        await unit.serialise("first admin")
        if await unit.staff.any_admin():
            return None
        await unit.staff.withdraw_links(SYSTEM, now)
        return await _link(unit, "", ROLES, SYSTEM, now)


async def ensure_admin(store: Store, login: str, password: str, now: datetime) -> bool:
    """Make the admin that the settings name, unless there is an admin already. True when it was made."""
    check_login(login)
    check_password(password)
    hashed = await anyio.to_thread.run_sync(_HASHER.hash, password)
    async with store.writing() as unit:
        await unit.serialise("first admin")
        if await unit.staff.any_admin():
            return False
        await unit.staff.add(StaffMember(login, login, hashed, ROLES, "", True, now))
        await note(unit, SYSTEM, "join", now, colleague=login, roles=list(ROLES))
        return True


async def invite(store: Store, by: SignedIn, roles: tuple[str, ...], now: datetime) -> str:
    """The token of a one-time link for a new colleague."""
    if not roles:
        raise StaffError("no_role")
    async with store.writing() as unit:
        await note(unit, by.login, "invite", now, roles=list(roles))
        return await _link(unit, "", roles, by.login, now)


async def offer_new_password(store: Store, by: SignedIn, login: str, now: datetime) -> str:
    """The token of a one-time link by which a colleague sets a new password."""
    async with store.writing() as unit:
        if await unit.staff.get(login) is None:
            raise StaffError("unknown_colleague")
        await note(unit, by.login, "offer_new_password", now, colleague=login)
        return await _link(unit, login, (), by.login, now)


async def link(store: Store, token: str, now: datetime) -> StaffLink:
    """A link that still works; StaffError `link_dead` otherwise."""
    async with store.reading() as unit:
        found = await unit.staff.link(_hash(token))
    if found is None or found.used_at or found.expires_at <= now:
        raise StaffError("link_dead")
    return found


async def accept(
    store: Store, token: str, login: str, name: str, password: str, language: str, now: datetime
) -> str:
    """Use a link: join with this login, or set the password of the link's login. A session's token."""
    offered = await link(store, token, now)
    login = offered.login or check_login(login)
    check_password(password)
    hashed = await anyio.to_thread.run_sync(_HASHER.hash, password)
    async with store.writing() as unit:
        if not await unit.staff.use_link(_hash(token), now):
            raise StaffError("link_dead")
        if offered.login:
            await unit.staff.change(login, password_hash=hashed)
            await unit.staff.close_sessions(login)
        else:
            member = StaffMember(login, name.strip() or login, hashed, offered.roles, language, True, now)
            if not await unit.staff.add(member):
                raise StaffError("login_taken")
        await note(unit, login, "new_password" if offered.login else "join", now, roles=list(offered.roles))
        return await _open_session(unit, login, now)


def check_login(login: str) -> str:
    """The login as it is kept; StaffError `bad_login`."""
    login = login.strip().lower()
    if not _LOGIN.fullmatch(login) or login == SYSTEM:
        raise StaffError("bad_login")
    return login


def check_password(password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise StaffError("bad_password")


async def _link(unit: Unit, login: str, roles: tuple[str, ...], by: str, now: datetime) -> str:
    token = secrets.token_urlsafe(24)
    await unit.staff.add_link(_hash(token), StaffLink(login, roles, by, now + LINK_LASTS, None))
    return token


# --- colleagues ----------------------------------------------------------------------------------------


async def change_roles(
    store: Store, by: SignedIn, login: str, roles: tuple[str, ...], active: bool, now: datetime
) -> None:
    """Give and take roles, or shut somebody out; the last admin stays one."""
    async with store.writing() as unit:
        await unit.serialise("first admin")
        if await unit.staff.get(login) is None:
            raise StaffError("unknown_colleague")
        await unit.staff.change(login, roles=list(roles), active=active)
        if not await unit.staff.any_admin():
            raise StaffError("last_admin")
        if not active:
            await unit.staff.close_sessions(login)
        await note(unit, by.login, "change_roles", now, colleague=login, roles=list(roles), active=active)


async def change_me(
    store: Store, me: SignedIn, token: str, name: str, language: str, old: str, new: str, now: datetime
) -> None:
    """My name, language and, where `new` is given, my password; my other sessions end with it."""
    values: dict[str, Any] = {"name": name.strip() or me.name, "language": language}
    if new:
        check_password(new)
        async with store.reading() as unit:
            member = await unit.staff.get(me.login)
        if member is None or not await _fits(member.password_hash, old):
            raise StaffError("wrong_password")
        values["password_hash"] = await anyio.to_thread.run_sync(_HASHER.hash, new)
    async with store.writing() as unit:
        await unit.staff.change(me.login, **values)
        if new:
            await unit.staff.close_sessions(me.login, but=_hash(token))
            await note(unit, me.login, "new_password", now)


async def note(
    unit: Unit,
    login: str,
    action: str,
    now: datetime,
    *,
    conversation_id: str = "",
    address: str = "",
    **details: Any,
) -> None:
    """Write down what somebody did, in the transaction that does it."""
    await unit.staff_log.append(StaffAct(now, login, action, conversation_id, details, address))
