"""Parcels: carriers, tracking numbers and what the carrier wrote on the way, in the customer's language."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from demo.clock import Clock
from demo.lifecycle import Dates
from demo.people import Customer

CARRIERS: Final = (
    ("顺丰速运", "SF Express", "SF", 13),
    ("中通快递", "ZTO Express", "78", 12),
    ("圆通速递", "YTO Express", "YT", 13),
    ("京东物流", "JD Logistics", "JDVA", 11),
    ("韵达快递", "Yunda Express", "46", 13),
)
WORDS: Final = {
    "zh": {
        "collected": "【嘉兴市】包裹已由{carrier}揽收",
        "left": "【嘉兴转运中心】包裹已发出，下一站：{city}转运中心",
        "arrived": "【{city}转运中心】包裹已到达",
        "out": "【{city}{district}】快递员正在派送，请保持电话畅通",
        "delivered": "【{city}{district}】已签收，签收人：{receiver}，感谢使用{carrier}",
        "delayed": "【{city}转运中心】受暴雨影响，包裹滞留，预计晚到，请您谅解",
        "searching": "【{city}转运中心】未查到包裹下落，已发起查件",
        "lost": "{carrier}确认包裹遗失，已通知商家处理",
    },
    "en": {
        "collected": "Jiaxing: collected by {carrier}",
        "left": "Jiaxing sorting centre: departed for {city}",
        "arrived": "{city} sorting centre: arrived",
        "out": "{district}, {city}: out for delivery, please keep your phone on",
        "delivered": "{district}, {city}: delivered, signed for by {receiver}",
        "delayed": "{city} sorting centre: held up by heavy rain, delivery will be late",
        "searching": "{city} sorting centre: parcel could not be found, search started",
        "lost": "{carrier} has confirmed that the parcel is lost and told the shop",
    },
}
RECEIVERS: Final = {
    "zh": ("本人", "门卫", "菜鸟驿站", "家人"),
    "en": ("the recipient", "reception", "a neighbour"),
}
STATUS: Final = {
    "collected": "collected", "left": "in_transit", "arrived": "in_transit", "out": "out_for_delivery",
    "delivered": "delivered", "delayed": "delayed", "searching": "delayed", "lost": "lost",
}  # fmt: skip


@dataclass(frozen=True)
class Parcel:
    """One parcel; `events` run from old to new."""

    carrier: str
    carrier_en: str
    tracking_no: str
    status: str
    shipped_at: datetime
    delivered_at: datetime | None
    expected_at: datetime
    events: tuple[tuple[datetime, str], ...]

    def carrier_in(self, language: str) -> str:
        return self.carrier if language == "zh" else self.carrier_en


def make_parcel(dates: Dates, customer: Customer, clock: Clock, rng: Random) -> Parcel | None:
    """The parcel of an order that was shipped, with the events that had happened by now."""
    carrier, carrier_en, prefix, digits = rng.choice(CARRIERS)
    tracking_no = prefix + "".join(rng.choices("0123456789", k=digits))
    receiver = rng.choice(RECEIVERS[customer.language])
    if dates.shipped is None or dates.expected is None:
        return None
    words = WORDS[customer.language]
    named = {
        "carrier": carrier if customer.language == "zh" else carrier_en,
        "city": customer.city,
        "district": customer.district,
        "receiver": receiver,
    }
    steps = [(at, step) for at, step in _steps(dates, dates.shipped) if at <= clock.now]
    return Parcel(
        carrier=carrier,
        carrier_en=carrier_en,
        tracking_no=tracking_no,
        status=STATUS[steps[-1][1]],
        shipped_at=dates.shipped,
        delivered_at=dates.delivered,
        expected_at=dates.expected,
        events=tuple((at, words[step].format(**named)) for at, step in steps),
    )


def _steps(dates: Dates, shipped: datetime) -> list[tuple[datetime, str]]:
    steps = [(shipped, "collected"), (shipped + timedelta(hours=4, minutes=12), "left")]
    arrived = shipped + timedelta(hours=13, minutes=47)
    steps.append((arrived, "arrived"))
    if dates.story == "delayed":
        return [*steps, (arrived + timedelta(days=1, hours=5), "delayed")]
    if dates.story == "lost":
        return [
            *steps,
            (arrived + timedelta(days=4), "searching"),
            (arrived + timedelta(days=7, hours=3), "lost"),
        ]
    if dates.delivered is None:
        return [*steps, ((dates.expected or arrived) - timedelta(hours=11, minutes=40), "out")]
    out = max(arrived + timedelta(minutes=20), dates.delivered - timedelta(hours=2, minutes=35))
    return [*steps, (out, "out"), (dates.delivered, "delivered")]
