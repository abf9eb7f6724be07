"""The orders that a newcomer is shown: planned by hand, so that every rule of the shop has a known example.

`PLANS` names, for each language, one regular customer with an order in each state that matters, and others
with one special situation each. Everything else in the shop is drawn by chance (see orders.py).
"""

from dataclasses import dataclass
from typing import Final

LANDMARK_ORDER: Final = "2024051700321"


@dataclass(frozen=True)
class Plan:
    """One order to make: whose, what (SKU ids) and how its state came about `days` ago."""

    name: str
    customer_id: str
    status: str
    days: int
    sku_ids: tuple[str, ...]
    story: str = ""
    order_id: str = ""


MAIN: Final = {"zh": "C1001", "en": "C1002"}
LANDMARK: Final = "C1003"
PLANS: Final = (
    # A regular customer in each language: what most people come to a shop's service for.
    Plan("paid", "C1001", "paid", 1, ("P1006-02", "P1008-02")),
    Plan("shipped", "C1001", "shipped", 2, ("P4001-01",)),
    Plan("delivered_recent", "C1001", "delivered", 3, ("P1014-02", "P1013-03")),
    Plan("delivered_long_ago", "C1001", "completed", 41, ("P6003-01",)),
    Plan("cheap_recent", "C1001", "delivered", 2, ("P4005-03", "P4006-01")),
    Plan("expensive", "C1001", "delivered", 4, ("P5010-02",)),
    Plan("paid", "C1002", "paid", 1, ("P2001-02",)),
    Plan("shipped", "C1002", "shipped", 2, ("P3004-05", "P7002-02")),
    Plan("delivered_recent", "C1002", "delivered", 3, ("P2009-02",)),
    Plan("delivered_long_ago", "C1002", "completed", 38, ("P6005-01",)),
    Plan("cheap_recent", "C1002", "delivered", 2, ("P4005-04",)),
    Plan("expensive", "C1002", "delivered", 5, ("P5011-03", "P5012-01")),
    # The order that the documentation quotes.
    Plan("landmark", LANDMARK, "shipped", 2, ("P1001-02", "P6011-01"), order_id=LANDMARK_ORDER),
    Plan("landmark_paid", LANDMARK, "paid", 1, ("P3010-02",)),
    Plan("landmark_completed", LANDMARK, "completed", 25, ("P4011-01",)),
    # One situation each.
    Plan("unpaid", "C1005", "unpaid", 0, ("P1004-02",)),
    Plan("late_dispatch", "C1007", "paid", 4, ("P4010-01",), "late"),
    Plan("delayed", "C1008", "shipped", 8, ("P5007-01",), "delayed"),
    Plan("lost", "C1009", "shipped", 14, ("P3006-03",), "lost"),
    Plan("fault_within_15_days", "C1011", "completed", 11, ("P4009-01",)),
    Plan("underwear", "C1012", "delivered", 3, ("P7001-02", "P7003-02")),
    Plan("warranty", "C1013", "completed", 96, ("P5001-02",)),
    Plan("high_value", "C1015", "paid", 1, ("P5011-03", "P5002-01", "P5012-02")),
    Plan("cancelled", "C1016", "cancelled", 6, ("P2004-03",)),
    Plan("refunded", "C1017", "refunded", 12, ("P3002-03",)),
    Plan("unpaid", "C1006", "unpaid", 0, ("P6001-01",)),
    Plan("delayed", "C1010", "shipped", 6, ("P6012-01",), "delayed"),
    Plan("fault_within_15_days", "C1014", "completed", 10, ("P4004-01",)),
    Plan("underwear", "C1018", "delivered", 4, ("P7002-04",)),
    Plan("refunded", "C1022", "refunded", 14, ("P2007-02",)),
)
