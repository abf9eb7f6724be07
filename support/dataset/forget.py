"""Takes conversations out of a data set that was exported before: `forget(folder, conversation_ids)`.

Rows are masked and name conversations by pseudonyms only, but they are somebody's words. Rows go with their
origins and the pictures that no other row names; the manifest says what is left, so `--check` stays content.
Frozen rows go as well: an evaluation that shrinks is compared with care, and nobody's words outweigh that.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from support.dataset.folder import (
    IMAGES,
    MANIFEST,
    PROVENANCE,
    ROW_FILES,
    Json,
    as_line,
    digest,
    read_lines,
)
from support.dataset.parts import pseudonym


def forget(folder: Path, conversation_ids: Collection[str]) -> int:
    """How many rows went. Nothing where there is no data set."""
    if not (folder / MANIFEST).exists():
        return 0
    names = {pseudonym(one) for one in conversation_ids}
    origins = list(read_lines(folder / PROVENANCE))
    gone = {(one["file"], one["line"]) for one in origins if one["conversation"] in names}
    if gone:
        left = {name: _kept(folder, name, gone) for name in ROW_FILES}
        _write(folder, left, _renumbered(origins, gone))
    return len(gone)


def _kept(folder: Path, name: str, gone: Collection[tuple[str, int]]) -> list[Json]:
    return [row for line, row in enumerate(read_lines(folder / name)) if (name, line) not in gone]


def _renumbered(origins: Collection[Json], gone: Collection[tuple[str, int]]) -> list[Json]:
    """What remains, each with the line that its row has now."""
    lines: Counter[str] = Counter()
    found = []
    for one in sorted(origins, key=lambda origin: origin["line"]):
        if (one["file"], one["line"]) not in gone:
            found.append(one | {"line": lines[one["file"]]})
            lines[one["file"]] += 1
    return found


def _write(folder: Path, rows: dict[str, list[Json]], origins: list[Json]) -> None:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    for name, left in (rows | {PROVENANCE: origins}).items():
        _replace(folder / name, "".join(map(as_line, left)))
        manifest["sha256"][name] = digest(folder / name)
    images = {image for left in rows.values() for row in left for image in row["images"]}
    manifest["counts"] |= {name: len(left) for name, left in rows.items()} | {IMAGES: len(images)}
    _replace(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")
    for path in (folder / IMAGES).iterdir():
        if f"{IMAGES}/{path.name}" not in images:
            path.unlink()


def _replace(path: Path, words: str) -> None:
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(words, encoding="utf-8", newline="\n")
    beside.replace(path)
