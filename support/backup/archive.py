"""The file of a backup: written member by member, and opened only when every member is what it was."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
FORMAT = 1


class BackupError(Exception):
    """A backup that cannot be made or restored; the message says why and what to do."""


@dataclass
class Manifest:
    """What a backup holds. `revision` is the schema's, `rows` by table, `files` their SHA-256 by name."""

    made_at: str
    revision: str
    database: str
    rows: dict[str, int] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


class Writer:
    """Members into a new archive, noted in its manifest."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest) -> None:
        self._tar, self.manifest = tar, manifest

    def add(self, name: str, source: Path) -> None:
        with source.open("rb") as content:
            self.manifest.files[name] = hashlib.file_digest(content, "sha256").hexdigest()
        self._tar.add(source, name, recursive=False)

    def add_manifest(self) -> None:
        content = json.dumps(asdict(self.manifest), indent=1).encode()
        member = tarfile.TarInfo(MANIFEST)
        member.size = len(content)
        self._tar.addfile(member, io.BytesIO(content))


@contextmanager
def writing(path: Path, manifest: Manifest) -> Iterator[Writer]:
    """A new archive, which appears under its name only when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.touch(mode=0o600)  # customers' data: for its owner only
    try:
        with tarfile.open(part, "w:gz", compresslevel=6) as tar:
            writer = Writer(tar, manifest)
            yield writer
            writer.add_manifest()
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


def unpack(path: Path, folder: Path) -> Manifest:
    """Everything into the folder, checked against the manifest; BackupError for what is damaged."""
    if not path.exists():
        raise BackupError(f"there is no file {path}")
    try:
        with tarfile.open(path) as tar:
            tar.extractall(folder, filter="data")
        manifest = _manifest(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, tarfile.TarError, EOFError, ValueError, TypeError) as error:
        raise BackupError(f"{path} is no whole backup: {error}") from error
    found = {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()} - {MANIFEST}
    if found != set(manifest.files):
        odd = sorted(found ^ set(manifest.files))
        raise BackupError(f"{path} is damaged: {odd[0]} is missing, or was put in later")
    for name, digest in manifest.files.items():
        with (folder / name).open("rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != digest:
                raise BackupError(f"{path} is damaged: {name} is not as it was written")
    return manifest


def _manifest(content: Mapping[str, Any]) -> Manifest:
    if content.get("format") != FORMAT:
        raise BackupError(
            f"this backup has format {content.get('format')}, this Shopclerk reads {FORMAT}: restore it with "
            "the version that made it, and upgrade after that"
        )
    return Manifest(**content)
