"""Trains the dialogue model when what it is made from changed: `python -m tools.train [--force]`.

The model is `models/shopclerk.tar.gz`; beside it lies the hash of what it was trained from.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import sys
from pathlib import Path

from tools.environments import ROOT, Trouble, python_of
from tools.progress import step

MODEL = ROOT / "models" / "shopclerk.tar.gz"
SOURCES = ("config.yml", "domain", "data", "assistant", "requirements/rasa.txt")
# What Rasa needs to be told in every process: no calling home, no GPU, no complaints of its old libraries.
RASA_ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "CUDA_VISIBLE_DEVICES": "",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
}


def fingerprint() -> str:
    """A hash of everything that the model depends on."""
    digest = hashlib.sha256()
    for source in SOURCES:
        for path in _files(ROOT / source):
            digest.update(f"{path.relative_to(ROOT)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(source: Path) -> list[Path]:
    """A source's files, without what Python and editors leave beside them."""
    if source.is_file():
        return [source]
    found = (path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted(path for path in found if not path.name.startswith(".") and not path.name.endswith("~"))


def is_current() -> bool:
    stamp = _stamp()
    return MODEL.exists() and stamp.exists() and stamp.read_text(encoding="ascii") == fingerprint()


async def train() -> None:
    """Train, or Trouble with what Rasa said."""
    now = fingerprint()
    MODEL.parent.mkdir(exist_ok=True)
    _stamp().unlink(missing_ok=True)
    command = [str(python_of("rasa")), "-m", "rasa", "train", "--domain", "domain"]
    command += ["--out", str(MODEL.parent), "--fixed-model-name", MODEL.name.removesuffix(".tar.gz")]
    await step("training the dialogue model", command, {**os.environ, **RASA_ENVIRONMENT})
    _stamp().write_text(now, encoding="ascii")


def _stamp() -> Path:
    return MODEL.with_name("shopclerk.sha256")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true", help="train even when nothing changed")
    if is_current() and not parser.parse_args().force:
        print("the dialogue model is up to date")
    else:
        try:
            asyncio.run(train())
        except Trouble as trouble:
            sys.exit(str(trouble))
