"""The dialogue project that is trained: where its files are, what they hash to, and Rasa's commands on it.

Rasa lives in an environment of its own; it is called, never imported. Commands run in the checkout, because
Rasa imports `assistant/` from there, at a low priority, because customers are served on the same machine.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
RASA_PYTHON = CHECKOUT / ".venv" / "rasa" / "bin" / "python"

# What a model is made from: the dialogue's own files, and the code and libraries that learn from them.
_DIALOGUE = ("config.yml", "domain", "data")
_CODE = ("assistant", "requirements/rasa.txt")

# What Rasa needs to be told in every process: no calling home, no GPU, no complaints of its old libraries.
RASA_ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "CUDA_VISIBLE_DEVICES": "",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
}


@dataclass(frozen=True)
class Project:
    """`root` holds config.yml, domain/ and data/; `models` is where models are kept. May be relative."""

    root: Path
    models: Path

    @property
    def folder(self) -> Path:
        return CHECKOUT / self.root

    @property
    def nlu(self) -> Path:
        return self.folder / "data" / "nlu"

    @property
    def models_folder(self) -> Path:
        return CHECKOUT / self.models

    def fingerprint(self) -> str:
        """A hash of everything that a model depends on."""
        digest = hashlib.sha256()
        for base, sources in ((self.folder, _DIALOGUE), (CHECKOUT, _CODE)):
            for path in (path for source in sources for path in _files(base / source)):
                digest.update(f"{path.relative_to(base).as_posix()}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    def train_command(self, into: Path, name: str, *, in_a_hurry: bool = False) -> list[str]:
        """Makes `into`/`name`.tar.gz; in a hurry where somebody waits for it and no customer is served."""
        command = _rasa("train", *self._paths(), "--out", str(into), "--fixed-model-name", name)
        return command[len(_NICE) :] if in_a_hurry else command

    def validate_command(self) -> list[str]:
        return _rasa("data", "validate", "--fail-on-warnings", *self._paths())

    def _paths(self) -> list[str]:
        parts = (("--config", "config.yml"), ("--domain", "domain"), ("--data", "data"))
        return [word for option, name in parts for word in (option, str(self.folder / name))]


def evaluate_command(*models: Path) -> list[str]:
    """Reads messages on standard input and writes what each model makes of them; see the program."""
    return [*_NICE, str(RASA_PYTHON), "-m", "assistant.evaluate_model", *map(str, models)]


def rasa_environment() -> dict[str, str]:
    return {**os.environ, **RASA_ENVIRONMENT}


_NICE = ("nice", "-n", "10")


def _rasa(*arguments: str) -> list[str]:
    return [*_NICE, str(RASA_PYTHON), "-m", "rasa", *arguments]


def _files(source: Path) -> Iterator[Path]:
    """A source's files, without what Python and editors leave beside them."""
    if source.is_file():
        yield source
        return
    for path in sorted(source.rglob("*")):
        left_over = path.name.startswith(".") or path.name.endswith("~") or "__pycache__" in path.parts
        if path.is_file() and not left_over:
            yield path
