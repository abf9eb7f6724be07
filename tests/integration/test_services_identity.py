"""Who a customer is, on both databases: the two proofs, and how guessing is stopped."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import jwt
import pytest
import sqlalchemy as sa

from support.services import identity
from support.services.identity import InvalidToken, Proof
from support.store import Store
from tests.records import NOW, delivered, fill, item, order

SECRET = "a-secret-of-the-shops-site-for-tests"


async def prove(
    store: Store, order_id: str, last4: str, conversation: str = "c1", now: datetime = NOW
) -> Proof:
    return await identity.prove_by_order(store, conversation, order_id, last4, now)


async def known(store: Store, conversation: str = "c1", now: datetime = NOW) -> str | None:
    async with store.reading() as unit:
        return await identity.current(unit, conversation, now)


async def test_an_order_and_the_end_of_its_phone_prove_who_it_is(store: Store) -> None:
    one = order()
    await fill(store, one)
    assert await prove(store, one.order_id, "0001") == Proof("verified", "C1")
    assert await known(store) == "C1"
    assert await known(store, "another conversation") is None


async def test_the_proof_lasts_for_twelve_hours(store: Store) -> None:
    one = order()
    await fill(store, one)
    await prove(store, one.order_id, "0001")
    assert await known(store, now=NOW + timedelta(hours=11)) == "C1"
    assert await known(store, now=NOW + timedelta(hours=13)) is None


@pytest.mark.parametrize("typed", ["ab-10293", "AB-10293", "#ab-10293"])
async def test_the_number_may_be_typed_in_other_letters(store: Store, typed: str) -> None:
    await fill(store, order(order_id="#AB-10293"))
    assert (await prove(store, typed, "0001")).outcome == "verified"


async def test_a_wrong_order_and_a_wrong_phone_look_the_same(store: Store) -> None:
    one = order()
    await fill(store, one)
    assert await prove(store, one.order_id, "9999") == Proof("mismatch", tries_left=4)
    assert await prove(store, "0000000000000", "0001", "c2") == Proof("mismatch", tries_left=4)


async def test_the_fifth_failure_locks_the_conversation_for_an_hour(store: Store) -> None:
    one = order()
    await fill(store, one)
    proofs = [await prove(store, f"000000000000{n}", "0001") for n in range(5)]
    assert [proof.tries_left for proof in proofs] == [4, 3, 2, 1, 0]
    assert proofs[-1].outcome == "locked"
    assert (await prove(store, one.order_id, "0001")).outcome == "locked"
    assert (await prove(store, one.order_id, "0001", now=NOW + timedelta(minutes=61))).outcome == "verified"


async def test_an_order_is_locked_against_guessing_from_many_conversations(store: Store) -> None:
    one, other = order(order_id="#AB-10293"), order(item("S2", "5"))
    await fill(store, one, other)
    for n, typed in enumerate(("AB-10293", "ab-10293", "#AB-10293", "#ab-10293", "Ab-10293")):
        await prove(store, typed, "9999", f"guess {n}")
    assert (await prove(store, one.order_id, "0001")).outcome == "locked"
    assert (await prove(store, other.order_id, "0001")).outcome == "verified"


async def test_guesses_at_once_are_counted_one_by_one(store: Store) -> None:
    one = order()
    await fill(store, one)
    guesses = [prove(store, one.order_id, f"{n:04}", f"guess {n % 3}") for n in range(9000, 9030)]
    proofs = await asyncio.gather(*guesses)
    assert sorted(proof.tries_left for proof in proofs if proof.outcome == "mismatch") == [1, 2, 3, 4]


async def test_a_customer_without_a_phone_cannot_be_proven(store: Store) -> None:
    one = delivered(customer_id="C9")
    await fill(store, one)
    async with store.writing() as unit:
        await unit.connection.exec_driver_sql("UPDATE customers SET phone = ''")
    assert (await prove(store, one.order_id, "")).outcome == "mismatch"


# --- tokens of the shop's site ---------------------------------------------------------------------


# Whether a token has expired, the library asks the real clock.
TODAY = datetime.now(UTC)


def token(customer_id: str = "C1", secret: str = SECRET, **claims: object) -> str:
    claims = {"sub": customer_id, "exp": TODAY + timedelta(hours=1)} | claims
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, secret, "HS256")


async def accept(store: Store, signed: str, conversation: str = "c1", secret: str = SECRET) -> str:
    return await identity.prove_by_token(store, conversation, signed, secret, TODAY)


async def test_a_signed_token_proves_who_it_is_as_long_as_it_lasts(store: Store) -> None:
    await fill(store, order())
    assert await accept(store, token()) == "C1"
    assert await known(store, now=TODAY) == "C1"
    assert await known(store, now=TODAY + timedelta(hours=2)) is None


async def test_the_same_token_with_the_next_message_writes_nothing(store: Store) -> None:
    await fill(store, order())
    signed = token()
    await accept(store, signed)
    async with store.reading() as unit:
        before = await unit.identities.current("c1", TODAY)
    later = TODAY + timedelta(minutes=1)
    assert await identity.prove_by_token(store, "c1", signed, SECRET, later) == "C1"
    async with store.reading() as unit:
        assert await unit.identities.current("c1", later) == before


async def test_the_same_token_is_refused_once_its_customer_is_gone_from_the_records(store: Store) -> None:
    await fill(store, order())
    signed = token()
    await accept(store, signed)
    async with store.writing() as unit:
        for table in ("shipments", "order_items", "orders", "customers"):
            await unit.connection.execute(sa.text(f"DELETE FROM {table}"))
    with pytest.raises(identity.InvalidToken, match="records do not have"):
        await accept(store, signed)


@pytest.mark.parametrize(
    "signed",
    [
        token(secret="another-secret-that-nobody-here-knows"),
        token(exp=TODAY - timedelta(seconds=1)),
        token(exp=None),
        token(sub=None),
        jwt.encode({"sub": "C1", "exp": TODAY + timedelta(hours=1)}, None, algorithm="none"),
        "nonsense",
    ],
    ids=["signed by another", "expired", "without an end", "without a customer", "unsigned", "nonsense"],
)
async def test_a_token_that_does_not_hold_is_refused(store: Store, signed: str) -> None:
    await fill(store, order())
    with pytest.raises(InvalidToken, match="does not hold"):
        await accept(store, signed)
    assert await known(store, now=TODAY) is None


async def test_a_token_for_a_customer_that_the_shop_does_not_know_is_refused(store: Store) -> None:
    with pytest.raises(InvalidToken, match="records do not have"):
        await accept(store, token("C404"))


async def test_a_conversation_never_changes_its_customer(store: Store) -> None:
    await fill(store, order(), order(item("S2", "5"), customer_id="C2"))
    await accept(store, token("C1"))
    with pytest.raises(InvalidToken, match="another customer"):
        await accept(store, token("C2"))
    assert await known(store, now=TODAY) == "C1"


async def test_without_a_secret_no_token_is_accepted(store: Store) -> None:
    with pytest.raises(InvalidToken, match="SHOPCLERK_CUSTOMER_TOKEN_SECRET"):
        await accept(store, token(), secret="")


async def begin(store: Store, origin: str, *conversations: str) -> None:
    async with store.writing() as unit:
        for one in conversations:
            await unit.conversations.touch(one, "web", "zh", NOW, origin)


async def guess(store: Store, conversation: str, times: int, bound: int | None = 6) -> Proof:
    """Every time another order, always the same end of a phone."""
    for number in range(times):
        proof = await identity.prove_by_order(
            store, conversation, f"{conversation}-{number}", "0001", NOW, tries_per_origin=bound
        )
    return proof


async def test_many_orders_in_many_conversations_cannot_be_guessed_from_one_address(store: Store) -> None:
    one = order()
    await fill(store, one)
    await begin(store, "home", "c1", "c2", "c3")
    await guess(store, "c1", 3)
    await guess(store, "c2", 3)
    right = await identity.prove_by_order(store, "c3", one.order_id, "0001", NOW, tries_per_origin=6)
    assert right == Proof("locked")


async def test_others_are_not_locked_out_with_who_guesses(store: Store) -> None:
    one = order()
    await fill(store, one)
    await begin(store, "home", "c1", "c2")
    await begin(store, "elsewhere", "c3")
    await begin(store, "", "c4", "c5")
    for conversation in ("c1", "c2", "c4"):
        await guess(store, conversation, 3)
    for conversation in ("c3", "c5"):
        proof = await identity.prove_by_order(
            store, conversation, one.order_id, "0001", NOW, tries_per_origin=6
        )
        assert proof.outcome == "verified"


async def test_where_a_person_watches_the_address_does_not_count(store: Store) -> None:
    one = order()
    await fill(store, one)
    await begin(store, "home", "c1", "c2", "c3")
    for conversation in ("c1", "c2"):
        await guess(store, conversation, 4, bound=None)
    assert (await prove(store, one.order_id, "0001", "c3")).outcome == "verified"
