"""The guard proxy before an engine that runs already: `make llm` starts both.

    VLLM_API_KEY=... python -m llm_server.proxy

Everything else comes from the settings of the machine with the model (`llm_server/settings.py`).
"""

from __future__ import annotations

import logging
import os
import sys

from llm_server.proxy import Options, run
from llm_server.settings import Settings, with_secrets


def options(settings: Settings, engine_key: str) -> Options:
    """What the settings say of the proxy; ValueError when it would leave the engine open."""
    return Options(
        engine_url=settings.engine_url,
        engine_key=engine_key,
        keys=settings.tenants(),
        secret=settings.llm_secret.get_secret_value(),
        host=settings.llm_host,
        port=settings.llm_port,
    )


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        run(options(with_secrets(Settings()), os.environ.get("VLLM_API_KEY", "")))
    except (ValueError, OSError) as error:
        sys.exit(f"The guard proxy does not start: {error}")


if __name__ == "__main__":
    main()
