"""Starts the Rasa server: `python -m assistant.serve run ...`, with Rasa's own options.

Two things differ from `rasa run`. The API token comes from the environment: Rasa wants it as an option, where
every user of the machine could read it. And the dozens of deprecation warnings of Rasa's old libraries, which
nobody here can mend, are not shown; one of these libraries undoes any filter, hence the hook.
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

from rasa.__main__ import main


def _silence_deprecations() -> None:
    show = warnings.showwarning

    def show_others(message: Any, category: type[Warning], *where: Any, **more: Any) -> None:
        if not issubclass(category, (DeprecationWarning, PendingDeprecationWarning, FutureWarning)):
            show(message, category, *where, **more)

    warnings.showwarning = show_others


if __name__ == "__main__":
    _silence_deprecations()
    sys.argv += ["--auth-token", os.environ["SHOPCLERK_CHANNEL_SECRET"]]
    main()
