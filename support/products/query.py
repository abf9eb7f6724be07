"""What a customer's message says about goods: what is looked for, what is asked, what it refers to.

    read("200元以内的白色连衣裙有M码吗") -> Query(things=dress, colours=white, sizes=m, budget up to 200, ...)

A reading, no more: which products are meant is decided against the shop's records (`search`, `plan`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from support.products import amounts, questions
from support.products.amounts import Body, Budget, Measure
from support.products.questions import Order, Point, Task
from support.products.vocabulary import Mention, Vocabulary, key, normal, units, vocabulary
from support.words import words

_NOT_HAN = re.compile(r"[^\u3400-\u9fff\uf900-\ufaff]+")


@dataclass(frozen=True)
class Query:
    """A message read. `text` is folded (`fold`); the places of mentions refer to it.

    `rest` is the text with everything understood blanked out, `literals` the words found in it.
    """

    text: str
    rest: str
    things: tuple[Mention, ...]
    colours: tuple[str, ...]
    not_colours: tuple[str, ...]
    sizes: tuple[str, ...]
    measures: tuple[Measure, ...]
    budget: Budget | None
    body: Body
    audience: str
    qualities: tuple[Mention, ...]
    attributes: tuple[Mention, ...]
    wishes: tuple[Mention, ...]
    literals: tuple[str, ...]
    points: tuple[Point, ...]
    task: Task
    order: Order
    refers: bool
    suggests: bool
    more: bool

    @property
    def searches(self) -> bool:
        """Whether it says what is looked for, beyond what could be said of any product under discussion."""
        return bool(self.things or self.literals or self.qualities or self.wishes or self.measures)

    @property
    def narrows(self) -> bool:
        return bool(
            self.colours or self.not_colours or self.sizes or self.budget or self.audience or self.order
        )

    @property
    def asks(self) -> bool:
        return bool(self.points or self.attributes or self.task)


def fold(text: str) -> str:
    """The form in which questions and the shop's names are compared: `normal`, numbers as digits."""
    return amounts.digits(normal(text))


def read(text: str) -> Query:
    """Everything that can be read without knowing the shop's goods."""
    known, text = vocabulary(), fold(text)
    body, rest = amounts.body(text)
    budget, rest = amounts.budget(rest)
    measures, rest = amounts.measures(rest)
    sizes, rest = amounts.sizes(rest)
    things = _heads(known.mentions(rest, "things"), text)
    rest = _blanked(rest, known.mentions(rest, "things"))
    tints = known.mentions(rest, "colours")
    rest = _blanked(rest, tints)
    refused = tuple(one.name for one in tints if questions.said("refused", text[: one.start]))
    people = known.mentions(rest, "audiences")
    rest = _blanked(rest, people)
    attributes, wishes = known.mentions(rest, "attributes"), known.mentions(rest, "wishes")
    qualities = _outside(known.mentions(rest, "qualities"), attributes)
    points, rest = questions.points(text), _blanked(rest, (*attributes, *qualities))
    return Query(
        text=text,
        rest=rest,
        things=things,
        colours=_names(one for one in tints if one.name not in refused),
        not_colours=refused,
        sizes=sizes,
        measures=measures,
        budget=budget,
        body=body,
        audience=next((one.name for one in people), ""),
        qualities=_distinct(qualities),
        attributes=_distinct(attributes),
        wishes=_distinct(wishes),
        literals=_literals(rest, known),
        points=points,
        task=questions.task(text, measured=bool(body)),
        order=questions.order(text, points),
        refers=questions.said("refers", text),
        suggests=questions.said("suggests", text),
        more=questions.said("more", text),
    )


def wanted_with(query: Query) -> tuple[str, ...]:
    """In a question about pairing: the kinds of things looked for (配什么鞋, "which shoes go with it")."""
    return tuple(one.name for one in query.things if questions.said("wanted", query.text[: one.start]))


def _heads(things: Sequence[Mention], text: str) -> tuple[Mention, ...]:
    """Of words that stand together only the last names the thing: a shirt dress is a dress."""
    kept = list(things[-1:])
    for one, following in zip(things[-2::-1], things[:0:-1], strict=True):
        if text[one.end : following.start].strip(" -"):
            kept.insert(0, one)
    return tuple(kept)


def heads(title: str) -> tuple[str, ...]:
    """The kinds of thing that a folded title names."""
    title = re.split(r"\s(?:with|for|in)\s", title)[0]
    things = _heads(vocabulary().mentions(title, "things"), title)
    return (things[-1].name,) if things else ()


def _blanked(text: str, mentions: Sequence[Mention]) -> str:
    for one in mentions:
        text = text[: one.start] + " " * (one.end - one.start) + text[one.end :]
    return text


def _outside(mentions: Sequence[Mention], longer: Sequence[Mention]) -> tuple[Mention, ...]:
    """Those that are not a part of a longer word: "run small" is about fit, not about running."""
    return tuple(
        one
        for one in mentions
        if not any(
            two.start <= one.start and one.end <= two.end and len(two.surface) > len(one.surface)
            for two in longer
        )
    )


def _names(mentions: Iterable[Mention]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name for one in mentions))


def _distinct(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    return tuple({one.name: one for one in reversed(mentions)}.values())[::-1]


def _literals(text: str, known: Vocabulary) -> tuple[str, ...]:
    """What is left when everything understood is taken away: names, brands, and what we have no word for."""
    latin = [unit.text for unit in units(text) if unit.text.isascii()]
    chinese = words(_NOT_HAN.sub(" ", text))
    found = [word for word in (*chinese, *latin) if _names_something(word, known)]
    whole = [word for word in found if not any(word != other and word in other for other in found)]
    return tuple(dict.fromkeys(whole))


def _names_something(word: str, known: Vocabulary) -> bool:
    if word in known.noise or key(word) in known.noise or len(word) < 2 or word.isdigit():
        return False
    # Where the cutter leaves pieces of grammar together (家有, 有木, 带上), they still name nothing.
    return not set(word) <= known.grammar
