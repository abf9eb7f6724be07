"""The address of the records, `SHOPCLERK_DATABASE_URL`: as people write it, and as the store wants it.

No complaint repeats an address: it may hold a password, and nobody can tell where in one that is misspelled.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_SQLITE, _POSTGRESQL = "sqlite+aiosqlite", "postgresql+asyncpg"
_DRIVERS = {
    "sqlite": _SQLITE,
    _SQLITE: _SQLITE,
    "postgres": _POSTGRESQL,
    "postgresql": _POSTGRESQL,
    _POSTGRESQL: _POSTGRESQL,
}
_WRITE = (
    "Write postgresql://user:password@host:5432/shopclerk (with % codes for / # ? @ : in the password), "
    "or sqlite:///path/to/shop.db"
)


def with_driver(url: str) -> str:
    """The address with the driver that the store uses; ValueError when it is none."""
    scheme, _, rest = url.partition("://")
    driver = _DRIVERS.get(scheme.lower())
    if driver is None and rest and re.fullmatch(r"[\w+.-]+", scheme):
        raise ValueError(f"{scheme}:// cannot be used. {_WRITE}")
    if driver is None or not (_is_file(rest) if driver == _SQLITE else _is_database(rest)):
        raise ValueError(f"this is no address of a database. {_WRITE}")
    if driver == _POSTGRESQL and re.search(r"[?&]ssl(mode)?=", rest):
        # The drivers of the store and of Rasa want it spelled in different ways; both read the variable.
        raise ValueError("leave out ssl and sslmode, and set PGSSLMODE=require in the environment")
    return f"{driver}://{rest}"


def _is_file(rest: str) -> bool:
    """Whether this follows `sqlite://`: a slash, and a path."""
    return rest.startswith("/") and len(rest) > 1


def _is_database(rest: str) -> bool:
    """Whether a database is named, and a port is one: a password with / or # would stand where it stands."""
    try:
        parts = urlsplit(f"//{rest}")
        return parts.port != 0 and bool(parts.path.strip("/"))
    except ValueError:
        return False
