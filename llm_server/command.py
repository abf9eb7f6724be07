"""The command line and environment that vLLM is started with, from a profile and the settings.

    command = engine_command(profile, weights="/models/qwen", key=..., port=8001, gpu=..., adapters=())
    print(command.shown())      # for people: without the key

What every profile has in common stands here, flag by flag; a profile adds flags, gives them another value, or
takes one away (null). The key goes by the environment: a command line is visible to everyone in `ps`.
"""

from __future__ import annotations

import importlib.util
import json
import math
import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from llm_server.machine import Gpu
from llm_server.profiles import Profile

ROOT = Path(__file__).parents[1]
SERVER = ("-m", "vllm.entrypoints.openai.api_server")
DRAIN_S = 45
KEY = "VLLM_API_KEY"
_HIDDEN = "********"
# A name that never resolves (RFC 2606): links to anywhere else are refused, and data URLs are no links.
_NO_DOMAIN = "only-data-urls.invalid"
_SMALLEST_PIXELS = 65536
# What vLLM takes as --max-lora-rank.
_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
# Of a card's memory: what CUDA itself and other programs need on top of what vLLM counts as its own.
_MOST_MEMORY, _SPARE_MEMORY = 0.92, 0.02


@dataclass(frozen=True)
class Adapter:
    """A LoRA adapter to serve under a name of its own."""

    name: str
    folder: Path
    rank: int


@dataclass(frozen=True)
class Command:
    """A program's arguments, and what is added to its environment."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]

    def shown(self) -> str:
        """For a shell or a reader, one flag a line, the key left out."""
        shown = {name: _HIDDEN if name == KEY else value for name, value in self.environment.items()}
        lines = [f"{name}={shlex.quote(value)}" for name, value in shown.items()]
        program, rest = self.arguments[:3], self.arguments[3:]
        lines.append(shlex.join(program))
        for word in rest:
            if word.startswith("--"):
                lines.append(f"  {word}")
            else:
                lines[-1] += f" {shlex.quote(word)}"
        return " \\\n".join(lines)


def interpreter(environment: str) -> str:
    """The Python that has vLLM: this one, else that of the environment below `.venv/`, built or not."""
    if importlib.util.find_spec("vllm"):
        return sys.executable
    return str(ROOT / ".venv" / environment / "bin" / "python")


def engine_command(
    profile: Profile,
    *,
    python: str,
    weights: str,
    key: str,
    port: int,
    gpu: Gpu | None,
    adapters: Sequence[Adapter] = (),
    extra: Sequence[str] = (),
) -> Command:
    """vLLM on the loopback. `weights` is a folder, or a hub's name for the model in a dry run."""
    flags: dict[str, JsonValue] = {
        "host": "127.0.0.1",
        "port": port,
        "model": weights,
        "served-model-name": profile.model,
        **_limits(profile),
        **_manners(),
        **_memory(profile, gpu),
        **profile.flags,
    }
    words = [word for name, value in flags.items() for word in _words(name, value)]
    arguments = (python, *SERVER, *words, *_lora(adapters), *extra)
    return Command(arguments, {**_environment(profile, gpu), KEY: key, **profile.environment})


def _limits(profile: Profile) -> dict[str, JsonValue]:
    side = math.isqrt(profile.images.pixels)
    pictures: dict[str, JsonValue] = {"count": profile.images.count, "width": side, "height": side}
    pixels: dict[str, JsonValue] = {"shortest_edge": _SMALLEST_PIXELS, "longest_edge": profile.images.pixels}
    return {
        "max-model-len": profile.context,
        "max-num-seqs": profile.sequences,
        "max-num-queued-reqs": profile.queue,
        "limit-mm-per-prompt": {"image": pictures, "video": 0},
        # These names mean areas, not edges: every picture is brought between the two.
        "mm-processor-kwargs": {"size": pixels},
    }


def _manners() -> dict[str, JsonValue]:
    return {
        "mm-processor-cache-gb": 1,
        "mm-encoder-tp-mode": "data",
        "async-scheduling": True,
        "enable-prompt-tokens-details": True,
        "allowed-media-domains": _NO_DOMAIN,
        # Loose white space lets an answer in JSON go on for ever.
        "structured-outputs-config": {"backend": "xgrammar", "disable_any_whitespace": True},
        "enable-auto-tool-choice": True,
        "tool-call-parser": "hermes",
        "shutdown-timeout": DRAIN_S,
        "sse-keep-alive-interval": 15,
        "disable-fastapi-docs": True,
        # The proxy counts and names every request.
        "disable-uvicorn-access-log": True,
    }


def _memory(profile: Profile, gpu: Gpu | None) -> dict[str, JsonValue]:
    """vLLM takes its share of the whole card and fails when another program has some of it already."""
    if profile.device == "cpu" or gpu is None:
        return {}
    share = min(_MOST_MEMORY, gpu.free_gb / gpu.total_gb - _SPARE_MEMORY)
    return {"gpu-memory-utilization": math.floor(share * 100) / 100}


def _words(name: str, value: JsonValue) -> Iterator[str]:
    if value is None:
        return
    if isinstance(value, bool):
        yield f"--{name}" if value else f"--no-{name}"
    else:
        yield f"--{name}"
        yield json.dumps(value, separators=(",", ":")) if isinstance(value, dict | list) else str(value)


def _lora(adapters: Sequence[Adapter]) -> list[str]:
    if not adapters:
        return []
    needed = max(adapter.rank for adapter in adapters)
    rank = min((rank for rank in _RANKS if rank >= needed), default=needed)
    sizes = ["--max-lora-rank", str(rank), "--max-loras", str(len(adapters))]
    modules = [f"{adapter.name}={adapter.folder}" for adapter in adapters]
    return ["--enable-lora", *sizes, "--lora-modules", *modules]


def _environment(profile: Profile, gpu: Gpu | None) -> dict[str, str]:
    common = {
        "HF_HUB_OFFLINE": "1",  # the weights are here, and nothing else is fetched behind our back
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_MEDIA_URL_ALLOW_REDIRECTS": "0",
        "VLLM_MAX_IMAGE_PIXELS": "20000000",
    }
    if profile.device == "cpu":
        paths = [str(Path(__file__).parent / "cpu"), os.environ.get("PYTHONPATH", "")]
        return common | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    # The numbers of nvidia-smi, which the card was chosen by; one thread, as pictures are read by several.
    card = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": str(gpu.index)} if gpu else {}
    return common | card | {"OMP_NUM_THREADS": "1"}
