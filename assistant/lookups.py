"""What Rasa looks up anew each time, though it does not change while a server runs: looked up once.

Whether a domain is empty (Rasa builds an empty one to compare with, at every message), and the class of an
event by its name (Rasa walks the tree of classes, for every event that an action returns or that is read).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event

from assistant.replaced import replaces

_is_empty = Domain.is_empty
_resolve_by_type = Event.resolve_by_type


@replaces("rasa.shared.core.domain", "Domain.is_empty", "884be90ef485")
def _is_empty_once(self: Domain) -> bool:
    known: dict[str, bool] = self.__dict__
    if "_shopclerk_empty" not in known:
        known["_shopclerk_empty"] = _is_empty(self)
    return known["_shopclerk_empty"]


@replaces("rasa.shared.core.events", "Event.resolve_by_type", "b5cf570fa7f2")
@staticmethod
@lru_cache(maxsize=100)
def _resolve_once(type_name: str, default: Any = None) -> Any:
    return _resolve_by_type(type_name, default)
