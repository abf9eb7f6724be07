"""The one YAML file of a run: its keys, their defaults, and messages for what is wrong with it.

`example.yml` explains the keys to people. `read` raises Trouble, whose text says what to do. Paths are
relative to the directory where the command runs, which is the project's for `make finetune`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from llm_server import Trouble

Method = Literal["sft", "kto", "dpo"]

# Where a key is left out. Adapters take about ten times the learning rate of a whole model; the preference
# methods start from a model that can already answer and need far smaller steps.
LEARNING_RATES: dict[Method, float] = {"sft": 1e-4, "kto": 1e-5, "dpo": 1e-5}
EPOCHS: dict[Method, float] = {"sft": 3, "kto": 2, "dpo": 2}

Positive = Annotated[int, Field(ge=1)]
Rate = Annotated[float, Field(gt=0, lt=1)]


class Config(BaseModel):
    """One run. Whatever is here decides the result, together with the dataset; nothing else does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")]
    base: Annotated[str, Field(min_length=1)]
    method: Method
    weights: str = "huggingface"  # or "modelscope", or a folder with the base's weights
    dataset: Path = Path("var/dataset")
    adapters: Path = Path("var/adapters")
    rank: Literal[8, 16, 32, 64, 128] = 16  # the sizes that vLLM has kernels for
    alpha: Positive = 32
    learning_rate: Rate = 0.0
    epochs: Annotated[float, Field(gt=0)] = 0.0
    batch: Positive = 2
    accumulation: Positive = 8
    max_length: Annotated[int, Field(ge=64)] = 4096
    max_image_pixels: Annotated[int, Field(ge=65_536)] = 1_048_576  # what vLLM is told too
    checkpoint_every: Positive = 50
    beta: Annotated[float, Field(gt=0)] = 0.1
    seed: Annotated[int, Field(ge=0)] = 1

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, given: Any) -> Any:
        method = given.get("method") if isinstance(given, dict) else None
        if method not in LEARNING_RATES:
            return given
        return {"learning_rate": LEARNING_RATES[method], "epochs": EPOCHS[method]} | given

    @model_validator(mode="after")
    def _agrees_with_the_method(self) -> Self:
        if self.method == "kto" and self.batch < 2:
            raise ValueError("kto compares the answers of one batch: set batch to 2 or more")
        if self.method == "sft" and "beta" in self.model_fields_set:
            raise ValueError("beta belongs to kto and dpo: take it out, or choose one of these methods")
        return self

    @property
    def finished(self) -> Path:
        """The adapter's folder, which exists when the run is complete."""
        return self.adapters / self.name


def read(path: Path) -> Config:
    """The run that a YAML file describes; Trouble names every mistake in it."""
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Trouble(f"{path} does not exist. Copy llm_server/finetune/example.yml and edit it.") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Trouble(f"{path} is not readable as YAML: {error}") from error
    if not isinstance(given, dict):
        raise Trouble(f"{path} has to hold `key: value` lines; llm_server/finetune/example.yml shows them.")
    try:
        return Config.model_validate(given)
    except ValidationError as error:
        raise Trouble("\n".join([f"{path}:", *(f"  {line}" for line in _mistakes(error))])) from error


def _mistakes(error: ValidationError) -> Iterator[str]:
    for mistake in error.errors():
        key = ".".join(map(str, mistake["loc"]))
        match mistake["type"]:
            case "extra_forbidden":
                yield f"{key}: there is no such key{_nearest(key)}"
            case "missing":
                yield f"{key}: missing. {_MISSING[key]}"
            case "value_error":
                yield str(mistake["ctx"]["error"])
            case "string_pattern_mismatch" if key == "name":
                yield "name: small letters, digits, dots and dashes, at most 40: it becomes the model's name"
            case _:
                yield f"{key}: {mistake['msg']}, not {mistake['input']!r}"


_MISSING = {
    "name": "Choose what the adapter is to be called, such as winter-2026",
    "base": "Name the model that you serve, such as Qwen/Qwen3-VL-8B-Instruct",
    "method": "Choose sft (answers), kto (ratings) or dpo (corrections)",
}


def _nearest(key: str) -> str:
    near = difflib.get_close_matches(key, Config.model_fields, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f". There are: {', '.join(Config.model_fields)}"
