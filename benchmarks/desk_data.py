"""Conversations for the desk's benchmark: made up, in both languages, distributed as a shop's are.

    for talk in conversations(200_000, seed=1): talk.events, talk.beside

Everything follows from the seed. Words are made of common characters and syllables and drawn by Zipf's law,
so that some occur in nearly every conversation and most in a handful. `events` are what Rasa would publish.
"""

from __future__ import annotations

import bisect
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Generic, TypeVar

from support.model import HandoffReason, Holder, RawEvent, Reason
from support.review.summary import Beside

T = TypeVar("T")

DAYS = 365
_VOCABULARY = 6_000
_CHARACTERS = (
    "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心学么之都好看起"
    "发当没成只如事把还用第样道想作种开美总从无情己面最女但现前些所同日手又行意动方期它头经长儿回位分爱老因很给名法间斯知世什两次"
    "使身者被高已亲其进此话常与活正感见明问力理尔点文几定本公特做外孩相西果走将月十实向声车全信重三机工物气每并别真打太新比才便夫"
)
_SYLLABLES = (
    "ba be bo da de do fa fi ga go ha hi ka ke la le li lo ma me mi mo na ne no pa pe ra re ri ro sa se si so"
    " ta te ti to va ve wa wi za"
)
_COMMON = {
    "zh": "订单 退款 快递 什么 时候 怎么 可以 尺码 颜色 发货 地址 运费 物流 收到 衣服 裙子 鞋子 优惠 发票"
    " 换货 质量 问题 客服 商品 有没有",
    "en": "order refund parcel when how can size colour shipping address delivery arrived dress shoes"
    " discount invoice exchange quality problem agent item return track where the",
}
# Intents with the action that answers and the response that it utters.
_INTENTS = {
    "order_status": ("action_order_status", "utter_order"),
    "ask_knowledge": ("action_ask_knowledge", "utter_knowledge_answer"),
    "ask_product": ("action_ask_product", "utter_products"),
    "greet": ("action_small_talk", "utter_greet"),
    "inform": ("action_inform", "utter_order"),
    "refund": ("refund_form", "utter_which_items"),
    "affirm": ("action_affirm", "utter_anything_else"),
    "thank": ("action_small_talk", "utter_thank"),
    "nlu_fallback": ("action_fallback", "utter_clarify"),
    "cancel_order": ("cancel_form", "utter_which_order"),
    "handoff": ("action_handoff", "utter_queued"),
    "picture": ("action_picture", "utter_picture"),
    "deny": ("action_deny", "utter_anything_else"),
    "change_order": ("action_change_order", "utter_change_order"),
    "out_of_scope": ("action_small_talk", "utter_out_of_scope"),
    "complain": ("action_complain", "utter_sorry_angry"),
    "invoice": ("action_invoice", "utter_invoice_person"),
    "refund_status": ("action_refund_status", "utter_refunds"),
    "correct": ("action_correct", "utter_order"),
    "chitchat": ("action_small_talk", "utter_chitchat"),
    "rate": ("rate_form", "utter_ask_rating_words"),
    "stop": ("action_stop", "utter_stopped"),
    "urge": ("action_urge", "utter_urged"),
    "goodbye": ("action_small_talk", "utter_goodbye"),
    "help": ("action_small_talk", "utter_help"),
}
LABELS = tuple(f"{first}-{second}" for first in ("tone", "knowledge", "bug", "good") for second in range(10))


class Zipf(Generic[T]):
    """Draws so that the second comes half as often as the first, the third a third as often, and so on."""

    def __init__(self, items: Sequence[T], flatter: float = 0.0) -> None:
        self._items = items
        self._sums = list(itertools.accumulate(1 / (rank + 1 + flatter) for rank in range(len(items))))

    def draw(self, chance: random.Random) -> T:
        return self._items[bisect.bisect(self._sums, chance.random() * self._sums[-1])]


@dataclass(frozen=True)
class Talk:
    """A conversation: Rasa's events, and what other tables would say."""

    conversation_id: str
    events: list[RawEvent]
    beside: Beside


class _Words:
    """What is said, in one language."""

    def __init__(self, language: str, chance: random.Random) -> None:
        made = [_made_up(language, chance) for _ in range(_VOCABULARY)]
        self._words = Zipf(list(dict.fromkeys([*_COMMON[language].split(), *made])), flatter=2)
        self._between = "" if language == "zh" else " "
        self._answers = Zipf([self.say(chance, 8, 40) for _ in range(400)])

    def say(self, chance: random.Random, fewest: int, most: int) -> str:
        return self._between.join(self._words.draw(chance) for _ in range(chance.randint(fewest, most)))

    def answer(self, chance: random.Random) -> str:
        """Mostly one of the bot's own texts, with something of the customer's in it."""
        return f"{self._answers.draw(chance)} {self.say(chance, 1, 4)}"


def _made_up(language: str, chance: random.Random) -> str:
    if language == "zh":
        return "".join(chance.choices(_CHARACTERS, k=chance.choice((2, 2, 2, 3, 4))))
    return "".join(chance.choices(_SYLLABLES.split(), k=chance.choice((2, 2, 3, 4))))


class _Shop:
    """What all conversations draw from."""

    def __init__(self, seed: int, end: datetime) -> None:
        self.seed, self.end = seed, end
        self.chance = random.Random(seed)
        self.words = {language: _Words(language, self.chance) for language in ("zh", "en")}
        self.intents = Zipf(list(_INTENTS), flatter=1)
        self.channels = Zipf(["web", "wechat", "app", "wecom", "rasa", "guest", "desk"])
        self.customers = [f"C{number:06}" for number in range(40_000)]
        self.models = [f"{self.chance.getrandbits(128):032x}" for _ in range(12)]
        self.labels = Zipf(LABELS)
        self.reasons = Zipf([reason.value for reason in HandoffReason])


_shop = lru_cache(maxsize=1)(_Shop)


def conversations(
    count: int, seed: int = 1, end: datetime | None = None, part: range | None = None
) -> Iterator[Talk]:
    """So many conversations of the year before `end`, the oldest first; or `part` of them, by number."""
    shop = _shop(seed, end or datetime.now(UTC))
    for number in part or range(count):
        shop.chance.seed(f"{seed}/{number}")
        # Later months are busier.
        yield _talk(shop, number, ((number + shop.chance.random()) / count) ** 0.7)


def _talk(shop: _Shop, number: int, share: float) -> Talk:
    chance = shop.chance
    language = "zh" if chance.random() < 0.7 else "en"
    begun = shop.end - timedelta(days=DAYS * (1 - share))
    teller = _Teller(shop, f"bench-{number:07}-{chance.getrandbits(48):012x}", language, begun)
    teller.model = shop.models[min(int(share * len(shop.models)), len(shop.models) - 1)]
    for _ in range(1 + min(int(chance.expovariate(1 / 2.7)), 40)):
        teller.turn()
    return Talk(teller.conversation_id, teller.events, _beside(shop, teller.at, share))


class _Teller:
    """Writes down the events of one conversation."""

    def __init__(self, shop: _Shop, conversation_id: str, language: str, begun: datetime) -> None:
        self._shop, self._language = shop, language
        self.conversation_id, self.at, self.model = conversation_id, begun, ""
        self.events: list[RawEvent] = []
        self._channel = shop.channels.draw(shop.chance)

    def turn(self) -> None:
        chance = self._shop.chance
        words = self._shop.words[self._language if chance.random() < 0.97 else "en"]
        intent = self._shop.intents.draw(chance)
        action, response = _INTENTS[intent]
        self._user(words.say(chance, 2, 12), intent)
        self._event(0.05, "slot", name="language", value=self._language)
        took = chance.expovariate(1 / 0.4) + 0.02
        self._event(took, "action", name=action, policy="RulePolicy", confidence=1.0)
        for name, value in self._slots(intent):
            self._event(0.0, "slot", name=name, value=value)
        self._event(0.0, "bot", {"utter_action": response}, text=words.answer(chance), data={})
        self._event(0.001, "action", name="action_listen", policy="RulePolicy", confidence=1.0)
        self.at += timedelta(seconds=chance.expovariate(1 / 30))

    def _user(self, text: str, intent: str) -> None:
        chance = self._shop.chance
        sure = chance.betavariate(1.2, 3) if intent == "nlu_fallback" else chance.betavariate(9, 0.6)
        others = chance.sample(list(_INTENTS), 2)
        ranking = [{"name": intent, "confidence": sure}] + [
            {"name": other, "confidence": (1 - sure) / 3} for other in others if other != intent
        ]
        metadata = {"channel": self._channel, "message_id": f"{chance.getrandbits(64):016x}"}
        entities = [{"entity": "language", "value": self._language, "start": 0, "end": len(text)}]
        parsed = {"intent": ranking[0], "entities": entities, "intent_ranking": ranking}
        self._event(0.0, "user", metadata, text=text, parse_data=parsed)

    def _slots(self, intent: str) -> Iterator[tuple[str, Any]]:
        chance = self._shop.chance
        if intent in ("order_status", "refund", "cancel_order", "inform") and chance.random() < 0.5:
            yield "order_id", f"62{chance.randrange(10**9):011}"
        if intent == "refund":
            yield "refund_reason", chance.choice([reason.value for reason in Reason])
        if intent == "ask_product":
            yield "product_ids", [f"P{chance.randrange(3000):04}"]
        if intent == "rate":
            yield "rating_score", str(chance.randint(1, 5))

    def _event(self, after: float, kind: str, metadata: dict[str, Any] | None = None, **body: Any) -> None:
        self.at += timedelta(seconds=after, microseconds=1)
        whole = {"event": kind, "metadata": {**(metadata or {}), "model_id": self.model}, **body}
        key = f"{self.conversation_id}/{len(self.events)}"
        self.events.append(RawEvent(self.conversation_id, key, self.at, kind, whole))


def _beside(shop: _Shop, last: datetime, share: float) -> Beside:
    chance = shop.chance
    handed_over = chance.random() < 0.08
    holder = Holder.BOT
    if handed_over and share > 0.995:
        holder = chance.choice((Holder.QUEUE, Holder.PERSON))
    decisions = []
    if (drawn := chance.random()) < 0.11:
        refund = ("refund", "approve")
        decisions = [refund if drawn < 0.07 else ("cancel", "approve" if drawn < 0.1 else "refuse")]
    return Beside(
        holder=holder.value,
        customer_id=chance.choice(shop.customers) if chance.random() < 0.45 else None,
        handover_reason=shop.reasons.draw(chance) if handed_over else "",
        handed_over_at=last if handed_over else None,
        rating=chance.choice((1, 2, 3, 4, 4, 5, 5, 5)) if chance.random() < 0.12 else None,
        decisions=decisions,
        state=chance.choices(("unreviewed", "reviewed", "saved"), (0.93, 0.065, 0.005))[0],
        labels=sorted({shop.labels.draw(chance) for _ in range(2)}) if chance.random() < 0.04 else [],
    )
