"""Stock Rasa 3.6.21 on this project's `data/`, `domain/` and actions: what this project is compared with.

Its pipeline and policies are those that `rasa init` writes, read from Rasa's own files; its tracker store is
Rasa's SQL store on SQLite, there is no event broker, and nothing of `assistant/` is loaded.

Training with `rasa init`'s 100 epochs takes hours on the whole data without a GPU. How long a network was
trained does not change how long it takes to answer, so it is trained for less (`Training.epochs`) and kept in
`var/bench/` for the next time. What it then takes a message for is counted and shown beside the speed.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.sides import AnotherRasa, Side, command_of, running
from support.settings import Settings
from support.training.project import RASA_PYTHON, rasa_environment
from tests.stack import free_ports, stack_settings
from tools.environments import ROOT
from tools.prepare import as_environment

_DEFAULTS = "rasa/engine/recipes/config_files/default_config.yml"
_KEPT = ROOT / "var" / "bench"
_TRAINED_WITHIN_S = 3 * 3600
_MODELS = 3  # a third of a gigabyte each


@dataclass(frozen=True)
class Training:
    """`every`: every so-manieth training example of each intent is learnt; all of them by default."""

    epochs: int = 4
    every: int = 1


def trained(training: Training) -> Path:
    """The stock model, made now if it is not there; tells where it can be watched."""
    config = yaml.safe_dump(_config(training), allow_unicode=True, sort_keys=False)
    folder = _KEPT / f"stock-{_fingerprint(config, training)}"
    model = folder / "model.tar.gz"
    if not model.exists():
        _make(folder, config, training)
    return model


def _config(training: Training) -> dict[str, Any]:
    """As `rasa init` writes it, but for the epochs."""
    library = next((ROOT / ".venv" / "rasa" / "lib").glob("python*/site-packages"))
    config: dict[str, Any] = yaml.safe_load((library / _DEFAULTS).read_text(encoding="utf-8"))
    for part in (*config["pipeline"], *config["policies"]):
        if "epochs" in part:
            part["epochs"] = training.epochs
    return config | {"assistant_id": "stock"}


def _make(folder: Path, config: str, training: Training) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "config.yml").write_text(config, encoding="utf-8")
    shutil.copytree(ROOT / "data", folder / "data")
    for path in (folder / "data" / "nlu").glob("*.yml") if training.every > 1 else ():
        _thin_out(path, training.every)
    command = ["nice", "-n", "10", str(RASA_PYTHON), "-m", "rasa", "train", "--config", "config.yml"]
    command += ["--domain", str(ROOT / "domain"), "--data", "data", "--out", "out"]
    log = folder / "training.log"
    print(f"training stock Rasa, once; see {log.relative_to(ROOT)} ...", flush=True)
    with log.open("wb") as output:
        subprocess.run(
            [*command, "--fixed-model-name", "model"],
            cwd=folder,
            env=rasa_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=True,
            timeout=_TRAINED_WITHIN_S,
        )
    (folder / "out" / "model.tar.gz").rename(folder / "model.tar.gz")
    for old in sorted(_KEPT.glob("stock-*"), key=lambda path: path.stat().st_mtime)[:-_MODELS]:
        shutil.rmtree(old)


def _thin_out(path: Path, every: int) -> None:
    """Leave every so-manieth example of each intent."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for part in data["nlu"]:
        lines = part["examples"].splitlines(keepends=True)
        part["examples"] = "".join(lines[::every])
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


def _fingerprint(config: str, training: Training) -> str:
    digest = hashlib.sha256(f"{config}\0{training}".encode())
    for path in sorted(path for part in ("data", "domain") for path in (ROOT / part).rglob("*.yml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def running_stock(folder: Path, shop_of: Settings, model: Path) -> Iterator[Side]:
    """Stock Rasa and an action server of its own, on a copy of that system's records."""
    _copy(shop_of, folder)
    settings = stack_settings(folder)
    environment, log = rasa_environment() | as_environment(settings), folder / "log"
    actions = ["sh", "-c", command_of("actions")]
    with (
        running(actions, environment, ROOT, log / "actions.log", settings.actions_port) as actions_id,
        _rasa(settings.rasa_port, settings.actions_port, folder, model) as rasa_id,
    ):
        started = {"rasa": rasa_id, "actions": actions_id}
        yield Side("stock", settings, started, _another_with(model), True)


def _another_with(model: Path) -> AnotherRasa:
    @contextmanager
    def another(actions_port: int, folder: Path) -> Iterator[str]:
        (port,) = free_ports(1)
        with _rasa(port, actions_port, folder, model):
            yield f"http://127.0.0.1:{port}"

    return another


@contextmanager
def _rasa(port: int, actions_port: int, folder: Path, model: Path) -> Iterator[int]:
    endpoints = {
        "action_endpoint": {"url": f"http://127.0.0.1:{actions_port}/webhook"},
        "tracker_store": {"type": "SQL", "dialect": "sqlite", "db": str(folder / "rasa.db")},
    }
    (folder / "endpoints.yml").write_text(yaml.safe_dump(endpoints), encoding="utf-8")
    (folder / "credentials.yml").write_text("rest:\n", encoding="utf-8")
    command = [str(RASA_PYTHON), "-m", "rasa", "run", "--enable-api", "-i", "127.0.0.1", "-p", str(port)]
    command += ["--endpoints", "endpoints.yml", "--credentials", "credentials.yml", "--model", str(model)]
    with running(command, rasa_environment(), folder, folder / "log" / "rasa.log", port) as pid:
        yield pid


def _copy(source: Settings, folder: Path) -> None:
    """What the other system has in its folder, but for its conversations and its log."""
    shutil.copytree(source.var, folder, ignore=shutil.ignore_patterns("shop.db*", "rasa.db*", "log"))
    with (
        sqlite3.connect(source.var / "shop.db") as records,
        sqlite3.connect(folder / "shop.db") as copied,
    ):
        records.backup(copied)
