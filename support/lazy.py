"""Libraries that are loaded when something of theirs is first needed, by the standard library's own means.

    if TYPE_CHECKING:
        import openai
    else:
        openai = lazy.module("openai")

For what takes long to import, or much memory, in processes that may never use it: a gateway without a model,
a launcher that imports no documents.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from types import ModuleType

# The standard library's lazy modules may be seen half loaded by a second thread.
_LOADING = threading.Lock()


def module(name: str) -> ModuleType:
    """The module, which runs at the first look at one of its names; ModuleNotFoundError where it is not."""
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    spec.loader = importlib.util.LazyLoader(spec.loader)
    made = importlib.util.module_from_spec(spec)
    sys.modules[name] = made
    spec.loader.exec_module(made)
    return made


def load(module: ModuleType) -> None:
    """Run it now, if it has not run; to be called in a thread where a loop must go on meanwhile."""
    with _LOADING:
        vars(module)  # a look that a lazy module notices
