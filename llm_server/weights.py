"""Where a profile's weights lie on this machine: in a folder of the user's, or in a hub's own cache.

    folder = weights.find(profile, "huggingface")    # or "modelscope", or a folder; Trouble says what to do

Whatever the source, the folder is checked before vLLM sees it: configuration, tokenizer, and every part of
the weights at its full size. What is there and whole is used without asking the network. A lost connection is
taken up where it broke; a download that was given up keeps the files that arrived whole. The hubs' libraries
are imported where they are used: a folder needs none.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, cast

from llm_server import Trouble
from llm_server.adapters.weights import Unreadable, tensors
from llm_server.machine import Machine, free_disk
from llm_server.profiles import Profile

Hub = Literal["huggingface", "modelscope"]
HUBS: Mapping[str, Hub] = {"huggingface": "huggingface", "modelscope": "modelscope"}
GB = 10**9
TELL_EVERY_S = 5
_SIZES_DIFFER = 0.2  # two profiles of one kind differ by more, what we say and what lies there by less
_WANTED = ["*.json", "*.safetensors", "*.txt", "*.jinja", "*.model"]
_TOKENIZERS = ("tokenizer.json", "vocab.json", "tokenizer.model")
_PROCESSORS = ("preprocessor_config.json", "processor_config.json")


def find(profile: Profile, source: str) -> Path:
    """The folder with the weights, downloaded first where `source` is a hub."""
    if hub := HUBS.get(source):
        return cached(profile, hub) or _download(profile, hub)
    folder = own_folder(source)
    if wrong := problems(folder, profile):
        listed = "\n".join(f"  {each}" for each in wrong)
        raise Trouble(
            f"SHOPCLERK_LLM_WEIGHTS names {folder}, which does not hold {profile.title}:\n{listed}\n"
            "Name a folder with all files of the model, or huggingface, or modelscope."
        )
    return folder


def own_folder(source: str) -> Path:
    """The folder that a setting names."""
    return Path(source).expanduser().absolute()


def recognised(folder: Path, known: Iterable[Profile], machine: Machine) -> Profile:
    """The profile that a folder's files are for, by architecture, precision and size; Trouble if unclear."""
    size = sum(part.stat().st_size for part in folder.glob("*.safetensors")) / GB
    device = "gpu" if machine.gpus else "cpu"
    fitting = [
        profile
        for profile in known
        if profile.device == device
        and abs(size - profile.download_gb) < _SIZES_DIFFER * profile.download_gb
        and not list(_config_problems(folder / "config.json", profile))
    ]
    if len(fitting) == 1:
        return fitting[0]
    raise Trouble(
        f"{folder} holds {size:.1f} GB of weights; which profile they are for cannot be told.\n"
        "Name it: make llm PROFILE=name, or the path of a profile of your own"
    )


# --- what a folder must have --------------------------------------------------------------------------------


def problems(folder: Path, profile: Profile) -> list[str]:
    """What keeps this folder from being served as the profile says; empty when nothing does."""
    if not folder.is_dir():
        return ["there is no such folder"]
    found = [] if _any(folder, _TOKENIZERS) else [f"no tokenizer ({', '.join(_TOKENIZERS)})"]
    found += [] if _any(folder, _PROCESSORS) else [f"no picture processor ({', '.join(_PROCESSORS)})"]
    return [*_config_problems(folder / "config.json", profile), *found, *_part_problems(folder)]


def _any(folder: Path, names: Iterable[str]) -> bool:
    return any((folder / name).is_file() for name in names)


def _config_problems(path: Path, profile: Profile) -> Iterator[str]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        architectures = config.get("architectures") or []
    except (OSError, ValueError, AttributeError) as error:
        yield f"config.json cannot be read ({error})"
        return
    if profile.architecture not in architectures:
        yield f"its model is {', '.join(architectures) or 'not named'}, not {profile.architecture}"
    method = (config.get("quantization_config") or {}).get("quant_method", "bf16")
    if method != profile.precision:
        yield f"its weights are {method}, the profile {profile.name} is for {profile.precision}"


def _part_problems(folder: Path) -> Iterator[str]:
    index = folder / "model.safetensors.index.json"
    names = ["model.safetensors"]
    if index.is_file():
        try:
            names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            yield f"{index.name} cannot be read ({error!r})"
            return
    yield from filter(None, (_part_problem(folder / name) for name in names))


def _part_problem(part: Path) -> str:
    try:
        tensors(part)
    except FileNotFoundError:
        return f"{part.name} is missing"
    except (OSError, Unreadable) as error:
        return f"{part.name}: {error}"
    return ""


# --- the hubs -----------------------------------------------------------------------------------------------


def cached(profile: Profile, hub: Hub) -> Path | None:
    """The hub's folder on this machine, if it is there and whole. Never asks the network."""
    try:
        folder = _snapshot(profile, hub, local_files_only=True)
    except Exception:  # each hub has its own for "not here"; whatever it is, downloading will tell
        return None
    return None if problems(folder, profile) else folder


def model_id(profile: Profile, hub: Hub) -> str:
    """What the model is called there."""
    return profile.modelscope or profile.model if hub == "modelscope" else profile.model


def _snapshot(profile: Profile, hub: Hub, local_files_only: bool = False) -> Path:
    download = _library(hub)
    name = model_id(profile, hub)
    return Path(download(name, allow_patterns=_WANTED, local_files_only=local_files_only))


def _library(hub: Hub) -> Callable[..., str]:
    # Its bars are for terminals. tqdm looks for this variable when it is imported; vLLM must not inherit it.
    os.environ |= {} if sys.stderr.isatty() else {"TQDM_DISABLE": "1"}
    try:
        library = importlib.import_module("modelscope" if hub == "modelscope" else "huggingface_hub")
    finally:
        os.environ.pop("TQDM_DISABLE", None)
    return cast("Callable[..., str]", library.snapshot_download)


def cache_folder(profile: Profile, hub: Hub) -> Path:
    """Where the hub's library keeps what it downloads of this model, finished or not."""
    name = model_id(profile, hub).replace("/", "--")
    if hub == "modelscope":
        return Path(importlib.import_module("modelscope_hub.config").HubConfig().cache_dir) / "models" / name
    return Path(importlib.import_module("huggingface_hub.constants").HF_HUB_CACHE) / f"models--{name}"


def _download(profile: Profile, hub: Hub) -> Path:
    into = cache_folder(profile, hub)
    check_disk(profile, into, free_disk(into))
    title = f"{model_id(profile, hub)} from {hub}"
    print(f"downloading {title}: {profile.download_gb:g} GB into {into}", flush=True)
    try:
        with _progress(profile, into):
            folder = _snapshot(profile, hub)
    except Exception as error:  # a different kind for every hub and every way to fail
        raise Trouble(
            f"Downloading {title} failed: {_first_lines(error)}\n"
            "Files that arrived whole are kept: the same command fetches the rest. The other hub may be\n"
            "nearer: SHOPCLERK_LLM_WEIGHTS=huggingface, modelscope, or a folder that has the files."
        ) from error
    if wrong := problems(folder, profile):
        raise Trouble(
            f"{title} arrived in {folder}, but: {'; '.join(wrong)}. Remove the folder and try again."
        )
    return folder


def _first_lines(error: Exception) -> str:
    return " ".join(str(error).split())[:500] or type(error).__name__


def check_disk(profile: Profile, into: Path, free: int) -> None:
    """Trouble when what is missing of a download does not fit beside it."""
    missing = max(0, int(profile.download_gb * GB) - size_of(into))
    if free < missing:
        raise Trouble(
            f"{profile.title} needs {missing / GB:.1f} GB more on the disk of {into},"
            f" {free / GB:.1f} GB are free.\n"
            "Free some, or move the cache to a larger disk: HF_HOME=folder (Hugging Face) or"
            " MODELSCOPE_CACHE=folder (ModelScope)."
        )


def size_of(folder: Path) -> int:
    """The bytes of all files below, links not followed; files may come and go meanwhile."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                found = (Path(parent) / name).lstat()
            except FileNotFoundError:
                continue
            total += found.st_size
    return total


@contextmanager
def _progress(profile: Profile, into: Path) -> Iterator[None]:
    """On a terminal the hub's own bars; in a log a line every few seconds."""
    if sys.stderr.isatty():
        yield
        return
    finished = threading.Event()
    teller = threading.Thread(target=_tell, args=(profile, into, finished), daemon=True)
    teller.start()
    try:
        yield
    finally:
        finished.set()
        teller.join()


def _tell(profile: Profile, into: Path, finished: threading.Event) -> None:
    then, before = time.monotonic(), size_of(into)
    while not finished.wait(TELL_EVERY_S):
        now, there = time.monotonic(), size_of(into)
        speed = max(0, there - before) / (now - then) / 10**6
        print(f"  {there / GB:.1f} of {profile.download_gb:g} GB, {speed:.0f} MB/s", flush=True)
        then, before = now, there
