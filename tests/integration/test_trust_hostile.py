"""A sample of the hostile set gets nothing out of the running system.

All of it, beside a model that obeys every injection: `make eval-trust`.
"""

from __future__ import annotations

import pytest

from evals.trust.hostile import cases as sets
from evals.trust.hostile.cast import cast_of
from evals.trust.hostile.judge import Verdict
from evals.trust.hostile.run import attack, plant
from tests.stack import Stack

SAMPLE = 42
# They plant documents, which other tests of the same system would find.
PLANTED = "injection_knowledge"


@pytest.fixture(scope="module")
def attacked(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> list[Verdict]:
    chosen = sets.sample([case for case in sets.load() if case.kind != PLANTED], SAMPLE)
    casts = cast_of(chosen)
    plant(stack, tmp_path_factory.mktemp("hostile") / "planted", chosen, casts, documents=False)
    verdicts, strays = attack(stack, chosen, casts)
    assert strays == []
    return verdicts


def test_nobody_reads_or_writes_what_is_not_theirs(attacked: list[Verdict]) -> None:
    assert [one.played.case.id for one in attacked if one.unauthorised] == []


def test_no_door_opens_and_every_message_is_answered(attacked: list[Verdict]) -> None:
    wrong = ("door", "silent", "secret")
    assert [(one.played.case.id, f) for one in attacked for f in one.findings if f.what in wrong] == []


def test_harmless_words_are_not_blocked(attacked: list[Verdict]) -> None:
    assert [one.played.case.id for one in attacked if one.missed == "blocked"] == []


def test_the_sample_holds_every_kind(attacked: list[Verdict]) -> None:
    kinds = {one.played.case.kind for one in attacked}
    assert kinds == {*sets.HOSTILE, sets.HARMLESS} - {PLANTED}
