"""Writes the locks in `requirements/` and checks them.

    python3 -m tools.lock            # every NAME.in -> NAME.txt, as `make lock`
    python3 -m tools.lock --check    # without a network: do the locks belong to their sources?

Standard library only. A lock holds versions and hashes for every platform and never the address of a package
index: where packages come from is the business of whoever installs them.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.environments import (
    MODEL_SIDE,
    PYTHONS,
    ROOT,
    Trouble,
    find_uv,
    package_sources,
    torch_source,
)

FOLDER = ROOT / "requirements"
# In this order: dev.in is held to the versions of app.txt.
NAMES = ("uv", "rasa", "app", "dev", *MODEL_SIDE)
OLDEST_APP_PYTHON = "3.11"

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")


def write(name: str, upgrade: bool) -> None:
    """Resolve NAME.in into NAME.txt. Versions already locked stay unless `upgrade`."""
    command = [find_uv(), "pip", "compile", "--quiet", f"requirements/{name}.in"]
    command += ["--output-file", f"requirements/{name}.txt", "--custom-compile-command", "make lock"]
    command += ["--python-version", PYTHONS.get(name, OLDEST_APP_PYTHON), "--generate-hashes"]
    command += ["--no-emit-index-url", "--no-emit-find-links", *(["--upgrade"] if upgrade else [])]
    command += ["--python-platform", "x86_64-manylinux_2_28"] if name in MODEL_SIDE else ["--universal"]
    command += torch_source(name)
    excludes = FOLDER / f"{name}.excludes"
    command += ["--excludes", str(excludes)] if excludes.exists() else []
    if subprocess.run(command, cwd=ROOT, env=package_sources(), check=False).returncode:
        raise Trouble(f"requirements/{name}.in could not be resolved; uv's message is above")


def problems(source: str, lock: str, name: str) -> Iterator[str]:
    """What is wrong with a lock's text, given the text of its source."""
    asked = {_normal(line) for line in source.splitlines() if _NAME.match(line)}
    pinned = _pins(lock)
    direct = {pin for pin, block in pinned.items() if f"-r requirements/{name}.in" in block}
    yield from (f"{missing} is not locked" for missing in sorted(asked - direct))
    yield from (f"{left} is locked but no longer asked for" for left in sorted(direct - asked))
    yield from (f"{pin} has no hash" for pin, block in pinned.items() if "--hash=sha256:" not in block)
    if "://" in lock or re.search(r"^-", lock, re.MULTILINE):
        yield "holds an address or an option of the machine that wrote it"


def _pins(lock: str) -> dict[str, str]:
    blocks = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)
    return {_normal(block): block for block in blocks if _NAME.match(block)}


def _normal(requirement: str) -> str:
    found = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""


def _check() -> None:
    wrong = [
        f"requirements/{name}.txt: {problem}"
        for name in NAMES
        for problem in problems(_text(FOLDER / f"{name}.in"), _text(FOLDER / f"{name}.txt"), name)
    ]
    if wrong:
        raise Trouble("\n".join([*wrong, "`make lock` writes the locks anew."]))
    print("the locks belong to their sources, have hashes, and name no index")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--upgrade", action="store_true", help="take newer versions of everything")
    options = parser.parse_args()
    if options.check:
        _check()
        return
    for name in NAMES:
        print(f"requirements/{name}.txt ...", flush=True)
        write(name, options.upgrade)


if __name__ == "__main__":
    try:
        _main()
    except Trouble as trouble:
        sys.exit(str(trouble))
