"""PostgreSQL's side of the store: its engine, and connections that are tried only where that tells something.

A connection that the server has closed (a restart) is known for that without asking. One that has lain idle
for a while may hang half-open behind a firewall: that one is asked. SQLAlchemy would ask each time, by three
journeys to the server and back, which is as much as a short transaction needs for itself.
"""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_CONNECT_WITHIN_S, _STATEMENT_WITHIN_S = 3, 15
_TRIED_AFTER_S = 5.0


def engine(url: str) -> AsyncEngine:
    """The engine of a server; it connects on first use."""
    made = create_async_engine(
        url,
        hide_parameters=True,  # an error that is logged holds no values
        pool_size=10,
        max_overflow=10,
        pool_timeout=_CONNECT_WITHIN_S,
        connect_args={"timeout": _CONNECT_WITHIN_S, "command_timeout": _STATEMENT_WITHIN_S},
    )
    sa.event.listen(made.sync_engine, "checkout", _alive)
    sa.event.listen(made.sync_engine, "checkin", _used)
    return made


def _used(_connection: Any, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _alive(connection: Any, record: Any, _proxy: Any) -> None:
    """InvalidatePoolError where it is dead: the pool then opens a new one, and trusts no older one either."""
    used_at = record.info.get("used_at")
    if used_at is None:
        return  # opened this moment
    if connection.driver_connection.is_closed():
        raise sa.exc.InvalidatePoolError
    if time.monotonic() - used_at > _TRIED_AFTER_S:
        try:
            connection.ping()
        except Exception as error:
            # Whatever the driver raises, time that ran out included.
            raise sa.exc.InvalidatePoolError from error
