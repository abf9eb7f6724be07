"""Handing a conversation to a person and back: one holder at a time, every change one row and one event.

    bot --open--> queue --take--> person --give_back--> bot
                    |  ^            | |
                    |  `--transfer--' `-----close-----> closed --(the customer writes)--> bot
                    `----leave (the customer would rather not wait)--> bot

`sweep` moves what nobody else moves: back to the queue when the person has gone, back to the bot when nobody
has said anything for long. Whoever waits in the queue waits there until a person or the customer ends it.
"""

from support.services.handoff.moves import (
    NotPossible,
    Queued,
    close,
    customer_wrote,
    give_back,
    leave,
    open,
    renew,
    reply,
    take,
    transfer,
)
from support.services.handoff.sweep import Due, Patience, Swept, sweep

__all__ = [
    "Due",
    "NotPossible",
    "Patience",
    "Queued",
    "Swept",
    "close",
    "customer_wrote",
    "give_back",
    "leave",
    "open",
    "renew",
    "reply",
    "sweep",
    "take",
    "transfer",
]
