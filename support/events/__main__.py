"""The projector's process: `python -m support.events`. SIGTERM or Ctrl-C ends it, after the batch in hand.

`python -m support.events --failures` instead tries once more what was put aside, and ends.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from support import logs
from support.events.projector import Projector, follow_changes, project_failures
from support.services.projection import project, refresh_changed
from support.settings import Settings, read_settings
from support.store import Store


async def run(settings: Settings) -> None:
    store = Store(settings.database_url)
    projector = Projector(settings.events_url, store, project)
    for stop in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(stop, projector.stop.set)
    try:
        async with asyncio.TaskGroup() as together:
            together.create_task(projector.run())
            together.create_task(follow_changes(store, refresh_changed, projector.stop))
    finally:
        await store.close()


async def retry(settings: Settings) -> int:
    store = Store(settings.database_url)
    try:
        done, failed = await project_failures(store, project)
    finally:
        await store.close()
    print(f"{done} events projected, {failed} stay aside")
    return 1 if failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--failures", action="store_true", help="try once more what was put aside")
    arguments = parser.parse_args()
    logs.set_up()
    settings = read_settings()
    if arguments.failures:
        return asyncio.run(retry(settings))
    asyncio.run(run(settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
