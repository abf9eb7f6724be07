"""Everything that holds data about people, as one argument."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from support.answer_cache import AnswerCache
from support.bootstrap import Shop
from support.pictures import PictureStore
from support.store import Store
from support.store.tracker import Tracker


@dataclass(frozen=True)
class Places:
    """`answers` is None where no answer is used twice; `dataset` need not be there."""

    store: Store
    tracker: Tracker
    pictures: PictureStore
    answers: AnswerCache | None
    dataset: Path


def places_of(shop: Shop) -> Places:
    settings = shop.settings
    return Places(
        store=shop.store,
        tracker=Tracker(settings.tracker_url),
        pictures=shop.pictures,
        answers=shop.answers,
        dataset=settings.var / "dataset",
    )
