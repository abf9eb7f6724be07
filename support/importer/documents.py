"""Brings `knowledge/`, `pictures/`, `policy.yml` and `content.yml` of an import folder to the running shop.

Each file is replaced in one step, so that a reader sees the old one or the new one. What an earlier import
brought and the folder no longer has is removed; what others put there (a corrected answer, say) stays. A
folder without `knowledge/` or `pictures/` leaves what is there.
"""

from __future__ import annotations

import filecmp
import json
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from support.importer.report import Problem
from support.knowledge import Knowledge, Refreshed

FOLDERS = ("knowledge", "pictures")
POLICY = "policy.yml"
CONTENT = "content.yml"
# In the shop's folder: what imports brought, as paths relative to it.
_LIST = ".imported.json"


def copy(folder: Path, shop: Path, left_out: Collection[str] = ()) -> dict[str, int]:
    """How many files changed, by the name in the import folder; OSError when that fails.

    `left_out` are files of the folder that cannot be used: what the shop has in their places stays.
    """
    if folder.resolve() == shop.resolve():
        return {}
    shop.mkdir(parents=True, exist_ok=True)
    earlier = _brought(shop)
    brought: set[str] = set()
    changed: dict[str, int] = {}
    for name in (*FOLDERS, POLICY, CONTENT):
        if (folder / name).exists():
            there = {path.relative_to(folder).as_posix() for path in _files(folder / name)}
            files = there.difference(left_out)
            changed[name] = sum(_copy(folder / one, shop / one) for one in sorted(files))
            _remove(shop, (one for one in earlier - there if one.startswith(f"{name}/")))
            brought |= files | (earlier & there)
        else:
            brought |= {one for one in earlier if one == name or one.startswith(f"{name}/")}
    (shop / _LIST).write_text(json.dumps(sorted(brought), ensure_ascii=False, indent=0), encoding="utf-8")
    return changed


async def problems(knowledge: Knowledge, folder: Path) -> list[Problem]:
    """The articles of an import folder that cannot be read."""
    articles = folder / "knowledge"
    found = await knowledge.problems(articles) if articles.is_dir() else []
    return [Problem(f"knowledge/{one.file}", None, one.message) for one in found]


async def refresh(knowledge: Knowledge, shop: Path) -> Refreshed | None:
    """Take the shop's articles into the search index; None when it has none."""
    articles = shop / "knowledge"
    return await knowledge.refresh(articles) if articles.is_dir() else None


def _brought(shop: Path) -> set[str]:
    listed = shop / _LIST
    return set(json.loads(listed.read_text(encoding="utf-8"))) if listed.exists() else set()


def _files(path: Path) -> Iterator[Path]:
    """The file, or all files below the folder that are not hidden."""
    if path.is_file():
        yield path
        return
    for one in sorted(path.rglob("*")):
        if one.is_file() and not any(part.startswith(".") for part in one.relative_to(path).parts):
            yield one


def _copy(source: Path, target: Path) -> bool:
    """False when the target was the same already."""
    if target.is_file() and filecmp.cmp(source, target, shallow=False):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f".{target.name}.new")
    shutil.copyfile(source, half)
    half.replace(target)
    return True


def _remove(shop: Path, names: Iterator[str]) -> None:
    for name in names:
        (shop / name).unlink(missing_ok=True)
