"""What is shown of an answer while it is written is always the beginning of what it ends as."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict

from hypothesis import given
from hypothesis import strategies as st

from support import prompts
from support.guard import judge
from support.guard.growing import Growing
from support.services import ask_knowledge, ask_product
from support.streaming import Draft, SideChannel, Signal, silent
from tests.sse import Heard, shown

PASSAGES = 3
SOURCES = [
    "Returns\nYou can return it within 7 days.",
    "退货\n签收后 7 天内可以退货。",
    "Delivery\nIt costs 1.5 USD.",
]
WORDS = ["七天", "Yes", "costs 1.", "5", "。", "!", ".", " ", "\n", "**"]
MARKS = ["[1]", "[2]", "[9]", "[", "1", "2", "]", "N", "NO", "NO_"]
PIECES = st.lists(st.sampled_from([*WORDS, *MARKS]), max_size=30)


def growing(pieces: list[str]) -> list[str]:
    """The text after each piece."""
    return ["".join(pieces[: count + 1]) for count in range(len(pieces))]


def beginnings(pieces: list[str], sources: Sequence[str] = SOURCES) -> list[str]:
    """What is shown of an answer after each of its pieces."""
    judged = Growing(sources, said="")
    return [ask_knowledge.beginning(judged, text, PASSAGES) for text in growing(pieces)]


@given(PIECES)
def test_what_is_shown_of_an_answer_begins_what_it_ends_as(pieces: list[str]) -> None:
    whole = "".join(pieces)
    final = ask_knowledge.renumbered(whole, ask_knowledge.cited_numbers(whole, PASSAGES))
    assert all(final.startswith(shown) for shown in beginnings(pieces))


@given(PIECES)
def test_nothing_is_shown_that_the_claim_gate_would_refuse(pieces: list[str]) -> None:
    judged = Growing(SOURCES, said="")
    for text in growing(pieces):
        assert judge(judged.shown(text), SOURCES).stands


def test_what_was_shown_stays_where_the_rest_is_refused() -> None:
    words = [
        "You can ",
        "return ",
        "it within ",
        "7",
        " days",
        ", and ",
        "we will ",
        "pay ",
        "900",
        " USD",
        ". ",
    ]
    shown = beginnings(words)
    assert shown[2:5] == ["You can return it within"] * 3
    assert shown[-1].startswith("You can return it within 7 days, and") and "900" not in shown[-1]


def test_a_figure_waits_for_the_end_of_its_clause() -> None:
    assert beginnings(["7", "0", " 天", "内", "可以退货", "，"]) == [""] * 6
    assert beginnings(["7", " 天", "内", "可以退货", "，"]) == [*[""] * 4, "7 天内可以退货，"]


@given(PIECES)
def test_what_is_shown_of_words_on_products_begins_what_they_end_as(pieces: list[str]) -> None:
    final = ask_product.sentences("".join(pieces))
    for text in growing(pieces):
        assert final.startswith(ask_product.sentences(prompts.without_refusal(text)))


def test_citations_are_numbered_as_they_come() -> None:
    pieces = ["7 days. ", "[3", "]", " Return it. [1", "] To return: [3] [7]\n"]
    shown = [
        "7 days.",
        "7 days.",
        "7 days. [1]",
        "7 days. [1] Return it.",
        "7 days. [1] Return it. [2] To return: [1]",
    ]
    assert beginnings(pieces) == shown


def test_a_refusal_is_never_shown_not_even_its_first_letters() -> None:
    assert [prompts.without_refusal(text) for text in growing(["N", "O_", "ANSWER", " at all"])] == [""] * 4
    assert prompts.without_refusal("Sorry. NO_ANS") == "Sorry. "
    assert prompts.without_refusal("NO_ENTRY") == "NO_ENTRY"


def drafted(*steps: tuple[str, str]) -> list[Signal]:
    """The signals of a draft that does these things."""
    signals: list[Signal] = []
    draft = Draft(signals.append, "c", "m")
    for verb, words in steps:
        getattr(draft, verb)(words)
    return signals


def test_only_what_is_new_is_sent() -> None:
    signals = drafted(("show", "七天"), ("show", "七天"), ("show", "七天内"))
    assert [dict(one.data) for one in signals] == [{"at": 0, "text": "七天"}, {"at": 2, "text": "内"}]


def test_a_text_that_begins_differently_takes_back_what_was_shown() -> None:
    signals = drafted(("show", "七天"), ("show", "三天"))
    assert [one.kind for one in signals] == ["delta", "withdraw", "delta"]
    assert shown([Heard(one.kind, one.data, "") for one in signals]) == "三天"


def test_nothing_is_withdrawn_where_nothing_was_shown() -> None:
    assert drafted(("withdraw", ""), ("show", "七天"), ("withdraw", "七天")) == drafted(("show", "七天"))


async def test_a_draft_that_nobody_sees_costs_nothing() -> None:
    draft = silent()
    draft.status("searching")
    draft.show("七天")
    draft.withdraw()


class Slow:
    """A transport on which each batch takes a moment."""

    def __init__(self) -> None:
        self.batches: list[list[Signal]] = []

    async def send(self, signals: Sequence[Signal]) -> None:
        await asyncio.sleep(0.001)
        self.batches.append(list(signals))

    async def close(self) -> None: ...


async def test_what_many_say_at_once_fits_what_a_gateway_takes() -> None:
    transport = Slow()
    channel = SideChannel(transport)
    for number in range(300):
        channel.draft(f"conversation-{number:04}", "m-1").show("😀" * 20)
    await channel.close()
    assert sum(len(batch) for batch in transport.batches) == 300
    assert max(len(json.dumps([asdict(one) for one in batch])) for batch in transport.batches) < 16_384
