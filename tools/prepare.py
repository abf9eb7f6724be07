"""What must be there before the processes start: settings, secrets, free ports, model, database, demo shop.

`prepare()` makes what is missing and returns the environment that every process gets: the whole settings
spelled out as `SHOPCLERK_...` variables, so that Rasa, which cannot import `support`, reads the same values.
"""

from __future__ import annotations

import asyncio
import secrets
import shlex
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import SecretStr

from support.bootstrap import embedder
from support.knowledge import Knowledge
from support.settings import Settings, read_settings
from support.store import DatabaseUnavailable, Store
from support.store.migrate import migrate
from support.training.project import rasa_environment
from support.var_folder import keep_private
from tools.environments import ROOT, Trouble
from tools.progress import step
from tools.train import is_current, project_of, train

SECRETS = ("channel_secret", "staff_token", "customer_token_secret")
PORTS = ("port", "rasa_port", "actions_port")


async def prepare(ports: Sequence[str] = PORTS) -> tuple[Settings, dict[str, str]]:
    """Settings and environment of a system that is ready to start; Trouble when it cannot start.

    `ports` are the settings whose ports must be free. From here on, what this process and those that it
    starts write is for their own user only.
    """
    keep_private(read_settings().var)
    settings = development_settings()
    check_ports(settings, ports)
    environment = {**rasa_environment(), **as_environment(settings)}
    try:
        async with asyncio.TaskGroup() as together:
            together.create_task(_train_if_needed(settings))
            together.create_task(_fill_if_empty(settings, environment))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return settings, environment


async def _train_if_needed(settings: Settings) -> None:
    project = project_of(settings)
    if not is_current(project):
        await train(project)


def development_settings() -> Settings:
    """The settings, with secrets generated once into `var/secrets.env` where nothing else names them.

    The key of a model server on this machine is taken from there too, where `make llm` puts it.
    """
    settings = read_settings()
    if settings.mode == "production":
        return settings
    missing = [name for name in SECRETS if not getattr(settings, name).get_secret_value()]
    kept = _kept_secrets(settings.var / "secrets.env", missing)
    if (
        _variable("llm_key") in kept
        and not settings.llm_key.get_secret_value()
        and _is_here(settings.llm_url)
    ):
        missing.append("llm_key")
    return settings.model_copy(update={name: SecretStr(kept[_variable(name)]) for name in missing})


def _is_here(addresses: str) -> bool:
    hosts = {urlsplit(address.strip()).hostname for address in addresses.split(",")}
    return hosts <= {"127.0.0.1", "localhost", "::1"}


def _kept_secrets(path: Path, names: list[str]) -> dict[str, str]:
    kept = {key: value for key, value in dotenv_values(path).items() if value}
    if new := [_variable(name) for name in names if _variable(name) not in kept]:
        kept |= {variable: secrets.token_hex(24) for variable in new}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text("".join(f"{key}={value}\n" for key, value in kept.items()), encoding="utf-8")
    return kept


def as_environment(settings: Settings) -> dict[str, str]:
    """Every setting as the variable that it is read from; paths absolute, secrets in the clear."""
    return {_variable(name): _spelled(value) for name, value in settings} | _tracker_store(settings)


def _tracker_store(settings: Settings) -> dict[str, str]:
    """Where Rasa keeps its conversations, in the terms of `endpoints.yml`: beside the shop's own records."""
    names = ("SHOPCLERK_TRACKER_DIALECT", "SHOPCLERK_TRACKER_DB", "SHOPCLERK_TRACKER_URL")
    scheme, rest = settings.database_url.split("://", 1)
    dialect = scheme.partition("+")[0]  # without the asynchronous driver, which Rasa does not know
    if dialect == "sqlite":
        values = (dialect, str(ROOT / settings.tracker_file), "")
    else:
        values = (dialect, urlsplit(settings.database_url).path.lstrip("/"), f"{dialect}://{rest}")
    return dict(zip(names, values, strict=True))


def _spelled(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str((ROOT / value) if isinstance(value, Path) else value)


def _variable(name: str) -> str:
    return f"SHOPCLERK_{name.upper()}"


def check_ports(settings: Settings, names: Sequence[str] = PORTS) -> None:
    """Trouble that names the setting of every port which something else has taken."""
    taken = []
    for name in names:
        port = getattr(settings, name)
        host = settings.host if name == "port" else "127.0.0.1"
        if not is_free(host, port):
            other = f"{_variable(name)}={port + 1} make run"
            taken.append(f"Port {port} is taken. Free it, or choose another: {other}")
    if taken:
        raise Trouble("\n".join([*taken, "(in .env such a line stays: see .env.example)"]))


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def demo_folder(settings: Settings) -> Path:
    """Where the demo shop's import folder is made."""
    return settings.var / "demo"


async def _fill_if_empty(settings: Settings, environment: dict[str, str]) -> None:
    """Bring database and documents up to date; a shop without products gets the demo shop's, whole."""
    demo = demo_folder(settings)
    finished = demo / "imported"
    left_half_done = demo.exists() and not finished.exists()
    if await _has_products(settings) and not left_half_done:
        await _refresh_documents(settings)
        return
    make = [sys.executable, "-m", "demo.make_shop", "--out", str(demo)]
    await step("making the demo shop", make, environment)
    load = [sys.executable, "-m", "support.importer", str(demo)]
    await step("importing the demo shop", load, environment)
    finished.touch()


async def _refresh_documents(settings: Settings) -> None:
    """Take in documents that were edited in place, or an index that an older version made."""
    documents = settings.shop / "knowledge"
    if documents.is_dir():
        vectors = embedder(settings)
        await Knowledge(settings.var / "knowledge", vectors).refresh(documents)
        if vectors:
            await vectors.close()


async def _has_products(settings: Settings) -> bool:
    store = Store(settings.database_url)
    try:
        await migrate(store)
    except DatabaseUnavailable as error:
        raise Trouble(str(error)) from None
    async with store.reading() as unit:
        products = await unit.products.all()
    await store.close()
    return bool(products)


if __name__ == "__main__":
    # For a shell: eval "$(python -m tools.prepare)" has what the processes have.
    keep_private(read_settings().var)
    for key, value in as_environment(development_settings()).items():
        print(f"export {key}={shlex.quote(value)}")
