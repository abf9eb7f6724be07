"""Differences between two models, how sure they are, and what may be said of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from evals.answers import compare
from evals.answers.compare import Compared, mcnemar, means, paired_interval, shares, verdict

Pairs = list[tuple[bool, bool]]
pairs = some.lists(some.tuples(some.booleans(), some.booleans()), min_size=1, max_size=60)
numbers = some.floats(-1000, 1000)


def table(both: int = 0, only_current: int = 0, only_candidate: int = 0, neither: int = 0) -> Pairs:
    return (
        [(True, True)] * both
        + [(True, False)] * only_current
        + [(False, True)] * only_candidate
        + [(False, False)] * neither
    )


def test_the_interval_of_paired_shares_is_newcombes() -> None:
    # A table of his paper: 20 and 16 pairs agree, 12 and 2 do not.
    low, high = paired_interval(table(20, 2, 12, 16))
    assert (round(low, 4), round(high, 4)) == (0.0562, 0.3292)


@given(pairs)
def test_the_interval_holds_the_difference_and_turns_with_the_sides(rows: Pairs) -> None:
    found = shares("x", rows)
    turned = shares("x", [(second, first) for first, second in rows])
    assert -1 <= found.low <= found.difference <= found.high <= 1
    assert turned.low == pytest.approx(-found.high)
    assert turned.p == found.p


def test_a_few_rows_without_any_difference_leave_room_for_one() -> None:
    few, many = shares("x", table(both=10)), shares("x", table(both=1000))
    assert few.low < -0.2
    assert -0.01 < many.low < 0


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(7)
    chances, truth = [0.6, 0.05, 0.15, 0.2], 0.10  # both, only current, only candidate, neither
    intervals = [paired_interval(table(*random.multinomial(60, chances))) for _ in range(500)]
    held = sum(low <= truth <= high for low, high in intervals) / len(intervals)
    assert 0.93 <= held <= 0.99


@pytest.mark.parametrize(("only_current", "only_candidate", "p"), [(0, 0, 1), (5, 5, 1), (0, 6, 0.03125)])
def test_mcnemar_is_exact(only_current: int, only_candidate: int, p: float) -> None:
    assert mcnemar(only_current, only_candidate) == p


@settings(max_examples=10, deadline=None)
@given(some.lists(some.tuples(numbers, numbers), min_size=2, max_size=30))
def test_the_bootstrap_holds_the_difference_and_turns_with_the_sides(rows: list[tuple[float, float]]) -> None:
    found = means("x", rows)
    turned = means("x", [(second, first) for first, second in rows])
    each = [second - first for first, second in rows]
    assert min(each) - 1e-6 <= found.low <= found.high <= max(each) + 1e-6
    assert turned.low == pytest.approx(-found.high)


def test_the_bootstrap_agrees_with_theory_where_there_is_one() -> None:
    random = np.random.default_rng(3)
    before = random.normal(0, 5, 400)
    found = means("x", list(zip(before, before + random.normal(1, 2, 400), strict=True)))
    assert found.high - found.low == pytest.approx(2 * 1.96 * 2 / 20, rel=0.1)
    assert found.low < 1 < found.high


def test_medians_do_not_follow_one_answer_that_took_for_ever() -> None:
    found = compare.medians("x", [(1.0, 2.0)] * 50 + [(1.0, 900.0)])
    assert (found.difference, found.high) == (1.0, 1.0)


# --- verdicts ----------------------------------------------------------------------------------------------


def of(rows: Pairs) -> Compared:
    return shares("acceptable", rows)


FINE = of(table(both=500))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (table(60, 2, 30, 8), "better"),
        (table(60, 30, 2, 8), "worse"),
        (table(450, 5, 5, 40), "not worse"),
        (table(40, 5, 5, 10), "not enough rows to tell"),
    ],
)
def test_the_verdict_follows_the_interval(rows: Pairs, expected: str) -> None:
    assert verdict(of(rows), [FINE]) == expected


def test_more_invented_claims_spoil_what_is_better_otherwise() -> None:
    invents = of(table(70, 20, 0, 10))
    assert verdict(of(table(60, 2, 30, 8)), [FINE, invents]) == "worse"


def test_as_many_rows_as_are_called_for_would_have_told() -> None:
    unsure = of(table(40, 4, 4, 12))
    needed = compare.rows_needed(unsure)
    times = -(-needed // unsure.rows)
    assert verdict(of(table(40 * times, 4 * times, 4 * times, 12 * times)), []) == "not worse"
