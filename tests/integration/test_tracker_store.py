"""Rasa's conversations on SQLite and on PostgreSQL: `tracker_store_probe.py`, in Rasa's environment."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rasa_probe import told_by
from tests.stack import stack_settings
from tools.prepare import as_environment


@pytest.fixture
def told(database_url: str, tmp_path: Any) -> dict[str, Any]:
    environment = as_environment(stack_settings(tmp_path, database_url=database_url))
    where = [environment[f"SHOPCLERK_TRACKER_{part}"] for part in ("DIALECT", "DB", "URL")]
    return told_by("tests.integration.tracker_store_probe", *where)


def test_trackers_in_memory_are_what_the_database_holds(told: dict[str, Any]) -> None:
    """In one run, which takes a process of Rasa's: each part is a fact of its own below."""
    for part, expected in _EXPECTED.items():
        assert told[part] == expected, part


_EXPECTED: dict[str, Any] = {
    # Two workers see each other's turns, in order, and know what a third reads.
    "workers": {"heard": [*"0123456"], "same": True},
    # A turn that was not saved leaves no trace in memory.
    "failed": ["first", "again"],
    # A new session is seen by both, without what was before; the whole conversation still holds both.
    "session": {"heard": ["after"], "same": True, "all": ["before", "before, too", "after"]},
    # What was erased from the database is not remembered.
    "erased": ["new"],
    # Trackers of Rasa's own making are saved by what they have more.
    "foreign": ["stored", "put"],
    # One read, one insert and its last id, one commit, in a long conversation too.
    "statements": {"reads": 2, "writes": 1, "commits": 1},
    "nobody": None,
    "keys": ["erased", "failed", "foreign", "long", "session", "workers"],
}
