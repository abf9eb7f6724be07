"""The models on disk: `models/<UTC time>-<hash>.tar.gz`, each with a small JSON file that says what it is.

`models/active.json` names the one in use, the one before it, and the state of the dialogue's files at which
that was chosen. Rasa starts with it (`assistant/serve.py`), `make train` and the desk write it. A choice
holds until the files change: a shop that went back to an older model keeps it over restarts, and whoever
edits the files gets a model of them.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from support.training.files import write

KEPT = 5
_ACTIVE = "active.json"
_SCRATCH = ".training-"
_ABANDONED_AFTER_S = 24 * 3600
_NAME = re.compile(r"^\d{8}-\d{6}-[0-9a-f]{8}\.tar\.gz$")


@dataclass(frozen=True)
class Active:
    """Which model is in use; `data` is the fingerprint of the dialogue's files when it was chosen."""

    model: str
    previous: str = ""
    data: str = ""


@dataclass(frozen=True)
class ModelFile:
    """A trained model. `fingerprint` is of the files that it was made from; empty when those are unknown."""

    name: str
    trained_at: datetime
    size: int
    fingerprint: str


class ModelFolder:
    """All models of a project. Changes are atomic, so that several processes may use one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / name

    def listed(self) -> list[ModelFile]:
        """The newest first."""
        names = (path.name for path in self.folder.glob("*.tar.gz"))
        found = (self.find(name) for name in sorted(names, reverse=True))
        return [one for one in found if one]

    def find(self, name: str) -> ModelFile | None:
        """None for what is no model of ours, whatever the name says."""
        if not _NAME.match(name):
            return None
        try:
            size = self.path(name).stat().st_size
            about = json.loads(self._about(name).read_text(encoding="utf-8"))
            return ModelFile(name, datetime.fromisoformat(about["trained_at"]), size, about["fingerprint"])
        except (OSError, ValueError, KeyError):
            return None

    def of_data(self, fingerprint: str) -> ModelFile | None:
        """The newest model made from these files."""
        return next((one for one in self.listed() if one.fingerprint == fingerprint), None)

    # --- the one in use ----------------------------------------------------------------------------------

    def active(self) -> Active | None:
        """None before the first training, and when the model that it names has gone."""
        try:
            found = Active(**json.loads((self.folder / _ACTIVE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return found if self.path(found.model).exists() else None

    def activate(self, name: str, data: str) -> None:
        """Name the model in use, which Rasa starts with next time."""
        before = self.active()
        previous = "" if before is None else before.previous if before.model == name else before.model
        chosen = asdict(Active(name, previous, data))
        write(self.folder / _ACTIVE, (json.dumps(chosen, indent=1) + "\n").encode())

    # --- new and old ones --------------------------------------------------------------------------------

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Where a model is made, on the same disk, so that it moves into its place in one step."""
        self.folder.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=self.folder))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def keep(self, made: Path, fingerprint: str) -> str:
        """Take in a model that was just made; its name."""
        now = datetime.now(UTC)
        stem = f"{now:%Y%m%d-%H%M%S}-{(fingerprint or 'f' * 8)[:8]}"
        about = {"trained_at": now.isoformat(timespec="seconds"), "fingerprint": fingerprint}
        write(self._about(f"{stem}.tar.gz"), json.dumps(about).encode())
        made.replace(self.folder / f"{stem}.tar.gz")
        return f"{stem}.tar.gz"

    def prune(self) -> None:
        """Keep the newest few, the one in use and the one before it."""
        active = self.active()
        needed = {active.model, active.previous} if active else set()
        for old in self.listed()[KEPT:]:
            if old.name not in needed:
                self.path(old.name).unlink(missing_ok=True)
                self._about(old.name).unlink(missing_ok=True)
        for folder in self.folder.glob(f"{_SCRATCH}*"):
            with suppress(FileNotFoundError):  # another training has ended in this moment
                if time.time() - folder.stat().st_mtime > _ABANDONED_AFTER_S:
                    shutil.rmtree(folder, ignore_errors=True)

    def _about(self, name: str) -> Path:
        return self.folder / f"{name.removesuffix('.tar.gz')}.json"
