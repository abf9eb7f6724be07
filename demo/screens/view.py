"""What a screenshot shows of an order."""

from collections.abc import Callable
from dataclasses import dataclass

from demo.catalogue import Product
from demo.orders import Order
from demo.screens.page import Page
from demo.screens.theme import Wording


@dataclass(frozen=True)
class View:
    """What a screenshot shows of an order. `total` and `status` are the record's, unless tampered with."""

    order: Order
    wording: Wording
    total: int
    status: str
    suggested: tuple[Product, ...] = ()
    clock: str = "9:41"
    battery: float = 0.7
    masked: bool = True

    @property
    def chinese(self) -> bool:
        return self.wording.language == "zh"

    @property
    def status_text(self) -> str:
        return self.wording.states[self.status]


Section = Callable[[Page, View], None]
