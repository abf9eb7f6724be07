"""Rasa without TensorFlow, which none of this dialogue's components uses: 350 MB and half of the start.

    lean.install()      # before Rasa's server is imported

Three of Rasa's modules bring it in, all of them for training: the list of the components that a `config.yml`
may name (a trained model names its own by module); the validation of training data, which a model's
description mentions as a part of its past; and helpers. The first is left empty, the second is a name only,
the third is loaded when something of it is used. A model whose components need TensorFlow imports it for
itself and works as ever. Training through Rasa's own HTTP API does not: the project trains in a process of
its own (`tools.train`).
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

_COMPONENTS = "rasa.engine.recipes.default_components"
_VALIDATION = "rasa.graph_components.validators.default_recipe_validator"
_VALIDATOR = "DefaultV1RecipeValidator"
_HELPERS = "rasa.utils.train_utils"


class _Later(ModuleType):
    """Stands for a module until a name of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # what the import system asks for is not a use
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def install() -> None:
    """Once, in a process that serves and does not train."""
    components, validation, helpers = ModuleType(_COMPONENTS), ModuleType(_VALIDATION), _Later(_HELPERS)
    components.DEFAULT_COMPONENTS = []  # type: ignore[attr-defined]
    setattr(validation, _VALIDATOR, type(_VALIDATOR, (), {"__module__": _VALIDATION}))
    sys.modules |= {one.__name__: one for one in (components, validation, helpers)}
    package, _, name = _HELPERS.rpartition(".")
    setattr(importlib.import_module(package), name, helpers)  # for `import a.b.c` and then `a.b.c.name`
