"""Builds the Python environments below `.venv/` from the locks in `requirements/`, and only what changed.

    python3 -m tools.environments rasa app      # what `make run` needs
    python3 -m tools.environments rasa app dev  # `dev` adds the test tools to `app`
    python3 -m tools.environments llm-gpu       # vLLM, for `make llm`; llm-cpu: the same without a GPU
    python3 -m tools.environments finetune-gpu  # TRL, for `make finetune`; finetune-cpu: the same without one

Standard library only. uv does the work: the one on the PATH, else one installed into `.tools/`. Each
environment carries a stamp with the hash of its locks; an environment without its stamp was left half made
and is built again. Packages come from where uv or pip are configured to get them: uv's own variables as they
are, else pip's index address and wheel folder.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
# PyTorch publishes its builds for the CPU only here, as its installation page says.
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"

# Environment -> locks that are always in it. `dev` is a lock that may be added to `app`.
MODEL_SIDE = ("llm-cpu", "llm-gpu", "finetune-cpu", "finetune-gpu")
LOCKS = {name: (name,) for name in ("rasa", "app", *MODEL_SIDE)}
PYTHONS = {"rasa": "3.10"} | dict.fromkeys(MODEL_SIDE, "3.11")
FIRST_TIME = {
    "rasa": "about 1 GB to download",
    "app": "about 400 MB",
    "llm-cpu": "about 700 MB",
    "llm-gpu": "about 5 GB",
    "finetune-cpu": "about 500 MB",
    "finetune-gpu": "about 4 GB",
}


_ONE_LOOKS = threading.Lock()


class Trouble(Exception):
    """Something the user has to do; the text says what."""


def main(wanted: Sequence[str]) -> None:
    """Make each wanted environment current, side by side. Quick when nothing changed."""
    dev = ("dev",) if "dev" in wanted else ()
    names = [name for name in LOCKS if name in wanted or (dev and name == "app")]
    with ThreadPoolExecutor(len(names)) as together:
        for made in [together.submit(_make, name, dev if name == "app" else ()) for name in names]:
            made.result()


def python_of(environment: str) -> Path:
    """The interpreter of an environment, whether or not it exists yet."""
    return ROOT / ".venv" / environment / "bin" / "python"


def _make(name: str, extra: tuple[str, ...]) -> None:
    stamp = ROOT / ".venv" / name / "shopclerk.json"
    installed = _read(stamp) if os.access(python_of(name), os.X_OK) else {}
    wanted = {lock: _digest(lock) for lock in (*LOCKS[name], *extra)}
    if wanted.items() <= installed.items():
        return
    if name in MODEL_SIDE and not _is_linux_on_x86():
        print(f"skipped the environment {name}: vLLM and PyTorch are locked for Linux on x86-64 only")
        return
    # An environment that once had the test tools keeps them.
    wanted |= {lock: _digest(lock) for lock in installed.keys() - wanted.keys()}
    begun = time.monotonic()
    note = "" if installed else f" ({FIRST_TIME[name]} the first time)"
    print(f"building the environment .venv/{name}{note} ...", flush=True)
    stamp.unlink(missing_ok=True)
    if not installed:
        shutil.rmtree(stamp.parent, ignore_errors=True)
        _uv("venv", "--quiet", "--python", _python_for(name), str(stamp.parent))
    _install(name, wanted)
    stamp.write_text(json.dumps(wanted), encoding="utf-8")
    print(f"built .venv/{name} in {time.monotonic() - begun:.0f} s", flush=True)


def _read(stamp: Path) -> dict[str, str]:
    try:
        return dict(json.loads(stamp.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _lock(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


def _digest(lock: str) -> str:
    return hashlib.sha256(_lock(lock).read_bytes()).hexdigest()


def _install(name: str, locks: Iterable[str]) -> None:
    # Compiled at once: later starts must not pay for it, and some containers forbid writing it later.
    options = [
        "--require-hashes",
        "--compile-bytecode",
        "--python",
        str(python_of(name)),
        *torch_source(name),
    ]
    if not sys.stderr.isatty():
        options += ["--quiet"]  # on a terminal uv shows its progress; a log needs no list of packages
    _uv("pip", "sync", *options, *(str(_lock(lock)) for lock in locks))


def _is_linux_on_x86() -> bool:
    return sys.platform == "linux" and platform.machine() in ("x86_64", "AMD64")


# --- uv ----------------------------------------------------------------------------------------------------


def _uv(*arguments: str) -> None:
    try:
        subprocess.run([find_uv(), *arguments], check=True, cwd=ROOT, env=package_sources())
    except subprocess.CalledProcessError as error:
        raise Trouble(f"uv {' '.join(arguments[:2])} failed; its message is above") from error


def find_uv() -> str:
    """A usable uv: the one on the PATH, else our own, installed when it is not there yet."""
    with _ONE_LOOKS:
        return _found_uv()


@functools.cache
def _found_uv() -> str:
    own = ROOT / ".tools" / "uv" / "bin" / "uv"
    for candidate in (shutil.which("uv"), own):
        if candidate and _answers([str(candidate), "--version"]):
            return str(candidate)
    print("installing uv into .tools/ ...", flush=True)
    for command in _ways_to_install_uv(own.parent.parent):
        if _answers(command) and _answers([str(own), "--version"]):
            return str(own)
    raise Trouble(
        "uv could not be installed: `python3 -m venv` and `python3 -m pip` are missing or cannot download.\n"
        "Install one of them (Debian, Ubuntu: apt-get install python3-venv), or uv itself, and try again."
    )


def _ways_to_install_uv(folder: Path) -> Iterator[list[str]]:
    from_lock = ["install", "--quiet", "--require-hashes", "-r", str(_lock("uv"))]
    shutil.rmtree(folder, ignore_errors=True)
    if _answers([sys.executable, "-m", "venv", str(folder)]):
        yield [str(folder / "bin" / "python"), "-m", "pip", *from_lock]
        shutil.rmtree(folder)
    yield [sys.executable, "-m", "pip", *from_lock, "--target", str(folder)]


def _answers(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=600).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@functools.cache
def package_sources() -> dict[str, str]:
    """The environment for uv: pip's index address is passed on unless uv has its own."""
    environment = dict(os.environ)
    environment.pop("UV_FIND_LINKS", None)  # named where it is wanted
    if not environment.keys() & {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} and (index := _pip_setting("index-url")):
        environment["UV_DEFAULT_INDEX"] = index
    return environment


def _pip_setting(name: str) -> str:
    if value := os.environ.get("PIP_" + name.upper().replace("-", "_")):
        return value
    command = [sys.executable, "-m", "pip", "config", "get", f"global.{name}"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() if found.returncode == 0 else ""


def torch_source(name: str) -> list[str]:
    """uv's options for an environment without a GPU: the wheel folder that pip knows, else PyTorch's index.

    The others get nothing: a build for the CPU found in that folder would pass for the newest.
    """
    if not name.endswith("-cpu"):
        return []
    if folder := os.environ.get("UV_FIND_LINKS") or _pip_setting("find-links"):
        return [option for one in re.split(r"[ ,]+", folder) for option in ("--find-links", one)]
    return ["--index", TORCH_CPU_INDEX, "--index-strategy", "unsafe-best-match"]


# --- Python ------------------------------------------------------------------------------------------------


def _python_for(name: str) -> str:
    version = PYTHONS.get(name)
    if version is None or sys.version_info[:2] == tuple(map(int, version.split("."))):
        return sys.executable
    return find_python(version)


def find_python(version: str) -> str:
    """An interpreter of this version: uv's own or on the PATH, pyenv's, Homebrew's, else uv downloads one."""
    for candidate in _candidates(version):
        # Rasa needs these; a Python built without their libraries would only fail later.
        check = f"import sys, ssl, sqlite3, ctypes; assert '%d.%d' % sys.version_info[:2] == '{version}'"
        if _answers([candidate, "-c", check]):
            return candidate
    print(f"no Python {version} found, downloading one ...", flush=True)
    if subprocess.run([find_uv(), "python", "install", version], cwd=ROOT, check=False).returncode == 0:
        return version
    raise Trouble(
        f"Python {version} is needed (Rasa 3.6 needs 3.10) and could not be downloaded.\n"
        f"Install it in one of these ways and try again:\n"
        f"  uv python install {version}      pyenv install {version}\n"
        f"  brew install python@{version}    apt-get install python{version} python{version}-venv"
    )


def _candidates(version: str) -> Iterator[str]:
    command = [find_uv(), "python", "find", "--no-python-downloads", "--system", version]
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if found.returncode == 0:
        yield found.stdout.strip()
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    yield from (str(path) for path in sorted(pyenv.glob(f"{version}*/bin/python"), reverse=True))
    for prefix in ("/opt/homebrew", "/usr/local"):
        yield f"{prefix}/opt/python@{version}/bin/python{version}"


if __name__ == "__main__":
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(
            f"Python {platform.python_version()} is too old, 3.11 or newer is needed."
            " Name another one so: make PYTHON=python3.12 ..."
        )
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("wanted", nargs="+", choices=[*LOCKS, "dev"])
    try:
        main(parser.parse_args().wanted)
    except Trouble as trouble:
        sys.exit(f"\n{trouble}")
    except KeyboardInterrupt:
        sys.exit(130)
