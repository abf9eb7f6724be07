"""Whether a folder is the data set that it says it is: `problems(folder)` names everything that is wrong.

Files are as their hashes say, rows have their shapes, pictures are there and can be decoded, no conversation
is in two parts, and nothing looks personal to the masks but what stands in the row's own passages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from support import prompts
from support.dataset.cases import words
from support.dataset.folder import (
    FORMAT,
    IMAGES,
    MANIFEST,
    PROVENANCE,
    ROW_FILES,
    digest,
    part_of_file,
    read_lines,
)
from support.personal import found

Json = Mapping[str, Any]

_SHAPES: Mapping[str, Mapping[str, type]] = {
    "sft": {"images": list, "messages": list},
    "kto": {"images": list, "prompt": list, "completion": list, "label": bool},
    "dpo": {"images": list, "prompt": list, "chosen": list, "rejected": list},
    "evaluation": {
        "id": str,
        "language": str,
        "purpose": str,
        "images": list,
        "prompt": list,
        "reference": str,
        "passages": list,
        "records": list,
        "answerable": bool,
    },
}
_SPOKEN = ("messages", "prompt", "completion", "chosen", "rejected")


def problems(folder: Path) -> Iterator[str]:
    """Nothing when all is well."""
    manifest = _manifest(folder)
    if manifest is None:
        yield f"{folder / MANIFEST}: missing or damaged"
        return
    if manifest.get("format") != FORMAT:
        yield f"{MANIFEST}: of another version ({manifest.get('format')})"
        return
    for name in (*ROW_FILES, PROVENANCE):
        if not (folder / name).is_file():
            yield f"{name}: missing"
        elif digest(folder / name) != manifest["sha256"].get(name):
            yield f"{name}: not as it was exported"
        elif name == PROVENANCE:
            yield from _parts(folder, manifest["counts"])
        else:
            yield from _file(folder, name, manifest["counts"][name])


def _manifest(folder: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _file(folder: Path, name: str, count: int) -> Iterator[str]:
    number = 0
    for number, row in enumerate(read_lines(folder / name), 1):
        place = f"{name}:{number}"
        if wrong := _shape(row, name.split(".")[0]):
            yield f"{place}: {wrong}"
            continue
        yield from (f"{place}: {one}" for one in _pictures(folder, row))
        yield from (f"{place}: {one}" for one in _personal(row))
    if number != count:
        yield f"{name}: {number} rows, {count} were exported"


def _shape(row: Json, kind: str) -> str:
    shape = _SHAPES[kind]
    if list(row) != list(shape):
        return f"has {', '.join(row)}, not {', '.join(shape)}"
    for name, wanted in shape.items():
        if not isinstance(row[name], wanted):
            return f"{name} is no {wanted.__name__}"
    for name in _SPOKEN:
        for message in row.get(name, ()):
            if not _is_message(message):
                return f"{name} holds what is no message"
    shown = sum(part["type"] == "image" for message in _messages(row) for part in message["content"])
    return "" if shown == len(row["images"]) else f"{shown} places for {len(row['images'])} pictures"


def _is_message(message: Any) -> bool:
    if not isinstance(message, dict) or message.get("role") not in ("system", "user", "assistant"):
        return False
    parts = message.get("content")
    return isinstance(parts, list) and all(
        part == {"type": "image"} or (part.get("type") == "text" and isinstance(part.get("text"), str))
        for part in parts
    )


def _messages(row: Json) -> Iterator[Json]:
    for name in _SPOKEN:
        yield from row.get(name, ())


def _pictures(folder: Path, row: Json) -> Iterator[str]:
    for name in row["images"]:
        path = folder / name
        if path.parent != folder / IMAGES or not path.is_file():
            yield f"{name} is missing"
        elif digest(path) != path.stem:
            yield f"{name} is not as it was exported"
        elif trouble := _undecodable(path):
            yield f"{name} cannot be decoded ({trouble})"


def _undecodable(path: Path) -> str:
    try:
        with Image.open(path) as image:
            image.load()
    except Exception as error:
        # Decoders fail on damaged files in as many ways as there are formats.
        return type(error).__name__
    return ""


def _personal(row: Json) -> Iterator[str]:
    """The shop's own system prompt and articles are published; everything else was somebody's."""
    from support.personal import engine  # with Presidio and spaCy, which no other part of a gateway needs

    turns = [words(one["content"]) for one in _messages(row) if one["role"] != "system"]
    published = [one for turn in turns for one in prompts.sections(turn).get("passages", ())]
    texts: Sequence[str] = [*turns, str(row.get("reference", "")), *row.get("records", ())]
    for kind, value in sorted({one for text in texts for one in found(text, published, engine.find)}):
        yield f"looks like a {kind}: {value}"


def _parts(folder: Path, counts: Mapping[str, int]) -> Iterator[str]:
    """Each row has an origin, and no conversation is in two parts."""
    belongs: dict[str, str] = {}
    lines: dict[str, int] = dict.fromkeys(ROW_FILES, 0)
    for one in read_lines(folder / PROVENANCE):
        part = part_of_file(one["file"])
        lines[one["file"]] += 1
        if belongs.setdefault(one["conversation"], part) != part:
            both = f"{belongs[one['conversation']]} and {part}"
            yield f"{PROVENANCE}: conversation {one['conversation']} is in {both}"
    for name, count in lines.items():
        if count != counts[name]:
            yield f"{name}: {counts[name]} rows, {count} with an origin"
