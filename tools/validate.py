"""Rasa's own check of the dialogue data: `python -m tools.validate`, a part of `make check`.

Runs `rasa data validate --fail-on-warnings` and shows what it says only when it fails. The review's export
does the same to a copy of the files before it writes them (`support.training.examples`).
"""

from __future__ import annotations

import asyncio
import sys

from support.training.project import rasa_environment
from tools.environments import Trouble
from tools.prepare import as_environment, development_settings
from tools.progress import step
from tools.train import project_of


async def validate() -> None:
    """Trouble with Rasa's findings when there are any."""
    settings = development_settings()
    environment = {**rasa_environment(), **as_environment(settings)}
    await step("validating the dialogue data", project_of(settings).validate_command(), environment)


if __name__ == "__main__":
    try:
        asyncio.run(validate())
    except Trouble as trouble:
        sys.exit(str(trouble))
