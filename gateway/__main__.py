"""Runs the front door: `python -m gateway`. Address and limits come from `support.settings`."""

from __future__ import annotations

import uvicorn

from support import logs
from support.settings import read_settings
from support.var_folder import held, keep_private

# Streams of events end only with their page; answers that are being given get this long at shutdown.
_GRACE_S = 5


def main() -> None:
    # Here, and not above: the processes that read pictures import this file, and need nothing of it.
    from gateway.app import create_app

    logs.set_up()
    settings = read_settings()
    keep_private(settings.var)
    with held(settings.var) as is_held:
        if not is_held:
            raise SystemExit(f"a backup is being restored into {settings.var}: start again when it is done")
        uvicorn.run(
            create_app(settings, warm_up=True),
            host=settings.host,
            port=settings.port,
            access_log=False,  # conversation ids are what keeps conversations private: not into logs
            timeout_graceful_shutdown=_GRACE_S,
        )


if __name__ == "__main__":
    main()
