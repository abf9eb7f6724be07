"""Who is chosen by a hash: always the same, in proportion, and with as few changes as can be."""

from __future__ import annotations

from collections import Counter

from hypothesis import assume, given
from hypothesis import strategies as st

from support.llm.choice import picked, ranked

NAMES = st.text(min_size=1, max_size=12)
KEYS = st.text(max_size=40)
WEIGHTS = st.dictionaries(NAMES, st.floats(0.1, 1000), min_size=1, max_size=6)
MANY = [f"conversation-{number}" for number in range(4000)]


@given(KEYS, st.sets(NAMES, min_size=1), NAMES)
def test_a_server_that_comes_or_goes_changes_nothing_else_in_the_order(
    key: str, names: set[str], new: str
) -> None:
    names -= {new}
    assert [name for name in ranked(key, names | {new}) if name != new] == ranked(key, names)


@given(KEYS, WEIGHTS)
def test_the_order_in_which_shares_are_given_does_not_matter(key: str, weights: dict[str, float]) -> None:
    assert picked(key, weights) == picked(key, dict(reversed(weights.items())))


@given(KEYS, WEIGHTS, st.data())
def test_a_bigger_share_loses_nobody(key: str, weights: dict[str, float], data: st.DataObject) -> None:
    """The others may shrink, or stay, or even be gone."""
    had = picked(key, weights)
    factors = {name: data.draw(st.floats(0, 1)) for name in weights if name != had}
    smaller = {name: weights[name] * factor for name, factor in factors.items()}
    assert picked(key, smaller | {had: weights[had] * data.draw(st.floats(1, 100))}) == had


@given(KEYS, WEIGHTS, st.floats(0.01, 100))
def test_shares_are_proportions(key: str, weights: dict[str, float], factor: float) -> None:
    assert picked(key, {name: weight * factor for name, weight in weights.items()}) == picked(key, weights)


@given(KEYS, WEIGHTS, NAMES)
def test_who_weighs_nothing_is_never_picked(key: str, weights: dict[str, float], name: str) -> None:
    weights.pop(name, None)
    assume(weights)
    assert picked(key, weights | {name: 0.0}) == picked(key, weights)


def test_everybody_gets_about_their_share() -> None:
    found = Counter(picked(key, {"base": 90, "winter": 10}) for key in MANY)
    assert 320 < found["winter"] < 480


def test_conversations_are_spread_over_the_servers() -> None:
    found = Counter(ranked(key, ("a:8000", "b:8000", "c:8000"))[0] for key in MANY)
    assert all(1200 < count < 1470 for count in found.values())


def test_a_trial_that_grows_from_ten_to_twenty_in_a_hundred_keeps_its_first_ten() -> None:
    first = {key for key in MANY if picked(key, {"base": 90, "winter": 10}) == "winter"}
    later = {key for key in MANY if picked(key, {"base": 80, "winter": 20}) == "winter"}
    assert first < later


def test_the_choice_is_the_same_in_every_process() -> None:
    """Fixed values: a change of the hash would move every customer of a trial."""
    weights = {"base": 50, "winter": 30, "spring": 20}
    assert [picked(f"C{number}", weights) for number in range(6)] == [
        "base",
        "winter",
        "winter",
        "base",
        "spring",
        "spring",
    ]
    assert ranked("c1", ["a", "b", "c", "d"]) == ["a", "b", "c", "d"]
