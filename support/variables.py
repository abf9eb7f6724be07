"""Which `SHOPCLERK_` variables there are: what is misspelled would change nothing, and nobody would be told.

The settings are one part (`support.settings`). The others, which other programs read, are named here and
nowhere else; a test compares them with the whole project.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Iterator

from dotenv import dotenv_values

PREFIX = "SHOPCLERK_"
FILE = ".env"

_OF_OTHERS = frozenset(
    {
        # The machine with the model (llm_server/settings.py), which shares the .env.
        "LLM_ADAPTERS",
        "LLM_ENGINE_PORT",
        "LLM_HOST",
        "LLM_PORT",
        "LLM_PROFILE",
        "LLM_SECRET",
        "LLM_TENANTS",
        "LLM_WEIGHTS",
        # Rasa, in endpoints.yml (tools/prepare.py spells them out).
        "TRACKER_DB",
        "TRACKER_DIALECT",
        "TRACKER_URL",
        # From the launcher to itself (tools/run.py).
        "LAUNCHER_BEGUN",
        "LAUNCHER_GUIDE",
        "LAUNCHER_JOIN",
        # tools/audit.py, and evals/chaos, which moves the clock.
        "AUDIT",
        "CLOCK",
    }
)
_OF_TESTS = "TEST_"  # where the services are that tests use (tools/services.py)
_ALIKE = 0.7


def unknown(settings: Collection[str]) -> Iterator[str]:
    """A line for each variable, here or in `.env`, that nothing reads; `settings` by their fields' names."""
    known = {name.upper() for name in settings} | _OF_OTHERS
    for place, names in (("", os.environ), (f" (in {FILE})", dotenv_values(FILE))):
        for name in sorted(names):
            # As the settings are read: in small letters, too.
            part = name.upper().removeprefix(PREFIX)
            if part != name.upper() and part not in known and not part.startswith(_OF_TESTS):
                yield f"{name}{place}: there is no such setting{_meant(part, known)}"


def _meant(part: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(part, sorted(known), n=1, cutoff=_ALIKE)
    return f"; did you mean {PREFIX}{near[0]}?" if near else "; .env.example names them all"
