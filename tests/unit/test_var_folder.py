"""What the system writes is its owner's alone; a folder in use is known to be."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

from support.var_folder import held

# In a process of its own: the rights of new files are a process's.
_WRITES = """
import subprocess, sys
from pathlib import Path
from support.var_folder import keep_private
keep_private(Path(sys.argv[1]))
Path(sys.argv[1], "own").touch()
subprocess.run(["touch", sys.argv[1] + "/started"], check=True)
"""


def _rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _write(var: Path) -> None:
    subprocess.run([sys.executable, "-c", _WRITES, str(var)], check=True, umask=0o022)


def test_what_a_program_and_those_that_it_starts_write_is_for_their_user_only(tmp_path: Path) -> None:
    _write(tmp_path)
    assert [_rights(tmp_path / name) for name in ("own", "started")] == [0o600, 0o600]


def test_a_folder_from_before_is_closed_to_others_and_stays_its_owners(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    _write(tmp_path)
    assert _rights(tmp_path) == 0o700


def test_a_folder_that_many_users_share_is_left_to_them(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    _write(tmp_path)
    assert _rights(tmp_path) == 0o1777


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    script = "import sys, pathlib, support.var_folder as it; it.keep_private(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "none")], check=True)
    assert not (tmp_path / "none").exists()


def test_many_hold_a_folder_and_nobody_has_it_alone_meanwhile(tmp_path: Path) -> None:
    with held(tmp_path) as one, held(tmp_path) as other, held(tmp_path, alone=True) as alone:
        assert (one, other, alone) == (True, True, False)
    with held(tmp_path, alone=True) as alone, held(tmp_path) as one:
        assert (alone, one) == (True, False)
