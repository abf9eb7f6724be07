"""Filters that a reviewer keeps by name; a filter is kept as its address has it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from support.services.review.marks import NotPossible
from support.store import Store
from support.store.review import SavedFilter

_NAME_CHARACTERS = 60


async def save_filter(store: Store, staff: str, name: str, query: Mapping[str, str], now: datetime) -> None:
    """Keep a filter (`Filters.as_query`); another of the same person with this name is replaced."""
    short = " ".join(name.split())
    if not short or len(short) > _NAME_CHARACTERS or not short.isprintable():
        raise NotPossible("bad_name")
    async with store.writing() as unit:
        await unit.review.save_filter(staff, short, query, now)


async def saved_filters(store: Store, staff: str) -> list[SavedFilter]:
    """A person's filters, by name."""
    async with store.reading() as unit:
        return await unit.review.saved_filters(staff)


async def delete_filter(store: Store, staff: str, number: int) -> None:
    """Forget a filter of this person's."""
    async with store.writing() as unit:
        if not await unit.review.delete_filter(staff, number):
            raise NotPossible("unknown_filter")
