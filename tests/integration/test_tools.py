"""What the Makefile calls: environments, locks, secrets, ports, and the keeping of processes."""

from __future__ import annotations

import os
import pty
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.store import Store
from support.training.project import Project
from tests.stack import free_ports, stack_settings
from tools import environments, lock, prepare
from tools.environments import ROOT, Trouble

# A supervisor over shell commands, run as a program of its own because it takes over the signals.
_SUPERVISOR = """
import sys
from pathlib import Path
from tools.supervisor import Supervisor, say
supervisor = Supervisor(Path(sys.argv[1]), lambda: say("all started"))
for number, command in enumerate(sys.argv[2:]):
    supervisor.add_process(f"p{number}", command)
supervisor.loop()
say(supervisor.failure or "stopped")
"""
_FOREVER = "echo pid $$; trap '' HUP; sleep 90 & echo pid $!; wait"


def _supervise(logs: Path, *commands: str, **options: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _SUPERVISOR, str(logs), *commands]
    return subprocess.Popen(command, cwd=ROOT, text=True, **options)  # type: ignore[call-overload, no-any-return]


def _pids(logs: Path, process: str, count: int) -> list[int]:
    """The ids that a process has told in its log."""
    log = logs / f"{process}.log"
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = re.findall(r"pid (\d+)", log.read_text(encoding="utf-8")) if log.exists() else []
        if len(found) >= count:
            return [int(pid) for pid in found]
        time.sleep(0.05)
    raise AssertionError(f"{process} did not start")


def _are_gone(pids: list[int]) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if not any(_runs(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def _runs(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


def test_when_one_process_ends_all_end_and_its_last_words_are_shown(tmp_path: Path) -> None:
    dying = "sleep 1; echo the reason why; exit 3"
    supervisor = _supervise(tmp_path, _FOREVER, dying, stdout=subprocess.PIPE)
    output, _ = supervisor.communicate(timeout=30)
    assert "p1 ended by itself" in output
    assert output.rstrip().endswith("the reason why")
    assert _are_gone(_pids(tmp_path, "p0", 2))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_every_process_and_its_helpers(tmp_path: Path, how: signal.Signals) -> None:
    supervisor = _supervise(tmp_path, _FOREVER, _FOREVER, stdout=subprocess.PIPE)
    pids = _pids(tmp_path, "p0", 2) + _pids(tmp_path, "p1", 2)
    supervisor.send_signal(how)
    output, _ = supervisor.communicate(timeout=30)
    assert output.rstrip().endswith("stopped")
    assert _are_gone(pids)


def test_what_ends_after_everything_has_run_is_started_again_with_its_group_gone(tmp_path: Path) -> None:
    script = _SUPERVISOR.replace("supervisor.loop()", "supervisor.settle()\nsupervisor.loop()")
    command = [sys.executable, "-c", script, str(tmp_path), _FOREVER, _FOREVER]
    supervisor = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    first = _pids(tmp_path, "p0", 2)
    os.kill(first[0], signal.SIGKILL)
    again = _pids(tmp_path, "p0", 4)
    assert _are_gone(first)
    supervisor.send_signal(signal.SIGTERM)
    supervisor.wait(timeout=30)
    assert _are_gone(again)


def test_nothing_stays_behind_when_the_terminal_is_closed(tmp_path: Path) -> None:
    """Not even where nobody sends SIGHUP: the next line that cannot be shown ends everything."""
    master, terminal = pty.openpty()
    talking = "echo pid $$; while sleep 0.2; do echo still here; done"
    supervisor = _supervise(tmp_path, talking, stdout=terminal, stderr=terminal, start_new_session=True)
    os.close(terminal)
    pids = _pids(tmp_path, "p0", 1)
    os.close(master)
    supervisor.wait(timeout=30)
    assert _are_gone(pids)


def test_a_taken_port_is_named_with_its_setting(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Trouble, match=rf"Port {port} is taken.*SHOPCLERK_RASA_PORT={port + 1}"):
            prepare.check_ports(stack_settings(tmp_path, rasa_port=port), ["rasa_port"])


def test_secrets_are_made_once_and_only_their_owner_may_read_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPCLERK_VAR", str(tmp_path))
    monkeypatch.setenv("SHOPCLERK_STAFF_TOKEN", "chosen by the shop")
    first = prepare.development_settings()
    again = prepare.development_settings()
    assert first == again
    assert len(first.channel_secret.get_secret_value()) == 48
    assert first.staff_token.get_secret_value() == "chosen by the shop"
    kept = tmp_path / "secrets.env"
    assert "STAFF_TOKEN" not in kept.read_text(encoding="utf-8")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_start_without_its_database_ends_with_a_line_that_holds_no_password(tmp_path: Path) -> None:
    [database] = free_ports(1)
    settings = {
        "SHOPCLERK_VAR": str(tmp_path),
        "SHOPCLERK_DATABASE_URL": f"postgres://clerk:hunter2@127.0.0.1:{database}/records",
    }
    command = [sys.executable, "-m", "tools.shell"]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"cannot connect to PostgreSQL at 127.0.0.1:{database}, database records" in done.stderr
    assert done.stderr.rstrip().endswith("start it, or check SHOPCLERK_DATABASE_URL")
    assert "Traceback" not in done.stderr and "hunter2" not in done.stdout + done.stderr


def test_the_processes_get_every_setting_in_the_words_that_they_read(tmp_path: Path) -> None:
    url = "postgresql+asyncpg://clerk:secret@db/records"
    chosen = stack_settings(tmp_path, database_url=url, rasa_port=5006, shop_name="小店")
    given = prepare.as_environment(chosen)
    assert given["SHOPCLERK_RASA_PORT"] == "5006"
    assert given["SHOPCLERK_SHOP_NAME"] == "小店"
    assert given["SHOPCLERK_TRACKER_URL"] == "postgresql://clerk:secret@db/records"
    assert given["SHOPCLERK_TRACKER_DIALECT"] == "postgresql"


def test_environments_that_are_current_cost_no_time() -> None:
    command = [sys.executable, "-m", "tools.environments", "rasa", "app", "dev"]
    begun = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert time.monotonic() - begun < 2


def test_the_locks_belong_to_their_sources() -> None:
    for name in lock.NAMES:
        source = (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8")
        locked = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        assert list(lock.problems(source, locked, name)) == []


def test_a_lock_with_an_address_or_without_a_hash_is_refused() -> None:
    locked = "--index-url https://example.org/simple\nhoncho==2.0.0\n    # via -r requirements/app.in\n"
    assert list(lock.problems("honcho\nhttpx[http2]>=1\n", locked, "app")) == [
        "httpx is not locked",
        "honcho has no hash",
        "holds an address or an option of the machine that wrote it",
    ]


def test_a_missing_python_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    with pytest.raises(Trouble, match=r"Python 3\.5 is needed"):
        environments.find_python("3.5")


def test_the_model_is_trained_again_only_when_its_sources_change(tmp_path: Path) -> None:
    project = Project(tmp_path, tmp_path / "models")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "nlu.yml").write_text("hello", encoding="utf-8")
    before = project.fingerprint()
    (tmp_path / "data" / ".nlu.yml.swp").write_text("an editor's file", encoding="utf-8")
    assert project.fingerprint() == before
    (tmp_path / "data" / "nlu.yml").write_text("hello there", encoding="utf-8")
    assert project.fingerprint() != before


async def test_every_database_starts_empty_and_migrated(store: Store) -> None:
    async with store.reading() as unit:
        assert await unit.products.all() == []
