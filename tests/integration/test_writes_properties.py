"""Whatever happens in whatever order, no money moves without every proof, and never twice.

Hypothesis plays customers, strangers, clocks, policies, the staff and requests at once against the use cases
on both databases. What it may expect is kept beside it (`_World`), and is no copy of the code under test.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from support.model import Order, OrderStatus, Reason
from support.policy import Policy, load
from support.services import cancel_order, identity, refund, staff_writes
from support.services.desk import DeskError
from support.services.refund import NotConfirmed, NotFound, NotVerified, Verdict, Wish
from support.services.staff import SignedIn
from support.store import LedgerEntry, Refund, Store
from support.store import tables as t
from tests.records import NOW, delivered, fill, item, order, phone_of, picture, shipped

DEMO = load(Path(__file__).parents[2] / "demo" / "policy.yml")
_YES = {"id": "always", "decision": "approve", "explain": {"zh": "可以", "en": "Yes"}}
GENEROUS = Policy.model_validate({"refund": [_YES], "cancel": [_YES]})
LIMITED = Policy.model_validate(
    {"refund": [_YES | {"id": "small", "when": {"amount_up_to": 120}}], "handoff": {"high_value": 400}}
)
POLICIES = {"demo": DEMO, "generous": GENEROUS, "limited": LIMITED, "none": Policy()}

LOST = (NotVerified, NotFound, NotConfirmed)
COLLEAGUE = SignedIn("mei", "Mei", ("agent",), "zh", "")
_worlds = itertools.count(1)


@dataclass
class _World:
    """What is known to be true: who has proven what, what was said, and when."""

    number: int
    orders: list[Order] = field(default_factory=list)
    proofs: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    said: dict[str, dict[str, datetime]] = field(default_factory=dict)
    photos: list[str] = field(default_factory=list)
    writes: dict[str, tuple[str, datetime]] = field(default_factory=dict)  # refund id -> conversation, time
    ledger: int = 0

    def talks(self) -> list[str]:
        return [f"talk-{self.number}-{one}" for one in ("a", "b", "c")]

    def owner(self, talk: str, now: datetime) -> str | None:
        customer, until = self.proofs.get(talk, ("", now))
        return customer if until > now else None

    def has_said(self, talk: str, message: str | None, now: datetime) -> bool:
        at = self.said.get(talk, {}).get(message or "")
        return at is not None and now - at <= timedelta(hours=24)


class _Shop(RuleBasedStateMachine):
    """One world in a shared database."""

    run: Any
    store: Store

    @initialize(policy=st.sampled_from(sorted(POLICIES)), late=st.integers(1, 20))
    def open(self, policy: str, late: int) -> None:
        self.world, self.now, self.policy = _World(next(_worlds)), NOW, POLICIES[policy]
        mine, theirs = f"C{self.world.number}1", f"C{self.world.number}2"
        name = f"S{self.world.number}"
        self.world.orders = [
            delivered(
                item(f"{name}-1", "100.00"), item(f"{name}-2", "50.00"), days_ago=late, customer_id=mine
            ),
            order(item(f"{name}-3", "300.00", quantity=2), customer_id=mine),
            shipped(item(f"{name}-4", "80.00"), customer_id=theirs),
            delivered(item(f"{name}-5", "450.00"), days_ago=late, customer_id=theirs),
        ]
        self.run(fill(self.store, *self.world.orders))
        for talk in self.world.talks():
            self.say(talk[-1])

    # --- what may happen -------------------------------------------------------------------------------
    @rule(hours=st.sampled_from([1, 11, 13, 30]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(talk=st.sampled_from("abc"))
    def say(self, talk: str) -> None:
        here = self._talk(talk)
        said = self.world.said.setdefault(here, {})
        message = f"m{len(said) + 1}-{talk}"
        said[message] = self.now
        self.run(self._receive(here, message))

    async def _receive(self, talk: str, message: str) -> None:
        async with self.store.writing() as unit:
            await unit.conversations.touch(talk, "web", "zh", self.now)
            await unit.conversations.receive(talk, message, "好的", (), self.now)

    @rule(talk=st.sampled_from("abc"), kind=st.sampled_from(["photo", "order"]))
    def send_picture(self, talk: str, kind: str) -> None:
        sent = picture(self._talk(talk), kind)
        self.world.photos.append(sent.attachment_id)
        self.run(self._add_picture(sent))

    async def _add_picture(self, sent: Any) -> None:
        async with self.store.writing() as unit:
            await unit.attachments.add(sent)

    @rule(talk=st.sampled_from("abc"), which=st.integers(0, 3), knows=st.booleans())
    def prove(self, talk: str, which: int, knows: bool) -> None:
        one, here = self.world.orders[which], self._talk(talk)
        last4 = phone_of(one.customer_id)[-4:] if knows else "0000"
        proof = self.run(identity.prove_by_order(self.store, here, one.order_id, last4, self.now))
        assert knows or proof.outcome != "verified"
        if proof.outcome == "verified":
            self.world.proofs[here] = (one.customer_id, self.now + timedelta(hours=12))

    @rule(
        talk=st.sampled_from("abc"),
        which=st.integers(0, 3),
        some=st.integers(0, 2),
        reason=st.sampled_from(list(Reason)),
        yes=st.sampled_from(["own", "old", "foreign", "made up", "none"]),
        at_once=st.sampled_from([1, 1, 1, 4]),
        data=st.data(),
    )
    def ask_for_a_refund(
        self, talk: str, which: int, some: int, reason: Reason, yes: str, at_once: int, data: st.DataObject
    ) -> None:
        one = self.world.orders[which]
        skus = tuple(line.sku_id for line in one.items)[:some] or tuple(line.sku_id for line in one.items)
        evidence = (
            tuple(data.draw(st.lists(st.sampled_from(self.world.photos), max_size=2)))
            if self.world.photos
            else ()
        )
        wish = Wish(one.order_id, skus, reason, "", evidence, self._yes(talk, yes))
        asked = [
            refund.request(self.store, self.policy, self._talk(talk), wish, self.now) for _ in range(at_once)
        ]
        self._check(talk, one, wish.confirming_message, self._ask(asked))

    @rule(
        talk=st.sampled_from("abc"),
        which=st.integers(0, 3),
        yes=st.sampled_from(["own", "old", "foreign", "made up", "none"]),
        at_once=st.sampled_from([1, 1, 3]),
    )
    def ask_to_cancel(self, talk: str, which: int, yes: str, at_once: int) -> None:
        one, here, said = self.world.orders[which], self._talk(talk), self._yes(talk, yes)
        asked = [
            cancel_order.request(self.store, self.policy, here, one.order_id, said, self.now)
            for _ in range(at_once)
        ]
        self._check(talk, one, said, self._ask(asked))

    @rule(approve=st.booleans(), which=st.integers(0, 5))
    def a_colleague_decides(self, approve: bool, which: int) -> None:
        waiting = [one for one in self._refunds() if one.status == "review"]
        if not waiting:
            return
        chosen, verdict = waiting[which % len(waiting)], Verdict(approve, "看过照片")
        decided = staff_writes.decide_review(
            self.store, self.policy, COLLEAGUE, chosen.refund_id, verdict, self.now
        )
        self.run(decided)
        with pytest.raises(DeskError):
            again = Verdict(not approve, "改主意了")
            self.run(
                staff_writes.decide_review(
                    self.store, self.policy, COLLEAGUE, chosen.refund_id, again, self.now
                )
            )

    @rule(which=st.integers(0, 3))
    def the_shop_delivers(self, which: int) -> None:
        one = self.world.orders[which]
        if self._status(one) in (OrderStatus.PAID, OrderStatus.SHIPPED):
            self.run(self._set(one.order_id, OrderStatus.DELIVERED))

    async def _set(self, order_id: str, status: OrderStatus) -> None:
        async with self.store.writing() as unit:
            await unit.orders.set_status(order_id, status)

    # --- what must be so -------------------------------------------------------------------------------
    def _ask(self, asked: list[Coroutine[Any, Any, Any]]) -> list[Any]:
        async def together() -> list[Any]:
            return await asyncio.gather(*asked, return_exceptions=True)

        answers: list[Any] = self.run(together())
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, LOST):
                raise answer
        return answers

    def _check(self, talk: str, one: Order, yes: str | None, answers: list[Any]) -> None:
        """What was carried out just now had its proofs; at most one of several at once was the first."""
        here = self._talk(talk)
        mine = self.world.owner(here, self.now) == one.customer_id
        done = [answer for answer in answers if not isinstance(answer, BaseException)]
        assert mine or not done, "somebody else's order was decided about"
        new = [answer for answer in done if answer.refund and not answer.repeated]
        assert len(new) <= 1
        if new:
            assert self.world.has_said(here, yes, self.now), "money moved without the customer's yes"
            self.world.writes[new[0].refund.refund_id] = (here, self.now)

    @invariant()
    def no_refund_came_from_nowhere(self) -> None:
        if hasattr(self, "world"):
            assert {one.refund_id for one in self._refunds()} == self.world.writes.keys()

    @invariant()
    def no_line_is_given_back_twice_and_no_more_than_was_paid(self) -> None:
        if not hasattr(self, "world"):
            return
        for one in self.world.orders:
            promised = [
                it for it in self._refunds() if it.order_id == one.order_id and it.status != "refused"
            ]
            lines = [sku for it in promised for sku in it.sku_ids]
            assert len(lines) == len(set(lines))
            assert sum(it.amount.minor for it in promised) <= one.total.minor

    @invariant()
    def the_ledger_tells_of_every_refund_and_forgets_none(self) -> None:
        if not hasattr(self, "world"):
            return
        entries = [entry for one in self.world.orders for entry in self._ledger(one)]
        assert len(entries) >= self.world.ledger
        self.world.ledger = len(entries)
        for made in self._refunds():
            (entry,) = [
                it
                for it in entries
                if it.result.get("refund_id") == made.refund_id and it.action in ("refund", "cancel")
            ]
            assert entry.result["amount_minor"] == made.amount.minor
            assert entry.rule and entry.confirming_message
            assert (entry.conversation_id, entry.at) == self.world.writes[made.refund_id]
            assert entry.actor == f"customer:{made.customer_id}"

    @invariant()
    def an_order_is_closed_by_a_decision_only(self) -> None:
        if not hasattr(self, "world"):
            return
        for one in self.world.orders:
            status, entries = self._status(one), self._ledger(one)
            cancelled = any(it.action == "cancel" and it.outcome == "approve" for it in entries)
            assert (status is OrderStatus.CANCELLED) == cancelled
            if status is OrderStatus.REFUNDED:
                given = {sku for it in self._refunds() if it.status == "approved" for sku in it.sku_ids}
                assert given >= {line.sku_id for line in one.items}

    # --- looking ---------------------------------------------------------------------------------------
    def _talk(self, name: str) -> str:
        return next(one for one in self.world.talks() if one.endswith(name))

    def _yes(self, talk: str, kind: str) -> str | None:
        mine = sorted(self.world.said[self._talk(talk)].items(), key=lambda one: one[1])
        other = self.world.said[self._talk("b" if talk == "a" else "a")]
        chosen = {"own": mine[-1][0], "old": mine[0][0], "foreign": next(iter(other)), "made up": "m0"}
        return chosen.get(kind)

    def _refunds(self) -> list[Refund]:
        async def read() -> list[Refund]:
            async with self.store.reading() as unit:
                return [it for one in self.world.orders for it in await unit.refunds.of_order(one.order_id)]

        found: list[Refund] = self.run(read())
        return found

    def _ledger(self, one: Order) -> list[LedgerEntry]:
        async def read() -> list[LedgerEntry]:
            async with self.store.reading() as unit:
                return await unit.ledger.of_order(one.order_id)

        found: list[LedgerEntry] = self.run(read())
        return found

    def _status(self, one: Order) -> OrderStatus:
        async def read() -> str:
            query = sa.select(t.orders.c.status).where(t.orders.c.order_id == one.order_id)
            async with self.store.reading() as unit:
                return str(await unit.connection.scalar(query))

        return OrderStatus(self.run(read()))


def test_no_sequence_of_events_moves_money_without_proof_or_twice(database_url: str) -> None:
    with asyncio.Runner() as runner:
        store = Store(database_url)
        machine = type("Machine", (_Shop,), {"run": staticmethod(runner.run), "store": store})
        every_time_the_same = settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(machine, settings=every_time_the_same)
        runner.run(store.close())
