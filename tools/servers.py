"""How PostgreSQL, Redis and RabbitMQ are started and stopped for the tests; `tools.services` decides when.

Each keeps to the loopback, to a port of its own and to a folder of its own. Standard library only.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tools.environments import ROOT, Trouble

URLS = {
    "postgres": "postgresql+asyncpg://shopclerk_test:shopclerk_test@127.0.0.1:55432/shopclerk_test",
    "redis": "redis://127.0.0.1:56379/0",
    "amqp": "amqp://guest:guest@127.0.0.1:55672/",
}
EPMD_PORT = "55369"  # where Erlang nodes find each other; our own, so that stopping it stops nobody else's
PATIENCE_S = 60


def url(service: str) -> str:
    """Where the tests find a service: `postgres`, `redis` or `amqp`."""
    return os.environ.get(f"SHOPCLERK_TEST_{service.upper()}_URL") or URLS[service]


def listens(service: str) -> bool:
    """Whether something accepts connections at the service's address."""
    parts = urlsplit(url(service))
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((parts.hostname or "127.0.0.1", parts.port or 0)) == 0


def home() -> Path:
    """The servers' data. As root it lies outside the checkout, which PostgreSQL's user may not enter."""
    if os.getuid() == 0:
        return Path("/var/lib/shopclerk-test") / hashlib.sha256(bytes(ROOT)).hexdigest()[:12]
    return ROOT / "var" / "services"


def find_program(name: str) -> str | None:
    """The path of a server program, also where it is installed off the PATH."""
    brews = (Path("/opt/homebrew"), Path("/usr/local"))
    places = [
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
        Path("/usr/lib/rabbitmq/bin"),  # before /usr/sbin, whose wrapper insists on a system user
        *(found for brew in brews for found in sorted(brew.glob("opt/postgresql@*/bin"), reverse=True)),
        *(brew / folder for brew in brews for folder in ("bin", "sbin")),
    ]
    return shutil.which(name, path=os.pathsep.join([*map(str, places), os.environ.get("PATH", "")]))


def run(
    command: Sequence[str],
    folder: Path,
    user: str | None = None,
    environment: Mapping[str, str] | None = None,
    check: bool = True,
) -> str:
    """Run a program in a folder; its output, or Trouble with its message."""
    program = find_program(command[0]) or command[0]
    done = subprocess.run(
        [program, *command[1:]], cwd=folder, user=user, env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if check and done.returncode:
        raise Trouble(f"{Path(program).name} failed: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout


# --- PostgreSQL --------------------------------------------------------------------------------------------


def _start_postgres(folder: Path, port: int) -> None:
    owner = _postgres_owner()
    data = folder / "data"
    if owner:
        shutil.chown(folder, owner)
    if not (data / "PG_VERSION").exists():
        shutil.rmtree(data, ignore_errors=True)
        _initialise(data, folder / "password", owner)
    # Tests create and drop many databases: durability would only cost time.
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
    options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    run(["pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-o", options, "-w", "start"], folder, owner)
    _create_test_role(folder, port)


def _initialise(data: Path, password: Path, owner: str | None) -> None:
    password.touch(mode=0o600)
    password.write_text(secrets.token_hex(16), encoding="ascii")
    if owner:
        shutil.chown(password, owner)
    command = ["initdb", "-D", str(data), "-U", "postgres", "-E", "UTF8", "--locale=C"]
    run([*command, "--auth=scram-sha-256", f"--pwfile={password}"], data.parent, owner)


def _create_test_role(folder: Path, port: int) -> None:
    """The tests' role may create databases and is no superuser: its password is in this file."""
    parts = urlsplit(url("postgres"))
    role, database = parts.username, parts.path.lstrip("/")
    psql = ["psql", "-X", "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-v", "ON_ERROR_STOP=1"]
    login = {"PGPASSWORD": (folder / "password").read_text(encoding="ascii")}
    known = run([*psql, "-Atc", "SELECT rolname FROM pg_roles"], folder, environment=login).split()
    if role not in known:
        with_role = ["-c", f"CREATE ROLE {role} LOGIN CREATEDB PASSWORD '{parts.password}'"]
        with_database = ["-c", f"CREATE DATABASE {database} OWNER {role}"]
        run([*psql, *with_role, *with_database], folder, environment=login)


def _stop_postgres(folder: Path) -> None:
    run(["pg_ctl", "-D", str(folder / "data"), "-m", "fast", "stop"], folder, _postgres_owner())


def _postgres_owner() -> str | None:
    """PostgreSQL refuses to run as root; its package brings a user for it."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


# --- Redis -------------------------------------------------------------------------------------------------


def _start_redis(folder: Path, port: int) -> None:
    options = {"port": str(port), "bind": "127.0.0.1", "dir": str(folder), "daemonize": "yes", "save": ""}
    options |= {"pidfile": str(folder / "pid"), "logfile": str(folder / "log"), "appendonly": "no"}
    run(["redis-server", *(word for key, value in options.items() for word in (f"--{key}", value))], folder)


def _stop_redis(folder: Path) -> None:
    _terminate("redis", folder / "pid")


# --- RabbitMQ ----------------------------------------------------------------------------------------------


def _start_rabbitmq(folder: Path, port: int) -> None:
    (folder / "enabled_plugins").write_text("[].\n", encoding="utf-8")
    configuration = f"listeners.tcp.1 = 127.0.0.1:{port}\nloopback_users.guest = true\n"
    (folder / "rabbitmq.conf").write_text(configuration, encoding="utf-8")
    environment = {
        "HOME": str(folder),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": EPMD_PORT,
        "RABBITMQ_NODENAME": "shopclerk-test@localhost",
        "RABBITMQ_DIST_PORT": str(port + 1),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }
    run(["rabbitmq-server", "-detached"], folder, environment=environment)


def _stop_rabbitmq(folder: Path) -> None:
    _terminate("amqp", folder / "pid")
    # epmd ends only when asked; this one is ours alone.
    run(["epmd", "-kill"], folder, environment={"ERL_EPMD_PORT": EPMD_PORT}, check=False)


def _terminate(service: str, pid_file: Path) -> None:
    os.kill(int(pid_file.read_text(encoding="ascii")), signal.SIGTERM)
    end = time.monotonic() + PATIENCE_S
    while listens(service) and time.monotonic() < end:
        time.sleep(0.1)


@dataclass(frozen=True)
class Service:
    """One server: its name in `url()`, its program and packages, and how it is started and stopped."""

    name: str
    title: str
    program: str
    debian: str
    homebrew: str
    start: Callable[[Path, int], None]
    stop: Callable[[Path], None]

    @property
    def folder(self) -> Path:
        return home() / self.name

    @property
    def port(self) -> int:
        return urlsplit(url(self.name)).port or 0


_POSTGRES = ("initdb", "postgresql", "postgresql@16")
_REDIS = ("redis-server", "redis-server", "redis")
_RABBITMQ = ("rabbitmq-server", "rabbitmq-server", "rabbitmq")
SERVICES = (
    Service("postgres", "PostgreSQL", *_POSTGRES, _start_postgres, _stop_postgres),
    Service("redis", "Redis", *_REDIS, _start_redis, _stop_redis),
    Service("amqp", "RabbitMQ", *_RABBITMQ, _start_rabbitmq, _stop_rabbitmq),
)
