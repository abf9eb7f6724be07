"""Rasa's server and the action server are of different versions, in environments of their own.

The pair is chosen on purpose: Rasa 3.6.21 is the last open one, and rasa-sdk 3.21 runs on the Python of the
rest of the project. What they say to each other is the same; a form shows it whole: events, validation,
slots, responses filled with facts, and an interruption.
"""

from __future__ import annotations

import subprocess
from importlib.metadata import version

from support.model import OrderStatus
from tests.dialogue.demo_shop.conversation import Talk
from tests.dialogue.demo_shop.records import Customers, Records
from tools.environments import python_of


def test_the_pair_is_the_one_that_was_tried() -> None:
    ask = "from importlib.metadata import version; print(version('rasa'))"
    rasa = subprocess.run([python_of("rasa"), "-c", ask], capture_output=True, text=True, check=True)
    assert rasa.stdout.strip() == "3.6.21"
    assert version("rasa-sdk").startswith("3.21.")


async def test_a_form_is_validated_interrupted_and_carried_out_across_the_two(
    talk: Talk, people: Customers, records: Records
) -> None:
    mine = people.with_order(OrderStatus.PAID)
    chat = talk("en")
    chat.say(f"cancel order {mine.order_id}")
    chat.heard("last four digits")
    chat.say("12")
    chat.heard("don't see four digits", "last four digits")
    chat.say("how much is shipping?")
    chat.heard("99", "last four digits")
    chat.say(mine.last4)
    chat.heard("Are you sure", mine.title("en"))
    chat.say("Yes, cancel it")
    chat.heard(mine.order_id, "cancelled")
    assert await records.status(mine) is OrderStatus.CANCELLED
