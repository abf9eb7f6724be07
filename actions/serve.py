"""Starts the action server, with rasa-sdk's own options: `python -m actions.serve --port 5055`.

With one worker, which is the rule, everything runs in this process. rasa-sdk leaves it to Sanic, which starts
a manager and a worker that both import the shop: nearly 200 MB for nothing, and a start that takes twice as
long. `ACTION_SERVER_SANIC_WORKERS` above 1 is as ever.
"""

from __future__ import annotations

import sys
from typing import Any

from rasa_sdk.__main__ import main
from rasa_sdk.utils import number_of_sanic_workers
from sanic import Sanic


def _serve_here(primary: Sanic[Any, Any], **_: Any) -> None:
    Sanic.serve_single(primary)


if __name__ == "__main__":
    if number_of_sanic_workers() == 1:
        Sanic.serve = _serve_here  # what rasa-sdk calls
    sys.argv[1:1] = ["--actions", "actions", "--quiet"]
    main()
