"""Which of Rasa's functions are replaced by faster ones that do the same: one registry, checked by hash.

    @replaces("rasa.core.actions.action", "RemoteAction._validate_action_result", "0f3a...")
    def _validate_action_result(self, result): ...

    install()       # once, before Rasa makes its agent

Each replacement names the hash of the source that it stands for. Where Rasa's source is another one,
`install` leaves Rasa's in place and says so: slower, but right. A test asks `changed` and fails.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import logging
from collections.abc import Callable
from functools import reduce
from typing import Any, NamedTuple, TypeVar

log = logging.getLogger(__name__)

Function = TypeVar("Function", bound=Callable[..., Any])
_DIGITS = 12


class _Replacement(NamedTuple):
    module: str
    name: str
    digest: str
    by: Callable[..., Any]

    @property
    def place(self) -> Any:
        """What holds the function: a class or the module."""
        return reduce(getattr, self.name.split(".")[:-1], importlib.import_module(self.module))

    @property
    def own(self) -> Any:
        """Rasa's function."""
        return getattr(self.place, self.name.split(".")[-1])


_REPLACEMENTS: list[_Replacement] = []
_MODULES = ("action_calls", "graph", "lookups", "remote_actions", "rules", "whole_turns")


def replaces(module: str, name: str, digest: str) -> Callable[[Function], Function]:
    """Enter a function into the registry; `digest` is that of Rasa's source."""

    def enter(function: Function) -> Function:
        _REPLACEMENTS.append(_Replacement(module, name, digest, function))
        return function

    return enter


def digest_of(function: Any) -> str:
    return hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:_DIGITS]


def changed() -> dict[str, str]:
    """Those of Rasa's functions that are not what their replacements were written for, with their digests."""
    for module in _MODULES:
        importlib.import_module(f"assistant.{module}")
    return {one.name: digest_of(one.own) for one in _REPLACEMENTS if digest_of(one.own) != one.digest}


def install() -> None:
    """Put every replacement in place whose original is the known one."""
    other = changed()
    for one in _REPLACEMENTS:
        if one.name in other:
            log.warning("Rasa's %s has changed; it is used as it is, and turns cost more", one.name)
        else:
            setattr(one.place, one.name.split(".")[-1], one.by)
