"""What a turn asks of the database, by kind of turn, and what a long conversation is read for; on both."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import turn as turns
from actions.find_order import ValidateFindOrderForm
from actions.order_status import OrderStatusAction
from actions.refund_form import ValidateRefundForm
from actions.turn import ShopAction, Turn
from support.bootstrap import Shop
from support.model import Order
from support.services import identity
from support.store import Store
from support.store.tables.tracker import tracker_events, tracker_metadata
from tests.records import fill, item, shipped

Json = dict[str, Any]


@pytest_asyncio.fixture
async def shop(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    """The shop that actions find in their process, on this database."""
    monkeypatch.setenv("SHOPCLERK_DATABASE_URL", database_url)
    monkeypatch.setenv("SHOPCLERK_VAR", str(tmp_path))
    turns.shop.cache_clear()
    yield turns.shop()
    await turns.shop().close()
    turns.shop.cache_clear()


@pytest_asyncio.fixture
async def known(shop: Shop) -> Order:
    """An order whose customer has proven to own it, in conversation c1."""
    one = shipped(item("S1", "79.00"), item("S2", "50.00"))
    await fill(shop.store, one)
    await identity.prove_by_order(shop.store, "c1", one.order_id, "0001", shop.clock())
    return one


def heard(text: str, intent: str, *events: Json, loop: str | None = None, **slots: Any) -> Tracker:
    message = {"text": text, "intent": {"name": intent}, "metadata": {"message_id": "m1"}}
    before = [{"event": "action", "name": "action_listen"}, {"event": "user", "text": text, "metadata": {}}]
    loops = {"name": loop} if loop else {}
    return Tracker("c1", slots, message, [*before, *events], False, None, loops, None)


def begun(form: str) -> list[Json]:
    return [{"event": "action", "name": form}, {"event": "active_loop", "name": form}]


async def asked(store: Store, action: ShopAction, at: Tracker) -> Counter[str]:
    """How many statements, transactions and commits the action needs."""
    counts: Counter[str] = Counter()
    engine = store.engine.sync_engine

    def statement(_connection: Any, _cursor: Any, words: str, *_rest: Any) -> None:
        counts["statements"] += not words.startswith("BEGIN")

    def begin(_connection: Any) -> None:
        counts["transactions"] += 1

    def commit(_connection: Any) -> None:
        counts["commits"] += 1

    listeners: dict[str, Callable[..., None]] = {
        "before_cursor_execute": statement,
        "begin": begin,
        "commit": commit,
    }
    for name, listener in listeners.items():
        sa.event.listen(engine, name, listener)
    await action.run(CollectingDispatcher(), at, {})
    for name, listener in listeners.items():
        sa.event.remove(engine, name, listener)
    return counts


async def test_an_order_is_shown_by_three_statements(shop: Shop, known: Order) -> None:
    counts = await asked(shop.store, OrderStatusAction(), heard(f"订单{known.order_id}", "order_status"))
    assert counts == {"statements": 3, "transactions": 1}


async def test_a_stranger_costs_one_statement(shop: Shop) -> None:
    counts = await asked(shop.store, OrderStatusAction(), heard("订单6205845058777", "order_status"))
    assert counts == {"statements": 1, "transactions": 1}


async def test_a_refund_form_that_begins_reads_each_row_once(shop: Shop, known: Order) -> None:
    text, form = f"{known.order_id}我要退款", "refund_form"
    at = heard(text, "refund", *begun(form), loop=form)
    counts = await asked(shop.store, ValidateRefundForm(), at)
    # Identity, the order, its parcels, its refunds.
    assert counts == {"statements": 4, "transactions": 2}


async def test_a_proof_is_looked_up_again_once_it_is_given(shop: Shop, known: Order) -> None:
    async with shop.store.writing() as unit:
        await unit.connection.execute(sa.text("DELETE FROM verified_identity"))
    form = "find_order_form"
    at = heard(f"{known.order_id}，手机尾号0001", "order_status", *begun(form), loop=form)
    events = await ValidateFindOrderForm().run(CollectingDispatcher(), at, {})
    set_to = {event["name"]: event["value"] for event in events if event["event"] == "slot"}
    assert set_to["order_id"] == known.order_id
    assert set_to["requested_slot"] is None


# --- a long conversation -----------------------------------------------------------------------------------


async def keep(store: Store, url: str, *events: Json) -> None:
    """As Rasa's tracker store does."""
    told = Store(url)
    async with told.writing() as unit:
        await unit.connection.run_sync(tracker_metadata.create_all)
        rows = [
            {"sender_id": "c1", "type_name": event["event"], "data": json.dumps(event)} for event in events
        ]
        await unit.connection.execute(sa.insert(tracker_events), rows)
    await told.close()


def said(text: str, at: float) -> Json:
    return {"event": "user", "text": text, "timestamp": at, "metadata": {}}


async def test_what_a_call_leaves_out_is_recalled_from_the_tracker_of_this_session(shop: Shop) -> None:
    started = {"event": "session_started", "timestamp": 2.0}
    old, first, second = said("上次", 1.0), said("第一句", 3.0), said("第二句", 4.0)
    await keep(shop.store, shop.settings.tracker_url, old, started, first, second)
    short = [{"event": "action", "name": "action_listen"}, {"event": "earlier", "before": 4.0}, second]
    turn = Turn(CollectingDispatcher(), Tracker("c1", {}, {"text": "第二句"}, short, False, None, {}, None))
    await turn.recall(shop)
    assert turn.past == [started, first, second]


async def test_a_call_with_everything_needs_no_tracker(shop: Shop) -> None:
    turn = Turn(CollectingDispatcher(), heard("你好", "greet"))
    before = list(turn.past)
    await turn.recall(shop)
    assert turn.past == before
