"""What can be served, and what of it fits a machine: the data files of `profiles/`, one for each model.

    known = profiles.load()                     # {name: Profile}; Trouble names a bad file and its field
    profile = profiles.choose(known, machine)   # the largest that fits; Trouble with the table if none does

`profiles/README.md` explains the fields. A newer model is a new file: nothing here knows a model by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError

from llm_server import Trouble
from llm_server.machine import Machine

FOLDER = Path(__file__).parent / "profiles"


def _version(text: object) -> object:
    return tuple(map(int, text.split("."))) if isinstance(text, str) else text


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Images(_Data):
    """Limits for one request. A larger picture is made smaller by vLLM before the model sees it."""

    count: int = Field(ge=1)
    pixels: int = Field(ge=65536)


class Load(_Data):
    """Customers who can be in conversation at once, on hardware like this."""

    customers: int = Field(ge=1)
    hardware: str
    measured: bool


class Profile(_Data):
    """One model, and how it is served on one card or on the CPU. A GB of memory has 2^30 bytes, one of a
    download 10^9.
    """

    name: str  # the file's
    title: str
    model: str = Field(pattern="^[^/ ]+/[^/ ]+$")  # on Hugging Face; what requests call it
    modelscope: str = ""  # where the name differs there
    architecture: str  # as its config.json calls it
    device: Literal["gpu", "cpu"]
    precision: Literal["bf16", "fp8"]
    parameters: float = Field(gt=0)  # billions; what "the largest" goes by
    download_gb: float = Field(gt=0)
    memory_gb: float = Field(gt=0)
    capability: Annotated[tuple[int, int], BeforeValidator(_version)] = (0, 0)
    adapters: bool = True
    context: int = Field(ge=2048)
    images: Images
    sequences: int = Field(ge=1)
    queue: int = Field(ge=1)
    load: Load
    flags: dict[str, JsonValue] = {}
    environment: dict[str, str] = {}
    notes: tuple[str, ...] = ()

    def misfit(self, machine: Machine) -> str:
        """Why this machine cannot serve it, with the sizes; empty when it can."""
        gpu = machine.gpu
        if self.device == "cpu":
            return _too_little("main memory", self.memory_gb, machine.memory_gb)
        if gpu is None:
            return f"needs an NVIDIA GPU with {self.memory_gb:g} GB"
        if gpu.capability < self.capability:
            needed, there = (".".join(map(str, pair)) for pair in (self.capability, gpu.capability))
            return f"needs compute capability {needed}, this GPU has {there}"
        return _too_little("GPU memory", self.memory_gb, gpu.free_gb)


def _too_little(what: str, needed: float, there: float) -> str:
    return "" if there >= needed else f"needs {needed:g} GB of {what}, {there:.1f} GB are free"


def load(folder: Path = FOLDER) -> dict[str, Profile]:
    """Every profile of a folder by name, the largest last."""
    found = sorted(map(read, folder.glob("*.yml")), key=_rank)
    return {profile.name: profile for profile in found}


def read(path: Path) -> Profile:
    """One file. Trouble with the file and the field that is wrong."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Profile.model_validate({**data, "name": path.stem})
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError) as error:
        raise Trouble(f"{path} cannot be read as a profile: {error}") from error
    except ValidationError as error:
        wrong = [f"  {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise Trouble("\n".join([f"{path} is not a profile:", *wrong])) from error


def _rank(profile: Profile) -> tuple[bool, float, tuple[int, int]]:
    # Of two with the same parameters, the one that asks for the newer card is made for it, and faster there.
    return profile.device == "gpu", profile.parameters, profile.capability


def named(known: Mapping[str, Profile], name: str, machine: Machine) -> Profile:
    """The profile of this name, or of the file at this path."""
    if name in known:
        return known[name]
    if (path := Path(name)).suffix == ".yml":
        return read(path)
    raise Trouble(f"There is no profile {name!r}. These are there:\n\n{table(known.values(), machine)}")


def choose(known: Mapping[str, Profile], machine: Machine, adapters: bool = False) -> Profile:
    """The largest that fits; with `adapters`, of those that can serve them."""
    device = "gpu" if machine.gpus else "cpu"
    of_device = [profile for profile in known.values() if profile.device == device]
    fitting = [one for one in of_device if not one.misfit(machine) and (one.adapters or not adapters)]
    if fitting:
        return max(fitting, key=_rank)
    raise Trouble(
        f"No profile fits this machine: {machine}.\n\n{table(known.values(), machine)}\n\n"
        "Free some memory, take a larger machine, or name one: make llm PROFILE=name"
    )


def table(known: Iterable[Profile], machine: Machine) -> str:
    """The profiles for people: sizes, load, and which fit."""
    heads = ("profile", "download", "memory", "context", "customers", "here")
    rows = [heads, *(_row(profile, machine) for profile in known)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, "", "customers: in conversation at once; ~ is an estimate, not a measurement"])


def _row(profile: Profile, machine: Machine) -> tuple[str, ...]:
    return (
        profile.name,
        f"{profile.download_gb:g} GB",
        f"{profile.memory_gb:g} GB {profile.device.upper()}",
        f"{profile.context}",
        f"{'' if profile.load.measured else '~'}{profile.load.customers}",
        profile.misfit(machine) or "fits",
    )
