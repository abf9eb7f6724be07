"""Rasa's own check of the dialogue data: `python -m tools.validate`, a part of `make check`.

Runs `rasa data validate --fail-on-warnings` and shows what it says only when it fails.
"""

from __future__ import annotations

import asyncio
import os
import sys

from tools.environments import Trouble, python_of
from tools.prepare import as_environment, development_settings
from tools.progress import step
from tools.train import RASA_ENVIRONMENT


async def validate() -> None:
    """Trouble with Rasa's findings when there are any."""
    command = [str(python_of("rasa")), "-m", "rasa", "data", "validate", "--fail-on-warnings"]
    command += ["--domain", "domain", "--data", "data"]
    environment = {**os.environ, **RASA_ENVIRONMENT, **as_environment(development_settings())}
    await step("validating the dialogue data", command, environment)


if __name__ == "__main__":
    try:
        asyncio.run(validate())
    except Trouble as trouble:
        sys.exit(str(trouble))
