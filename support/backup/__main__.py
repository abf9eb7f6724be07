"""The commands: `python -m support.backup keep [FILE]` and `python -m support.backup restore FILE`.

`make backup OUT=file` works while the system runs. `make restore FILE=file` wants it stopped; a system
that lives in another folder (SHOPCLERK_VAR) may run.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from support.backup import BackupError, back_up, restore
from support.bootstrap import embedder
from support.knowledge import Knowledge
from support.settings import Settings, read_settings
from support.store import DatabaseUnavailable
from support.var_folder import held, keep_private


def _say(line: str) -> None:
    print(line, flush=True)


async def _keep(settings: Settings, path: Path | None) -> None:
    now = datetime.now(UTC)
    path = path or settings.var / "backups" / f"shopclerk-{now:%Y%m%d-%H%M%S}.tar.gz"
    if path.exists():
        raise BackupError(f"{path} exists already: name another file")
    manifest = await back_up(settings, path, now, _say)
    rows = sum(manifest.rows.values())
    _say(f"{path}: {rows:,} rows, {len(manifest.files):,} files, {path.stat().st_size / 1e6:,.1f} MB")
    _say("It holds customers' data: keep it as you keep the database. The secrets are not in it.")


async def _restore(settings: Settings, path: Path) -> None:
    with held(settings.var, alone=True) as is_held:
        if not is_held:
            raise BackupError(f"a system runs in {settings.var}: stop it, or name another SHOPCLERK_VAR")
        manifest = await restore(settings, path, _say)
        await _index(settings)
    _say("Everybody signs in at the desk again; invitations that were still open have to be made anew.")
    _say(f"restored what was kept at {manifest.made_at}; `make run` starts it")


async def _index(settings: Settings) -> None:
    if (settings.shop / "knowledge").is_dir():
        _say("indexing the documents")
        vectors = embedder(settings)
        await Knowledge(settings.var / "knowledge", vectors).refresh(settings.shop / "knowledge")
        if vectors:
            await vectors.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("keep").add_argument("file", type=Path, nargs="?")
    commands.add_parser("restore").add_argument("file", type=Path)
    asked = parser.parse_args()
    work = _keep if asked.command == "keep" else _restore
    settings = read_settings()
    keep_private(settings.var)
    try:
        asyncio.run(work(settings, asked.file))
    except (BackupError, DatabaseUnavailable) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
