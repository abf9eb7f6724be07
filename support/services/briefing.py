"""The summary and the draft answer of a handover, written into its packet after the customer was told.

The summary is the model's, in the staff's language, if it claims nothing that neither the conversation nor
the records say; else it is put together from the packet. The draft is in the customer's language and says
only what a document or a record says; where neither has anything to say, it is empty.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from support import prompts, wording
from support.guard import unsupported_claims
from support.knowledge import Knowledge
from support.llm import Llm, ModelUnavailable
from support.model import HandoffReason, Language, Order
from support.policy import Policy
from support.prompts import Persona
from support.services import ask_knowledge
from support.services.model_calls import Calls
from support.store import Handover, Refund, Store
from support.wording import Reader

log = logging.getLogger(__name__)

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
}


@dataclass(frozen=True)
class Office:
    """What briefings are written with. `staff` is the language of the shop's people."""

    policy: Policy
    knowledge: Knowledge
    llm: Llm | None
    staff: Language
    personas: Mapping[Language, Persona]

    def reader(self, language: Language, now: datetime) -> Reader:
        return Reader(language, self.policy.zone, now)


async def brief(store: Store, office: Office, handover_id: int, now: datetime) -> None:
    """Add summary and draft to the handover's packet; nothing happens to one that has them or is over."""
    async with store.reading() as unit:
        handover = await unit.handovers.get(handover_id)
    if handover is None or handover.status == "closed" or "summary" in handover.packet:
        return
    order, refunds = await _records(store, handover)
    calls = Calls()
    added = {
        "summary": await _summary(office, handover, order, refunds, calls, now),
        "draft": await _draft(office, handover, order, refunds, calls, now),
    }
    async with store.writing() as unit:
        await unit.conversations.hold(handover.conversation_id)
        await unit.handovers.change(handover_id, packet=dict(handover.packet) | added)
        await unit.conversations.tell(handover.conversation_id, "packet", {"handover_id": handover_id}, now)
    await calls.keep(store, handover.conversation_id)


async def _records(store: Store, handover: Handover) -> tuple[Order | None, list[Refund]]:
    """The packet's order as it is now."""
    card, customer = handover.packet.get("order"), handover.packet.get("customer")
    if not card or not customer:
        return None, []
    async with store.reading() as unit:
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
    said = [f"{turn['who']}: {turn['text']}" for turn in handover.packet.get("last_messages", ())]
    records = [extracted, *([wording.order_card(order, reader)] if order else [])]
    records += [wording.refund_line(one, reader) for one in refunds]
    data: Mapping[prompts.Section, Sequence[str]] = {"conversation": said, "records": records}
    messages = prompts.build("summary", office.staff, office.personas[office.staff], data=data)
    try:
        reply = await calls.complete(office.llm, "summary", messages)
    except ModelUnavailable as error:
        log.warning("a summary without the model (%s)", error.reason)
        return extracted
    if invented := unsupported_claims(reply.text, [*said, *records]):
        log.warning("a summary without the model, which claims %s", invented)
        calls.judge("withdrawn")
        return extracted
    return reply.text.strip()


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
) -> str:
    """From the records where they are what a person was fetched for, else from the documents."""
    language: Language = "en" if handover.packet.get("language") == "en" else "zh"
    reader = office.reader(language, now)
    if handover.reason in (HandoffReason.POLICY, HandoffReason.HIGH_VALUE, HandoffReason.ANGER):
        return _from_records(order, refunds, reader)
    questions, done = wishes(handover.packet), handover.packet.get("tried", ())
    for_documents = not done or done[-1]["response"] in _NOT_FROM_RECORDS
    if questions and for_documents and handover.reason != HandoffReason.NOT_UNDERSTOOD:
        found = await ask_knowledge.answer(
            office.knowledge, office.llm, questions[-1], language, office.personas[language], calls=calls
        )
        if found and found.certain:
            return _CITED.sub("", found.text).strip()
    talked_about = handover.packet.get("slots", {}).get("order_id")
    return _from_records(order, refunds, reader) if talked_about else ""


def _from_records(order: Order | None, refunds: Sequence[Refund], reader: Reader) -> str:
    """What the records say of a refund that is under way, else of the order."""
    pending = [one for one in refunds if one.status == "review"]
    if pending:
        return wording.refund_line(pending[0], reader)
    return wording.order_card(order, reader) if order else ""
