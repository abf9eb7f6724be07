"""What this machine has: GPUs as `nvidia-smi` reports them, memory, free disk. A GB here has 2^30 bytes.

    python3 -m llm_server.machine      # prints the environment that fits: llm-gpu or llm-cpu

Standard library only: it is asked before any environment exists.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from llm_server import Trouble

GIB = 2**30
_FIELDS = ("index", "uuid", "name", "memory.total", "memory.free", "compute_cap")
_PATIENCE_S = 30  # a driver that is not kept loaded takes seconds to answer


@dataclass(frozen=True)
class Gpu:
    """One NVIDIA card. `capability` is CUDA's compute capability: (8, 0) is an A100, (9, 0) an H100."""

    index: int
    uuid: str
    name: str
    total_gb: float
    free_gb: float
    capability: tuple[int, int]


@dataclass(frozen=True)
class Machine:
    """What decides which profile fits."""

    gpus: tuple[Gpu, ...]
    memory_gb: float  # main memory that is free to use

    @property
    def gpu(self) -> Gpu | None:
        """The card to use: the one with the most free memory, the first of equals."""
        return max(self.gpus, key=lambda gpu: (round(gpu.free_gb), -gpu.index), default=None)

    def __str__(self) -> str:
        cards = [f"{gpu.name} ({gpu.free_gb:.0f} of {gpu.total_gb:.0f} GB free)" for gpu in self.gpus]
        return ", ".join([*(cards or ["no NVIDIA GPU"]), f"{self.memory_gb:.0f} GB of main memory free"])


def this_machine(environment: Mapping[str, str] = os.environ) -> Machine:
    """Ask the driver and the system. Trouble when there is a driver that does not answer."""
    gpus = parse_gpus(_nvidia_smi(environment))
    return Machine(visible(gpus, environment.get("CUDA_VISIBLE_DEVICES")), free_memory_gb())


def _nvidia_smi(environment: Mapping[str, str]) -> str:
    program = shutil.which("nvidia-smi", path=environment.get("PATH"))
    if not program:
        return ""
    query = [program, f"--query-gpu={','.join(_FIELDS)}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Trouble(f"nvidia-smi does not answer ({error}). Is the driver loaded?") from error
    if done.returncode == 0:
        return done.stdout
    said = (done.stdout + done.stderr).strip()
    if "No devices" in said:
        return ""
    raise Trouble(f"nvidia-smi failed, so that the GPU cannot be used: {said}")


def parse_gpus(csv: str) -> tuple[Gpu, ...]:
    """The cards in nvidia-smi's answer. One whose memory it cannot tell (MIG, shared memory) is left out."""
    return tuple(filter(None, map(_gpu, csv.splitlines())))


def _gpu(line: str) -> Gpu | None:
    fields = [field.strip() for field in line.split(",")]
    try:
        # A name may hold commas; what surrounds it cannot.
        index, uuid, *name, total, free, capability = fields
        major, _, minor = capability.partition(".")
        total_gb, free_gb = float(total) / 1024, float(free) / 1024
        return Gpu(int(index), uuid, ", ".join(name), total_gb, free_gb, (int(major), int(minor)))
    except ValueError:
        return None


def visible(gpus: tuple[Gpu, ...], chosen: str | None) -> tuple[Gpu, ...]:
    """Those that CUDA_VISIBLE_DEVICES lets a program use: numbers, or beginnings of ids (`GPU-…`)."""
    if chosen is None:
        return gpus
    wanted = [word.strip() for word in chosen.split(",") if word.strip()]
    return tuple(
        gpu for gpu in gpus if any(word == str(gpu.index) or gpu.uuid.startswith(word) for word in wanted)
    )


def free_memory_gb(report: Path = Path("/proc/meminfo"), cgroup: Path = Path("/sys/fs/cgroup")) -> float:
    """Main memory that could be used now, within the container's limit; off Linux, all there is."""
    try:
        lines = dict(line.split(":", 1) for line in report.read_text(encoding="utf-8").splitlines())
        available = int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError):
        available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = int((cgroup / "memory.max").read_text())
    except (OSError, ValueError):  # no such file, or no limit: "max"
        limit = available
    return min(available, limit) / GIB


def free_disk(folder: Path) -> int:
    """The bytes that could be written there, whether or not the folder exists yet."""
    there = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    return shutil.disk_usage(there).free


def environment_for(machine: Machine) -> str:
    """The environment below `.venv/` that vLLM runs in here."""
    return "llm-gpu" if machine.gpus else "llm-cpu"


if __name__ == "__main__":
    print(environment_for(this_machine()))
