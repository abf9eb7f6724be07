"""The folder of a data set on the disk: what an earlier export has settled, and the files of the new one.

    sft.train.jsonl kto.train.jsonl dpo.train.jsonl  and the same with dev
    evaluation.jsonl      frozen: rows that were there stay as they are, byte for byte; new ones follow
    images/<sha256>.jpg   what rows name, nothing else
    provenance.jsonl      of each row: file, line, conversation (a pseudonym), and whose word it rests on
    manifest.json         counts, hashes, rules, versions

A conversation stays in the part that it is in. Files are written beside the old ones and take their places
together at the end, so that an export that is broken off leaves the folder as it was.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from support.dataset.parts import RULE, Part
from support.personal.replacing import VERSION as MASKING

FORMAT = 1
KINDS = ("sft", "kto", "dpo")
EVALUATION, PROVENANCE, MANIFEST, IMAGES = "evaluation.jsonl", "provenance.jsonl", "manifest.json", "images"
ROW_FILES = (*(f"{kind}.{part}.jsonl" for kind in KINDS for part in ("train", "dev")), EVALUATION)

Json = dict[str, Any]


class FolderError(Exception):
    """The folder cannot be written to; the words say why and what to do."""


def part_of_file(name: str) -> Part:
    part = "evaluation" if name == EVALUATION else name.split(".")[1]
    return next(one for one in get_args(Part) if one == part)


def as_line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"


def read_lines(path: Path) -> Iterator[Json]:
    """One row after the other; nothing where the file is missing."""
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Folder:
    """Use as a context: what was added takes the old files' places at `finish`, or vanishes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()
        self._new = path / ".new"
        self._images: set[str] = set()
        self._before = _manifest(path)
        # What is settled: conversations' parts by pseudonym, and of the frozen rows ids and what they say.
        self.parts: dict[str, Part] = {}
        self.frozen: set[str] = set()
        self.evaluated: set[str] = set()

    def __enter__(self) -> Folder:
        shutil.rmtree(self._new, ignore_errors=True)
        (self.path / IMAGES).mkdir(parents=True, exist_ok=True)
        self._new.mkdir()
        self._files = {
            name: (self._new / name).open("w", encoding="utf-8", newline="\n")
            for name in (*ROW_FILES, PROVENANCE)
        }
        self._take_over()
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()
        shutil.rmtree(self._new, ignore_errors=True)

    def _take_over(self) -> None:
        """Where conversations belong, and the frozen rows with their origins."""
        for one in read_lines(self.path / PROVENANCE):
            self.parts[one["conversation"]] = part_of_file(one["file"])
            if one["file"] == EVALUATION:
                self._files[PROVENANCE].write(as_line(one))
                self.evaluated.add(one["same"])
        before = self.path / EVALUATION
        if not before.exists():
            return
        with before.open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                self._files[EVALUATION].write(line)
                self.counts[EVALUATION] += 1
                self.frozen.add(row["id"])
                self._images.update(row["images"])

    def add(self, name: str, row: Json, conversation: str, judge: str, same: str) -> None:
        """`same` is alike for rows that say the same."""
        origin = {
            "file": name,
            "line": self.counts[name],
            "conversation": conversation,
            "from": judge,
            "same": same,
        }
        self._files[name].write(as_line(row))
        self._files[PROVENANCE].write(as_line(origin))
        self.counts[name] += 1
        self._images.update(row["images"])

    def add_image(self, data: bytes) -> str:
        """Where it lies, as rows say it."""
        name = f"{IMAGES}/{hashlib.sha256(data).hexdigest()}.jpg"
        path = self.path / name
        if not path.exists():
            path.write_bytes(data)
        return name

    def finish(self, now: datetime, about: Mapping[str, Any]) -> Json:
        """Put the new files into place; the manifest, which is the old one where nothing has changed."""
        for file in self._files.values():
            file.close()
        hashes = {name: digest(self._new / name) for name in self._files}
        manifest = {
            "format": FORMAT,
            "created_at": now.isoformat(timespec="seconds"),
            "counts": {name: self.counts[name] for name in ROW_FILES} | {IMAGES: len(self._images)},
            "split": RULE,
            "masking": MASKING,
            **about,
            "sha256": hashes,
        }
        if _undated(manifest) == _undated(self._before):
            manifest = self._before
        self._forget_images()
        for name in self._files:
            (self._new / name).replace(self.path / name)
        words = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
        (self._new / MANIFEST).write_text(words, encoding="utf-8")
        (self._new / MANIFEST).replace(self.path / MANIFEST)
        return manifest

    def _forget_images(self) -> None:
        """Those that no row names: their customers may have been forgotten."""
        for path in (self.path / IMAGES).iterdir():
            if f"{IMAGES}/{path.name}" not in self._images:
                path.unlink()


def _manifest(path: Path) -> Json:
    """That of an earlier export; empty where there was none."""
    if path.exists() and not path.is_dir():
        raise FolderError(f"{path} is a file. Name a folder: OUT=folder.")
    if not (path / MANIFEST).exists():
        if path.exists() and any(one.name not in (".new", IMAGES) for one in path.iterdir()):
            raise FolderError(f"{path} holds something else. Name an empty folder: OUT=folder.")
        return {}
    found: Json = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    if (found.get("format"), found.get("split")) != (FORMAT, RULE):
        raise FolderError(f"{path} was made by another version. Name a new folder: OUT=folder.")
    return found


def _undated(manifest: Mapping[str, Any]) -> Json:
    return {name: value for name, value in manifest.items() if name != "created_at"}
