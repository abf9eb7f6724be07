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
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from tools.environments import ROOT, Trouble
from tools.servers import PATIENCE_S, SERVICES, Service, find_program, home, listens, run, url


def start() -> None:
    """Every service listens afterwards, or Trouble says which does not and why."""
    absent = [service for service in SERVICES if not listens(service.name)]
    missing = [service for service in absent if not find_program(service.program)]
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
    if (mark := home() / "containers").exists():
        run([*_compose(), "down", "--volumes"], ROOT)
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
    file = str(ROOT / "tools" / "services.yml")
    return ["docker", "compose", "--project-name", "shopclerk-test", "-f", file]


def _start_containers(absent: Sequence[Service]) -> None:
    docker = shutil.which("docker")
    engine = docker and subprocess.run([docker, "info"], capture_output=True, check=False)
    if not engine or engine.returncode:
        titles = " and ".join(service.title for service in absent)
        raise Trouble(
            f"{titles} cannot be started: there is neither apt-get with root or sudo, nor Homebrew,"
            " nor a running Docker engine. Install them yourself, or name running servers:"
            "\n  SHOPCLERK_TEST_POSTGRES_URL SHOPCLERK_TEST_REDIS_URL SHOPCLERK_TEST_AMQP_URL"
        )
    home().mkdir(parents=True, exist_ok=True)
    (home() / "containers").touch()
    run([*_compose(), "up", "--detach", "--wait", *(service.name for service in absent)], ROOT)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("command", choices=["start", "stop", "status"])
    try:
        {"start": start, "stop": stop, "status": status}[parser.parse_args().command]()
    except Trouble as trouble:
        sys.exit(str(trouble))
