"""Fingerprints: copies of a photo are recognised whatever was done to them, other photos are not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PIL import Image, ImageOps

from evals.evidence import CHANGES
from support.vision.fingerprint import Fingerprint, query_words, take
from support.vision.sameness import Likeness, colours_shared, compare
from tests.evidence import another_view, scene

SEEDS = range(6)
# Turned, and a part only: too near to what another view of one thing looks like to be sure of every time.
HARDEST = "mirrored, cropped, resized, turned 3 degrees, recompressed"


@pytest.fixture(scope="module")
def originals() -> list[Fingerprint]:
    return [take(scene(seed)) for seed in SEEDS]


@pytest.mark.parametrize("change", [one for one in CHANGES if one != HARDEST])
def test_a_changed_copy_is_the_same_photo(change: str, originals: list[Fingerprint]) -> None:
    copies = [take(CHANGES[change](scene(seed))) for seed in SEEDS]
    same = [
        compare(copy, original).likeness is Likeness.SAME
        for copy, original in zip(copies, originals, strict=True)
    ]
    assert sum(same) >= len(same) - 1


def test_a_part_that_was_turned_is_at_least_alike(originals: list[Fingerprint]) -> None:
    copies = [take(CHANGES[HARDEST](scene(seed))) for seed in SEEDS]
    found = [compare(copy, original).likeness for copy, original in zip(copies, originals, strict=True)]
    assert sum(one >= Likeness.ALIKE for one in found) >= len(found) - 1


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_shares_enough_words_to_be_found(change: str, originals: list[Fingerprint]) -> None:
    shared = [
        len(set(query_words(take(CHANGES[change](scene(seed))))) & set(original.words()))
        for seed, original in zip(SEEDS, originals, strict=True)
    ]
    assert sum(words >= 4 for words in shared) >= len(shared) - 1


def test_different_photos_are_different(originals: list[Fingerprint]) -> None:
    found = {compare(one, other).likeness for one, other in itertools.combinations(originals, 2)}
    assert found == {Likeness.DIFFERENT}


def test_another_view_of_the_same_things_is_another_photo(originals: list[Fingerprint]) -> None:
    views = [take(another_view(seed)) for seed in SEEDS]
    found = [compare(view, original).likeness for view, original in zip(views, originals, strict=True)]
    assert Likeness.SAME not in found


def test_another_view_shares_the_colours(originals: list[Fingerprint]) -> None:
    shared = [colours_shared(take(another_view(seed)), originals[seed]) for seed in SEEDS]
    assert min(shared) > 0.5


def test_it_is_said_that_a_copy_is_mirrored(originals: list[Fingerprint]) -> None:
    assert compare(take(ImageOps.mirror(scene(0))), originals[0]).mirrored
    assert not compare(originals[0], originals[0]).mirrored


def test_a_fingerprint_comes_back_from_its_bytes(originals: list[Fingerprint]) -> None:
    data = originals[0].to_bytes()
    back = Fingerprint.from_bytes(data)
    assert back.to_bytes() == data
    assert back.words() == originals[0].words()
    assert np.abs(back.places - originals[0].places).max() < 0.1


def test_bytes_of_another_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="another kind"):
        Fingerprint.from_bytes(b"JPEG" + bytes(20))


def test_it_weighs_less_than_five_kilobytes(originals: list[Fingerprint]) -> None:
    assert max(len(one.to_bytes()) for one in originals) < 5_000


def test_a_blank_picture_has_nothing_to_be_recognised_by() -> None:
    blank = take(Image.new("RGB", (400, 300), "white"))
    assert (blank.words(), query_words(blank)) == ([], [])
    assert compare(blank, blank).likeness is Likeness.DIFFERENT
