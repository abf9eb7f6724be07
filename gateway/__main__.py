"""Runs the front door: `python -m gateway`. Address and limits come from `support.settings`."""

from __future__ import annotations

import logging

import uvicorn

from gateway.app import create_app
from support.settings import Settings

# Streams of events end only with their page; answers that are being given get this long at shutdown.
_GRACE_S = 5


def main() -> None:
    settings = Settings()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    # httpx logs addresses, and Rasa takes its secret only as a part of one.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    uvicorn.run(
        create_app(settings, warm_up=True),
        host=settings.host,
        port=settings.port,
        access_log=False,  # conversation ids are what keeps conversations private: not into logs
        timeout_graceful_shutdown=_GRACE_S,
    )


if __name__ == "__main__":
    main()
