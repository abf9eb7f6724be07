"""Takes away the deep copies that Rasa makes for debug lines which nobody sees.

Rasa copies a turn's events, states and entities for its log, whatever the log's level; a line that is seen is
written at once, so that it needs no copy. Where a module uses `copy` for nothing else, it gets one that hands
through; a module that does anything else with it keeps its own.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from types import ModuleType, SimpleNamespace
from typing import Any

MODULES = ("rasa.core.processor", "rasa.core.policies.rule_policy", "rasa.core.actions.forms")

_SAME = SimpleNamespace(deepcopy=lambda value: value)


def install() -> None:
    """In every module that copies for its log and for nothing else."""
    for module in map(importlib.import_module, MODULES):
        if copies_for_the_log_only(module):
            module.copy = _SAME  # type: ignore[attr-defined]


def copies_for_the_log_only(module: ModuleType) -> bool:
    """Whether every use of `copy` is an argument of `structlogger.debug`."""
    tree = ast.parse(inspect.getsource(module))
    logged = {id(use) for call in ast.walk(tree) if _is_debug(call) for use in _uses(call)}
    return all(id(use) in logged for use in _uses(tree))


def _is_debug(node: Any) -> bool:
    function = getattr(node, "func", None)
    return isinstance(function, ast.Attribute) and ast.unparse(function) == "structlogger.debug"


def _uses(tree: ast.AST) -> list[ast.Name]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "copy"]
