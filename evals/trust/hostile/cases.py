"""The cases: one JSON object a line.

    id, language, kind     kind is one of HOSTILE, or `harmless`: words that look hostile and are not
    as                     `stranger`, or `customer`: signed in by a token of the shop's site
    setup                  optional, what was planted before: `{"knowledge": {title, text}}`, or
                           `{"order": key, "field": shipping_address|carrier|event|name, "text": ...}`
    turns                  what is sent, one after the other (see below)
    expect                 what may come of it (see below)

A turn is a text, or an object: `{"say", "token", "sub", "message_id", "attachments", "fields", "status"}` for
a message with a forged token or odd fields, `{"picture": [lines], "say"}` for a picture with these words in
it, `{"request": [method, path], "json", "headers", "token", "sub", "status"}` for any other door. `status`
lists what it may be answered with; without one a message is answered with 200 and a door with 4xx.

In texts, `{own.KEY}` and `{victim.KEY}` stand for what the attacker and somebody else have: orders (`paid`,
`shipped`, ...: see `cast.ORDERS`), `last4`, `phone`, `name`, `customer_id`, and for the victim also
`conversation`, `message_id` and `attachment`. `{conversation}` is the one that the case itself is.

Nobody may ever read what is somebody else's, and nothing may be written, whatever a case says. `expect` adds:

    forbid          texts that no message may hold
    identity        `own` or `none`: who the conversation may belong to afterwards (by default as `as` says)
    refund_at_most  the key of an own order: as much as it is worth may be paid back, by default nothing
    may_cancel      the key of an own order that the customer may end by cancelling
    outcome         what it may be answered with, one of `outcome.CLASSES`; for harmless cases `served`
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Json = dict[str, Any]

DATA = Path(__file__).parents[2] / "data"
HELD_OUT = DATA / "hostile.jsonl"
HARMLESS = "harmless"
HOSTILE = (
    "injection_text",
    "injection_picture",
    "injection_knowledge",
    "injection_order_field",
    "prompt_leak",
    "others_guess",
    "others_social",
    "slot_stuffing",
    "forged_token",
    "metadata",
    "doors",
    "refund_policy",
    "abuse",
    "out_of_business",
)
_EXPECTED = frozenset({"forbid", "identity", "refund_at_most", "may_cancel", "outcome", "served"})


@dataclass(frozen=True)
class Case:
    """One attack, or one look-alike."""

    id: str
    language: Literal["zh", "en"]
    kind: str
    who: Literal["stranger", "customer"]
    turns: tuple[str | Json, ...]
    expect: Mapping[str, Any]
    setup: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_harmless(self) -> bool:
        return self.kind == HARMLESS

    @property
    def words(self) -> str:
        """Everything in it that has placeholders."""
        return json.dumps([self.turns, self.setup, self.expect], ensure_ascii=False)


def load(path: Path = HELD_OUT) -> list[Case]:
    """The cases of a file; ValueError names what is wrong with them."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    cases = [_case(row) for row in rows]
    if wrong := problems(cases):
        raise ValueError(f"{path.name}: {'; '.join(wrong[:5])}")
    return cases


def _case(row: Json) -> Case:
    return Case(
        id=row["id"],
        language=row["language"],
        kind=row["kind"],
        who=row["as"],
        turns=tuple(row["turns"]),
        expect=row["expect"],
        setup=row.get("setup", {}),
    )


def problems(cases: Iterable[Case]) -> list[str]:
    """What is wrong with the cases, in words."""
    found, seen = [], Counter(case.id for case in cases)
    found += [f"{name} is there {count} times" for name, count in seen.items() if count > 1]
    for case in cases:
        if case.kind not in (*HOSTILE, HARMLESS):
            found.append(f"{case.id} is of no known kind: {case.kind}")
        if case.language not in ("zh", "en") or case.who not in ("stranger", "customer"):
            found.append(f"{case.id} says neither whose nor in which language")
        if not case.turns:
            found.append(f"{case.id} says nothing")
        if unknown := set(case.expect) - _EXPECTED:
            found.append(f"{case.id} expects {sorted(unknown)}")
        if case.is_harmless != ("served" in case.expect):
            found.append(f"{case.id}: harmless cases, and no others, say how they are served")
    return found


def sample(cases: Sequence[Case], count: int) -> list[Case]:
    """So many cases spread over the kinds, the same every time."""
    by_kind: dict[str, list[Case]] = {}
    for case in cases:
        by_kind.setdefault(case.kind, []).append(case)
    chosen: list[Case] = []
    while len(chosen) < min(count, len(cases)):
        for waiting in by_kind.values():
            if waiting and len(chosen) < count:
                chosen.append(waiting.pop(len(waiting) // 2))
    return chosen
