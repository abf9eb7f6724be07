"""Who the customer of a conversation is. The only writer of `verified_identity`.

Two proofs: a token that the shop's site signed (web page, apps), or an order number together with the last
four digits of the phone on its customer's account. Guessing is bounded per conversation, per
order, and per address from which conversations begin; past the bound only a person can help.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import jwt

from support.store import Identity, Store, Unit

TRIES_COUNT_FOR = timedelta(hours=1)


class InvalidToken(ValueError):
    """A customer token that does not hold; the message says why, for the shop's engineer."""


@dataclass(frozen=True)
class Proof:
    """How a try ended. A wrong number and a wrong phone look the same from outside."""

    outcome: Literal["verified", "mismatch", "locked"]
    customer_id: str | None = None
    tries_left: int = 0


async def current(unit: Unit, conversation_id: str, now: datetime) -> str | None:
    """The verified customer's id; None when nobody has proven anything, or too long ago."""
    identity = await unit.identities.current(conversation_id, now)
    return identity.customer_id if identity else None


async def prove_by_order(
    store: Store,
    conversation_id: str,
    order_id: str,
    phone_last4: str,
    now: datetime,
    *,
    tries_per_hour: int = 5,
    tries_per_origin: int | None = None,
    valid_for: timedelta = timedelta(hours=12),
) -> Proof:
    """Check an order number against the end of its customer's phone number.

    Failed tries within the hour count for the conversation and for the order, so that neither many orders in
    one conversation nor one order in many conversations can be guessed; and for where the conversation began,
    so that not many orders in many conversations can (None: a person watches, and decides that).
    """
    # However it is typed, it is the same order that is tried.
    tried = order_id.lstrip("#").upper()
    async with store.writing() as unit:
        # In this order everywhere: two tries that share one of the two cannot deadlock.
        await unit.serialise(f"identity order {tried}")
        await unit.serialise(f"identity conversation {conversation_id}")
        tries = await unit.identities.tries(conversation_id, tried, now - TRIES_COUNT_FOR)
        if tries >= tries_per_hour or await _is_guessed_from(unit, conversation_id, tries_per_origin, now):
            return Proof("locked")
        customer_id = await unit.orders.owner_by_phone(order_id, phone_last4)
        if customer_id is None:
            await unit.identities.add_try(conversation_id, tried, now)
            left = tries_per_hour - tries - 1
            return Proof("mismatch", tries_left=left) if left else Proof("locked")
        await unit.identities.put(Identity(conversation_id, customer_id, "order+phone", now, now + valid_for))
        return Proof("verified", customer_id)


async def _is_guessed_from(unit: Unit, conversation_id: str, bound: int | None, now: datetime) -> bool:
    """Whether too many tries failed where this conversation began, in whatever conversations."""
    if bound is None:
        return False
    return await unit.identities.tries_of_origin(conversation_id, now - TRIES_COUNT_FOR) >= bound


async def prove_by_token(store: Store, conversation_id: str, token: str, secret: str, now: datetime) -> str:
    """Accept a token signed by the shop's site (JWT, HS256, claims `sub` and `exp`); InvalidToken otherwise.

    Returns the customer's id. The identity lasts as long as the token does.
    """
    if not secret:
        raise InvalidToken("this server has no SHOPCLERK_CUSTOMER_TOKEN_SECRET, so it accepts no tokens")
    try:
        claims = jwt.decode(token, secret, algorithms=["HS256"], options={"require": ["sub", "exp"]})
    except jwt.InvalidTokenError as error:
        raise InvalidToken(f"the customer token does not hold: {error}") from error
    customer_id = str(claims["sub"])
    try:
        expires_at = datetime.fromtimestamp(claims["exp"], tz=now.tzinfo)
    except (ValueError, OverflowError, OSError):
        raise InvalidToken("`exp` must be in seconds since 1970") from None
    async with store.reading() as unit:
        if await unit.identities.is_known(conversation_id, customer_id, expires_at, now):
            return customer_id  # as at the message before: nothing is to be written
    async with store.writing() as unit:
        if await unit.customers.get(customer_id) is None:
            raise InvalidToken("the customer token names a customer that the shop's records do not have")
        known = await unit.identities.current(conversation_id, now)
        if known and known.customer_id != customer_id:
            raise InvalidToken("this conversation belongs to another customer; start a new one")
        await unit.identities.put(Identity(conversation_id, customer_id, "token", now, expires_at))
    return customer_id
