"""Somebody whose data is in every table and file of the system, for tests of what becomes of it.

    talked = await fill_everything(places, records)     # 林小雨, customer C1, conversation TALK
    assert await traces(places, folder, WORDS) == []    # nowhere left

Every table that the inventory lists gets rows; a test checks that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from support.dataset.folder import Folder
from support.dataset.parts import pseudonym
from support.model import Holder, RawEvent
from support.privacy import Places
from support.privacy.inventory import HOLDINGS
from support.services import projection, staff
from support.store import LedgerEntry, ModelCall, ModelText, Refund, Store, Transition
from support.store import tables as t
from support.store.answer_marks import AnswerMark
from support.store.tables.tracker import tracker_metadata
from tests.builders import NOW, PHONE, Records, line, order, photo, yuan

CUSTOMER, TALK, PICTURE = "C1", "talk-of-lin-0000000001", "a" * 32
NAME, EMAIL, ADDRESS = "林小雨", "xiaoyu@example.com", "漕溪北路88号"
SAID, NOTED, TYPED = "裙子的拉链坏了，帮我退款吧", "顾客脾气好，尽快处理", "拉链是我自己弄坏的"
# What must be nowhere once she is erased. Her customer number is not among words: see `ids_of`.
WORDS = (NAME, PHONE, EMAIL, ADDRESS, SAID, NOTED, TYPED)
# Somebody else, of whom everything must stay.
OTHER, OTHER_TALK, OTHER_SAID = "C2", "talk-of-chen-000000001", "我的杯子什么时候到"


async def fill_everything(places: Places, records: Records) -> None:
    """林小雨 in every table, in Rasa's own, in the folder of pictures and in an exported data set."""
    await _shop(records)
    await _conversation(places.store, TALK, SAID)
    await _conversation(places.store, OTHER_TALK, OTHER_SAID)
    await records.proof(TALK, CUSTOMER)
    await records.proof(OTHER_TALK, OTHER)
    await _beside(places.store)
    await _decisions(places.store)
    await records.picture(replace(photo(PICTURE, TALK), reading={"lines": [NAME]}))
    await places.pictures.put(PICTURE, NAME.encode())
    await _told_by_rasa(places)
    _dataset(places.dataset)


async def _shop(records: Records) -> None:
    for customer_id, number in ((CUSTOMER, PHONE), (OTHER, "13900005678")):
        await records.customer(customer_id, number)
    async with records.store.writing() as unit:
        hers = sa.update(t.customers).where(t.customers.c.customer_id == CUSTOMER)
        await unit.connection.execute(hers.values(email=EMAIL))
        his = sa.update(t.customers).where(t.customers.c.customer_id == OTHER)
        await unit.connection.execute(his.values(name="陈一"))
    one = order("delivered", [line("S1"), line("S2")], shipped=4, delivered=1, postage="6.00")
    extra = {"remark": f"请交给{NAME}", "shipping_fee": "6.00"}
    await records.order(replace(one, shipping_address=f"上海市徐汇区{ADDRESS}", extra=extra))
    await records.order(order("paid", [line("S9")], order_id="B1", customer_id=OTHER))


async def _conversation(store: Store, conversation_id: str, said: str) -> None:
    async with store.writing() as unit:
        await unit.conversations.touch(conversation_id, "web", "zh", NOW)
        await unit.conversations.receive(conversation_id, "m-1", said, [], NOW)
        await unit.conversations.reply_to(
            conversation_id, "m-1", {"messages": [{"text": f"好的：{said}"}], "holder": "bot"}
        )
        await unit.conversations.tell(conversation_id, "message", {"text": "在的", "from": "小梅"}, NOW)


async def _beside(store: Store) -> None:
    async with store.writing() as unit:
        await unit.handovers.open(TALK, "asked", {"customer": NAME, "last": SAID}, NOW)
        (handover,) = await unit.handovers.of_conversation(TALK)
        await unit.handovers.change(handover.id, status="closed", closed_at=NOW, closed_why="done")
        step = Transition(TALK, handover.id, Holder.BOT, Holder.BOT, "system", "", "asked", NOW, note=NOTED)
        await unit.conversations.move(step)
        await unit.notes.add(TALK, "mei", NOTED, NOW)
        await unit.ratings.add(TALK, 5, SAID, NOW)
        await unit.identities.add_try(TALK, "A1", NOW)
        mark = AnswerMark(TALK, "m-1", "customer", "", "good", None, SAID, "好的", {}, NOW)
        await unit.answer_marks.put(mark)
        call = ModelCall(TALK, NOW, "answer", 10, 20, "ok", 1, 1, "m-1")
        (number,) = await unit.model_calls.add([call])
        await unit.model_calls.add_texts([ModelText(number, [{"role": "user", "content": SAID}], NAME)])
        await unit.review.add_label(TALK, f"{NAME}的投诉", "mei", NOW)
        await unit.event_queue.set_aside("", json.dumps({"sender_id": TALK, "text": SAID}), "broken", NOW)
        await staff.note(unit, "mei", "add_label", NOW, conversation_id=TALK, label=f"{NAME}的投诉")
        rows: dict[sa.Table, dict[str, Any]] = {
            t.event_queue: {"conversation_id": TALK, "data": SAID, "queued_at": NOW},
            t.review_states: {"conversation_id": TALK, "state": "reviewed", "staff": "mei", "at": NOW},
            t.review_history: {
                "conversation_id": TALK, "what": "state", "before": {}, "after": {}, "staff": "mei", "at": NOW
            },
            t.guest_conversations: {"conversation_id": TALK, "link_id": 1},
            t.fingerprints: {"id": 1, "picture": PICTURE, "data": b"x", "made_at": NOW},
            t.fingerprint_words: {"word": 7, "fingerprint_id": 1},
            t.claim_pictures: {"picture": PICTURE, "refund_id": "R1"},
            t.picture_views: {
                "picture": PICTURE, "order_id": "A1", "sku_ids": ["S1"], "shows": "yes", "fault": "yes",
                "confidence": 90, "made_at": NOW,
            },
            t.challenges: {
                "conversation_id": TALK, "order_id": "A1", "code": "K7", "status": "passed", "tries": 1,
                "pictures": [PICTURE], "asked_at": NOW, "expires_at": NOW,
            },
            t.saved_filters: {"staff": "mei", "name": "退款", "query": {"text": NAME}, "at": NOW},
            t.review_values: {"kind": "label", "value": f"{NAME}的投诉"},
        }  # fmt: skip
        for table, row in rows.items():
            await unit.connection.execute(sa.insert(table).values(**row))
        await unit.connection.execute(sa.insert(t.training_examples).values(**_example()))


def _example() -> dict[str, Any]:
    return {
        "text": SAID, "key": SAID, "intent": "refund", "language": "zh", "state": "new", "staff": "mei",
        "conversation_id": TALK, "message_id": "m-1", "created_at": NOW, "changed_at": NOW,
    }  # fmt: skip


async def _decisions(store: Store) -> None:
    """A refund with her words, and a verdict that names her."""
    entry = LedgerEntry(
        NOW, "refund", f"customer:{CUSTOMER}", TALK, "A1", "quality", "approve", "m-1",
        {"sku_ids": ["S1"], "reason": "quality", "note": TYPED, "evidence": [PICTURE]},
        {"refund_id": "R1", "amount_minor": 10_000, "currency": "CNY"},
    )  # fmt: skip
    refund = Refund(
        "R1", "key", "A1", CUSTOMER, "approved", ("S1",), "quality", TYPED, (PICTURE,), yuan("100.00"),
        "quality", NOW,
    )  # fmt: skip
    verdict = replace(entry, action="review", actor="staff:mei", inputs={"verdict": f"{NAME}是老顾客"})
    async with store.writing() as unit:
        await unit.refunds.add(refund)
        await unit.ledger.append(entry)
        await unit.ledger.append(verdict)


def events(conversation_id: str, said: str) -> list[dict[str, Any]]:
    """As Rasa publishes them."""
    user = {"event": "user", "text": said, "message_id": "m-1", "metadata": {"channel": "web"}}
    parsed = {"intent": {"name": "refund", "confidence": 0.9}, "entities": [], "text": said}
    bot = {"event": "bot", "text": f"好的：{said}", "data": {}, "metadata": {}}
    seconds = NOW.timestamp()
    return [
        {"sender_id": conversation_id, "timestamp": seconds, "parse_data": parsed, **user},
        {"sender_id": conversation_id, "timestamp": seconds + 1, **bot},
    ]


async def project(store: Store, conversation_id: str, said: str, later: timedelta = timedelta()) -> None:
    """What the projector makes of them; `later` moves their times."""
    raw = [
        RawEvent(conversation_id, f"{conversation_id}{number}{later}", NOW + later, body["event"], body)
        for number, body in enumerate(events(conversation_id, said))
    ]
    async with store.writing() as unit:
        await projection.project(unit, raw)


async def _told_by_rasa(places: Places) -> None:
    for conversation_id, said in ((TALK, SAID), (OTHER_TALK, OTHER_SAID)):
        await project(places.store, conversation_id, said)
    tracker = Store(places.tracker.url)
    async with tracker.writing() as unit:
        await unit.connection.run_sync(tracker_metadata.create_all)
        table = tracker_metadata.tables["events"]
        for conversation_id, said in ((TALK, SAID), (OTHER_TALK, OTHER_SAID)):
            for event in events(conversation_id, said):
                row = {"sender_id": conversation_id, "type_name": event["event"], "data": json.dumps(event)}
                row["timestamp"] = event["timestamp"]
                await unit.connection.execute(sa.insert(table).values(**row))
    await tracker.close()


def _dataset(folder: Path) -> None:
    """One row of hers and one of somebody else's in each of two files."""
    with Folder(folder) as data:
        for talk, said in ((TALK, SAID), (OTHER_TALK, OTHER_SAID)):
            image = data.add_image(said.encode())
            row = {"images": [image], "messages": [{"role": "user", "content": said}]}
            data.add("sft.train.jsonl", row, pseudonym(talk), "reviewer", said)
        data.finish(NOW, {})


# --- what is left ------------------------------------------------------------------------------------------


async def traces(places: Places, folder: Path, words: Iterable[str]) -> list[str]:
    """Where any of the words still is: tables, Rasa's table, every file below the folder, byte by byte."""
    wanted = list(words)
    found = []
    for store, metadata in ((places.store, t.metadata), (Store(places.tracker.url), tracker_metadata)):
        async with store.reading() as unit:
            for table in metadata.sorted_tables:
                for row in (await unit.connection.execute(sa.select(table))).all():
                    data = " ".join(map(str, row)).encode()
                    found += [f"{table.name}: {one}" for one in wanted if _is_in(one, data)]
        if store is not places.store:
            await store.close()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            found += [f"{path.name}: {one}" for one in wanted if _is_in(one, data)]
    return found


def _is_in(word: str, data: bytes) -> bool:
    """As it is, or as JSON escapes it."""
    return word.encode() in data or json.dumps(word).strip('"').encode() in data


async def filled_tables(store: Store) -> set[str]:
    """Tables of the inventory that have rows."""
    found = set()
    async with store.reading() as unit:
        for one in HOLDINGS:
            query = sa.select(sa.func.count()).select_from(t.metadata.tables[one.table])
            if await unit.connection.scalar(query):
                found.add(one.table)
    return found
