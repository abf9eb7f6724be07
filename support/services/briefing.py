"""The summary and the draft answer of a handover, written into its packet after the customer was told.

The summary is the model's, in the staff's language, if it claims nothing that neither the conversation nor
the records say; else it is put together from the packet. The draft is in the customer's language and says
only what a document or a record says; where neither has anything to say, it is empty. Beside it stands what
it answers and from what (`draft_from`), so that an agent's change of it can teach the assistant.

Who opens the conversation later has it written again (`renew`) if the customer or the records moved on.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from support import prompts, wording
from support.knowledge import Knowledge
from support.llm import Llm, ModelUnavailable
from support.model import HandoffReason, Language, Order
from support.personal import PEOPLES, mask
from support.policy import Policy
from support.prompts import Persona
from support.services import ask_knowledge, claim_gate
from support.services.model_calls import CallBook, Calls
from support.store import Handover, Refund, Store, Unit
from support.wording import Reader

log = logging.getLogger(__name__)

Json = dict[str, Any]

_CITED = re.compile(r"\s*\[\d{1,2}\]")
# "转人工", "talk to a person": what brought the customer here, not what the matter is.
_FOR_A_PERSON = re.compile(
    r"人工|真人|客服|\b(person|human|agent|someone|somebody|colleague|representative)\b", re.I
)
_FOR_A_PERSON_AT_MOST = 40
# What the last message was answered with, or not at all, when the documents may have the answer.
_NOT_FROM_RECORDS = frozenset(
    {"", "utter_knowledge_answer", "utter_knowledge_maybe", "utter_knowledge_no_answer"}
)
_WANTS_SHOWN = 3
_WORDS_SHOWN = 3
_WORDS_READ = 20
_RENEWED_AFTER = timedelta(minutes=1)
# Why a person is needed, for the summary.
_OPEN: Mapping[str, Mapping[Language, str]] = {
    HandoffReason.ASKED: {"zh": "顾客要求人工", "en": "the customer asked for a person"},
    HandoffReason.NOT_UNDERSTOOD: {
        "zh": "助手没听懂，需要问清楚",
        "en": "the assistant did not understand: ask what it is about",
    },
    HandoffReason.UNSURE: {"zh": "资料里没有把握的答案", "en": "the documents give no certain answer"},
    HandoffReason.POLICY: {"zh": "需要人工决定或办理", "en": "a person has to decide or do it"},
    HandoffReason.ANGER: {"zh": "顾客很生气，请先安抚", "en": "the customer is angry: calm them first"},
    HandoffReason.FAILURE: {"zh": "系统出错，消息没处理", "en": "a failure: the message was not dealt with"},
    HandoffReason.HIGH_VALUE: {"zh": "订单金额较高，需要人工确认", "en": "a valuable order: confirm it"},
    HandoffReason.SAFETY: {
        "zh": "顾客的话关系到人身安全，请马上看",
        "en": "what the customer wrote is about somebody's safety: look at once",
    },
}
# What a draft begins with where the record alone would be a cold answer, and what leads on to the record.
_ACKNOWLEDGED: Mapping[str, Mapping[Language, str]] = {
    HandoffReason.ANGER: {
        "zh": "这件事让您这么不愉快，真的很抱歉，前面的经过我都看过了。",
        "en": "I'm really sorry about this. I've read everything that happened.",
    },
    HandoffReason.POLICY: {"zh": "您的申请我看到了。", "en": "I have your request here."},
    HandoffReason.HIGH_VALUE: {"zh": "您的订单由我来跟进。", "en": "I'm looking after your order."},
}
_STANDS: Mapping[Language, str] = {"zh": "目前是这样：", "en": "This is where it stands:"}


@dataclass(frozen=True)
class Draft:
    """An answer to suggest to a person: to which of the customer's words, and from what."""

    text: str = ""
    question: str = ""
    citations: tuple[str, ...] = ()
    records: tuple[str, ...] = ()


@dataclass(frozen=True)
class Office:
    """What briefings are written with. `staff` is the language of the shop's people."""

    policy: Policy
    knowledge: Knowledge
    llm: Llm | None
    staff: Language
    personas: Mapping[Language, Persona]
    call_book: CallBook | None = None

    def reader(self, language: Language, now: datetime) -> Reader:
        return Reader(language, self.policy.zone, now)


async def brief(store: Store, office: Office, handover_id: int, now: datetime) -> None:
    """Add summary and draft to the handover's packet; nothing happens to one that has them or is over."""
    async with store.reading() as unit:
        handover = await unit.handovers.get(handover_id)
    if handover is None or handover.status == "closed" or "summary" in handover.packet:
        return
    await _write(store, office, handover, now)


async def renew(store: Store, office: Office, handover_id: int, now: datetime) -> None:
    """Write it again if the customer, a refund or the order moved on since; at most once a minute.

    The draft changes only while nobody has the conversation: under the hands of a person it stays as it is.
    """
    async with store.writing() as unit:
        handover = await unit.handovers.get(handover_id)
        if handover is None or handover.status == "closed" or "summary" not in handover.packet:
            return
        await unit.conversations.hold(handover.conversation_id)
        written_at = datetime.fromisoformat(
            handover.packet.get("briefed_at") or handover.opened_at.isoformat()
        )
        order, refunds = await _records(unit, handover)
        if now - written_at < _RENEWED_AFTER or _stand(handover, order, refunds) == handover.packet.get(
            "briefed_on"
        ):
            return
        packet = dict(handover.packet) | {"briefed_at": now.isoformat()}
        await unit.handovers.change(handover_id, packet=packet)
    await _write(store, office, replace(handover, packet=packet), now)


async def _write(store: Store, office: Office, handover: Handover, now: datetime) -> None:
    async with store.reading() as unit:
        order, refunds = await _records(unit, handover)
        said = [*handover.packet.get("last_messages", ()), *await _said_since(unit, handover)]
    known = replace(handover, packet={**handover.packet, "last_messages": said[-_WORDS_READ:]})
    calls = Calls(office.call_book, handover.conversation_id)
    added: Json = {"summary": await _summary(office, known, order, refunds, calls, now)}
    if handover.status == "waiting" or "draft" not in handover.packet:
        draft = await _draft(office, known, order, refunds, calls, now)
        added |= {"draft": draft.text, "draft_from": await _origin(store, handover, draft, now)}
    added |= {"briefed_at": now.isoformat(), "briefed_on": _stand(handover, order, refunds)}
    async with store.writing() as unit:
        await unit.conversations.hold(handover.conversation_id)
        await unit.handovers.change(handover.id, packet=dict(handover.packet) | added)
        await unit.conversations.tell(handover.conversation_id, "packet", {"handover_id": handover.id}, now)
    await calls.keep()


def _stand(handover: Handover, order: Order | None, refunds: Sequence[Refund]) -> Json:
    """What a briefing stands on, and what makes it old when it changes."""
    said_at = handover.customer_said_at
    return {
        "said_at": said_at.isoformat() if said_at else None,
        "order": order.status.value if order else None,
        "refunds": {one.refund_id: one.status for one in refunds},
    }


async def _said_since(unit: Unit, handover: Handover) -> list[Json]:
    """What customer and people have said since the handover, in the form of the packet's words."""
    received = await unit.conversations.last_messages(handover.conversation_id, _WORDS_READ)
    said = [(one.received_at, "customer", one.text) for one in received]
    for event in await unit.conversations.events(handover.conversation_id, 0):
        if event.kind == "message" and event.payload.get("from"):
            said.append((event.at, "person", str(event.payload.get("text") or "")))
    return [{"who": who, "text": text} for at, who, text in sorted(said) if at > handover.opened_at]


async def _records(unit: Unit, handover: Handover) -> tuple[Order | None, list[Refund]]:
    """The packet's order as it is now."""
    card, customer = handover.packet.get("order"), handover.packet.get("customer")
    if not card or not customer:
        return None, []
    order = await unit.orders.owned(card["order_id"], customer["customer_id"])
    return order, await unit.refunds.of_order(order.order_id) if order else []


# --- the summary -------------------------------------------------------------------------------------------


async def _summary(
    office: Office,
    handover: Handover,
    order: Order | None,
    refunds: Sequence[Refund],
    calls: Calls,
    now: datetime,
) -> str:
    reader = office.reader(office.staff, now)
    extracted = extract(handover, order, refunds, reader)
    if office.llm is None:
        return extracted
    # Who reads the summary has the customer's own words and records beside it.
    turns = handover.packet.get("last_messages", ())
    said = [f"{turn['who']}: {mask(turn['text'], kinds=PEOPLES)}" for turn in turns]
    records = [mask(extracted, kinds=PEOPLES), *([wording.order_card(order, reader)] if order else [])]
    records += [wording.refund_line(one, reader) for one in refunds]
    data: Mapping[prompts.Section, Sequence[str]] = {"conversation": said, "records": records}
    messages = prompts.build("summary", office.staff, office.personas[office.staff], data=data)
    try:
        reply = await calls.complete(office.llm, "summary", messages)
    except ModelUnavailable as error:
        log.warning("a summary without the model (%s)", error.reason)
        return extracted
    summary = await claim_gate.passed(reply.text, [*said, *records], calls, with_ledger=True)
    return summary.strip() if summary else extracted


def extract(handover: Handover, order: Order | None, refunds: Sequence[Refund], reader: Reader) -> str:
    """Three to five lines from the packet: what is wanted, about what, what was done, what is open."""
    packet, zh = handover.packet, reader.zh
    wants = _telling(wishes(packet))
    done = list(dict.fromkeys(one[reader.language] for one in packet.get("tried", ())))
    about = [order.order_id, wording.items(order.items, reader)] if order else []
    about += [wording.STATUS[order.status][reader.language]] if order else []
    about += [wording.refund_line(one, reader) for one in refunds]
    read = [line for line in map(_picture_words, packet.get("pictures", ())) if line]
    lines = (
        ("顾客说", "The customer says", " / ".join(wants)),
        ("涉及", "About", (" · " if zh else "; ").join(about)),
        ("图片", "Pictures", " / ".join(read)),
        ("已做", "Done so far", ("；" if zh else "; ").join(done)),
        ("还差", "Open", _OPEN[handover.reason][reader.language] if handover.reason in _OPEN else ""),
    )
    return "\n".join(
        f"{in_zh}：{words}" if zh else f"{in_en}: {words}" for in_zh, in_en, words in lines if words
    )


def wishes(packet: Mapping[str, Any]) -> list[str]:
    """The customer's own words, without those that only ask for a person."""
    texts = [turn["text"] for turn in packet.get("last_messages", ()) if turn["who"] == "customer"]
    return [text for text in texts if not asks_only_for_person(text)]


def _telling(wants: Sequence[str]) -> list[str]:
    """The few that say most, as said: "4462" or "yes" tell a person nothing."""
    told = [text for text in dict.fromkeys(wants) if any(character.isalpha() for character in text)]
    most = sorted(told, key=len, reverse=True)[:_WANTS_SHOWN]
    return [text for text in told if text in most]


def asks_only_for_person(text: str) -> bool:
    return len(text) <= _FOR_A_PERSON_AT_MOST and bool(_FOR_A_PERSON.search(text))


def _picture_words(picture: Mapping[str, Any]) -> str:
    """The first words that OCR read."""
    return " ".join(picture["reading"].get("lines", ())[:_WORDS_SHOWN])


# --- the draft ---------------------------------------------------------------------------------------------


async def _draft(
    office: Office,
    handover: Handover,
    order: Order | None,
    refunds: Sequence[Refund],
    calls: Calls,
    now: datetime,
) -> Draft:
    """From the records where they are what a person was fetched for, else from the documents."""
    language: Language = "en" if handover.packet.get("language") == "en" else "zh"
    reader = office.reader(language, now)
    questions, done = wishes(handover.packet), handover.packet.get("tried", ())
    recorded = _from_records(order, refunds, reader)
    from_records = Draft(recorded, questions[-1] if questions else "", records=(recorded,))
    if opening := _ACKNOWLEDGED.get(handover.reason):
        text = f"{opening[language]}{_STANDS[language]}\n{recorded}" if recorded else ""
        return replace(from_records, text=text)
    for_documents = not done or done[-1]["response"] in _NOT_FROM_RECORDS
    if questions and for_documents and handover.reason != HandoffReason.NOT_UNDERSTOOD:
        found = await ask_knowledge.answer(
            office.knowledge, office.llm, questions[-1], language, office.personas[language], calls=calls
        )
        if found and found.certain:
            text = _CITED.sub("", found.text).strip()
            return Draft(text, questions[-1], citations=tuple(one.id for one in found.citations))
    talked_about = handover.packet.get("slots", {}).get("order_id")
    return from_records if talked_about else Draft()


def _from_records(order: Order | None, refunds: Sequence[Refund], reader: Reader) -> str:
    """What the records say of a refund that is under way, else of the order."""
    pending = [one for one in refunds if one.status == "review"]
    if pending:
        return wording.refund_line(pending[0], reader)
    return wording.order_card(order, reader) if order else ""


async def _origin(store: Store, handover: Handover, draft: Draft, until: datetime) -> Json | None:
    """What the draft answers, by the message's id; None where it answers nothing that the customer wrote."""
    if not draft.text or not draft.question:
        return None
    async with store.reading() as unit:
        received = await unit.conversations.last_messages(handover.conversation_id)
    found = [one for one in received if one.text == draft.question and one.received_at <= until]
    if not found:
        return None
    return {
        "message_id": found[-1].message_id,
        "question": draft.question,
        "citations": list(draft.citations),
        "records": list(draft.records),
    }
