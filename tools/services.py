"""PostgreSQL, Redis and RabbitMQ for the tests, on loopback, on ports of their own.

    python3 -m tools.services start     # installs what is missing, starts what does not listen yet
    python3 -m tools.services stop      # stops what `start` started
    python3 -m tools.services status

Standard library only. The programs come from Debian packages (apt-get, as root or through sudo), from
Homebrew, or, where neither is possible and an engine runs, as containers (`tools/services.yml`). Their ports
are not the usual ones, so that a database of yours is never touched and never in the way. Where servers
already run, name them by these variables, and those that answer there are left alone:

    SHOPCLERK_TEST_POSTGRES_URL  SHOPCLERK_TEST_REDIS_URL  SHOPCLERK_TEST_AMQP_URL
"""

from __future__ import annotations

import argparse
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
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


# --- where data and programs are ---------------------------------------------------------------------------


def _home() -> Path:
    """The services' data. As root it lies outside the checkout, which PostgreSQL's user may not enter."""
    if os.getuid() == 0:
        return Path("/var/lib/shopclerk-test") / hashlib.sha256(bytes(ROOT)).hexdigest()[:12]
    return ROOT / "var" / "services"


def _program(name: str) -> str | None:
    """The path of a server program, also where it is installed off the PATH."""
    places = [
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
        Path("/usr/lib/rabbitmq/bin"),  # before /usr/sbin, whose wrapper insists on a system user
        *sorted(Path("/opt/homebrew/opt").glob("postgresql@*/bin"), reverse=True),
        *sorted(Path("/usr/local/opt").glob("postgresql@*/bin"), reverse=True),
        *(Path(prefix) / folder for prefix in ("/opt/homebrew", "/usr/local") for folder in ("bin", "sbin")),
    ]
    path = os.pathsep.join([*map(str, places), os.environ.get("PATH", "")])
    return shutil.which(name, path=path)


# --- the three -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Service:
    """How to install, start and stop one server."""

    name: str
    title: str
    program: str
    debian: str
    homebrew: str
    start: Callable[[Path, int], None]
    stop: Callable[[Path], None]

    @property
    def folder(self) -> Path:
        return _home() / self.name

    @property
    def port(self) -> int:
        return urlsplit(url(self.name)).port or 0


def _start_postgres(folder: Path, port: int) -> None:
    owner = _postgres_owner()
    data, password = folder / "data", folder / "password"
    if owner:
        shutil.chown(folder, owner)
    if not (data / "PG_VERSION").exists():
        shutil.rmtree(data, ignore_errors=True)
        password.touch(mode=0o600)
        password.write_text(secrets.token_hex(16), encoding="ascii")
        if owner:
            shutil.chown(password, owner)
        initdb = ["initdb", "-D", str(data), "-U", "postgres", "-E", "UTF8", "--locale=C"]
        _run([*initdb, "--auth=scram-sha-256", f"--pwfile={password}"], folder, owner)
    # Tests create and drop many databases: durability would only cost time.
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
    options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    _run(["pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-o", options, "-w", "start"], folder, owner)
    _create_test_role(folder, port)


def _create_test_role(folder: Path, port: int) -> None:
    """The role of the tests may create databases and is no superuser: its password is in this file."""
    parts = urlsplit(url("postgres"))
    role, database = parts.username, parts.path.lstrip("/")
    psql = ["psql", "-X", "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-v", "ON_ERROR_STOP=1"]
    login = {"PGPASSWORD": (folder / "password").read_text(encoding="ascii")}
    known = _run([*psql, "-Atc", "SELECT rolname FROM pg_roles"], folder, environment=login).split()
    if role not in known:
        create = f"CREATE ROLE {role} LOGIN CREATEDB PASSWORD '{parts.password}'"
        _run([*psql, "-c", create, "-c", f"CREATE DATABASE {database} OWNER {role}"], folder, environment=login)


def _stop_postgres(folder: Path) -> None:
    _run(["pg_ctl", "-D", str(folder / "data"), "-m", "fast", "stop"], folder, _postgres_owner())


def _postgres_owner() -> str | None:
    """PostgreSQL refuses to run as root; its package brings a user for it."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return None


def _start_redis(folder: Path, port: int) -> None:
    options = {"port": str(port), "bind": "127.0.0.1", "dir": str(folder), "daemonize": "yes", "save": ""}
    options |= {"pidfile": str(folder / "pid"), "logfile": str(folder / "log"), "appendonly": "no"}
    _run(["redis-server", *(word for key, value in options.items() for word in (f"--{key}", value))], folder)


def _stop_redis(folder: Path) -> None:
    _terminate("redis", folder / "pid")


def _start_rabbitmq(folder: Path, port: int) -> None:
    (folder / "enabled_plugins").write_text("[].\n", encoding="utf-8")
    (folder / "rabbitmq.conf").write_text(
        f"listeners.tcp.1 = 127.0.0.1:{port}\nloopback_users.guest = true\n", encoding="utf-8"
    )
    _run(["rabbitmq-server", "-detached"], folder, environment=_rabbitmq_environment(folder, port))


def _stop_rabbitmq(folder: Path) -> None:
    _terminate("amqp", folder / "pid")
    # epmd ends only when asked; it refuses while another node is registered, and this one is ours alone.
    _run(["epmd", "-kill"], folder, environment={"ERL_EPMD_PORT": EPMD_PORT}, check=False)


def _rabbitmq_environment(folder: Path, port: int) -> dict[str, str]:
    return {
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


SERVICES = (
    Service("postgres", "PostgreSQL", "initdb", "postgresql", "postgresql@16", _start_postgres, _stop_postgres),
    Service("redis", "Redis", "redis-server", "redis-server", "redis", _start_redis, _stop_redis),
    Service("amqp", "RabbitMQ", "rabbitmq-server", "rabbitmq-server", "rabbitmq", _start_rabbitmq, _stop_rabbitmq),
)


# --- starting and stopping ---------------------------------------------------------------------------------


def start() -> None:
    """Every service listens afterwards, or Trouble says which does not and why."""
    absent = [service for service in SERVICES if not listens(service.name)]
    missing = [service for service in absent if not _program(service.program)]
    if missing and not _install(missing):
        _start_containers(absent)
    else:
        for service in absent:
            print(f"starting {service.title} ...", flush=True)
            service.folder.mkdir(parents=True, exist_ok=True)
            service.start(service.folder, service.port)
            (service.folder / "started").touch()
    for service in SERVICES:
        _wait(service)
    status()


def stop() -> None:
    """Stop what `start` started, and nothing else."""
    for service in SERVICES:
        mark = service.folder / "started"
        if mark.exists():
            if listens(service.name):
                print(f"stopping {service.title} ...", flush=True)
                service.stop(service.folder)
            mark.unlink()
    if (mark := _home() / "containers").exists():
        _run([*_compose(), "down", "--volumes"], ROOT)
        mark.unlink()


def status() -> None:
    """One line a service: where it is, and whether it listens."""
    for service in SERVICES:
        parts = urlsplit(url(service.name))
        state = "listens on" if listens(service.name) else "DOES NOT LISTEN on"
        print(f"{service.title:<10} {state} {parts.hostname}:{parts.port}")


def _wait(service: Service) -> None:
    end = time.monotonic() + PATIENCE_S
    while not listens(service.name):
        if time.monotonic() > end:
            raise Trouble(f"{service.title} did not start within {PATIENCE_S} s; see {service.folder}")
        time.sleep(0.2)


def _terminate(service: str, pid_file: Path) -> None:
    os.kill(int(pid_file.read_text(encoding="ascii")), signal.SIGTERM)
    end = time.monotonic() + PATIENCE_S
    while listens(service) and time.monotonic() < end:
        time.sleep(0.1)


# --- installing --------------------------------------------------------------------------------------------

# The usual Debian way to install a server without starting it, see invoke-rc.d(8).
_APT = """
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    printf '#!/bin/sh\\nexit 101\\n' > $policy; chmod 755 $policy
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$@"
"""


def _install(missing: Sequence[Service]) -> bool:
    """False where no package manager can be used."""
    titles = ", ".join(service.title for service in missing)
    if shutil.which("apt-get") and (as_root := _as_root()) is not None:
        command = [*as_root, "sh", "-c", _APT, "apt", *(service.debian for service in missing)]
    elif shutil.which("brew"):
        command = ["brew", "install", "--quiet", *(service.homebrew for service in missing)]
    else:
        return False
    print(f"installing {titles} ...", flush=True)
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
        raise Trouble(f"{titles} could not be installed; the package manager's message is above")
    return True


def _as_root() -> list[str] | None:
    if os.getuid() == 0:
        return []
    if not (sudo := shutil.which("sudo")):
        return None
    silent = subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0
    return [sudo] if silent or sys.stdin.isatty() else None


def _compose() -> list[str]:
    return ["docker", "compose", "--project-name", "shopclerk-test", "-f", str(ROOT / "tools" / "services.yml")]


def _start_containers(absent: Sequence[Service]) -> None:
    engine = shutil.which("docker") and subprocess.run(["docker", "info"], capture_output=True, check=False)
    if not engine or engine.returncode:
        titles = " and ".join(service.title for service in absent)
        raise Trouble(
            f"{titles} cannot be started: there is neither apt-get with root or sudo, nor Homebrew,"
            " nor a running Docker engine. Install them yourself, or name running servers:"
            "\n  SHOPCLERK_TEST_POSTGRES_URL SHOPCLERK_TEST_REDIS_URL SHOPCLERK_TEST_AMQP_URL"
        )
    _home().mkdir(parents=True, exist_ok=True)
    (_home() / "containers").touch()
    _run([*_compose(), "up", "--detach", "--wait", *(service.name for service in absent)], ROOT)


def _run(
    command: Sequence[str],
    folder: Path,
    user: str | None = None,
    environment: Mapping[str, str] | None = None,
    check: bool = True,
) -> str:
    """Run a program in a folder; its output, or Trouble with its message."""
    program = _program(command[0]) or command[0]
    done = subprocess.run(
        [program, *command[1:]], cwd=folder, user=user, env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if check and done.returncode:
        raise Trouble(f"{Path(program).name} failed: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("command", choices=["start", "stop", "status"])
    try:
        {"start": start, "stop": stop, "status": status}[parser.parse_args().command]()
    except Trouble as trouble:
        sys.exit(str(trouble))
