"""What a probe found: a module that is run where Rasa lives, in its own environment and its own Python.

told_by("tests.unit.tracker_probe")    # what it printed last, one line of JSON
lines_of("tests.unit.assistant_probe", given=questions)
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from tools.environments import ROOT, python_of


def lines_of(probe: str, *arguments: str, given: str = "") -> list[str]:
    """What it printed; `given` is its standard input. AssertionError with the end of its log if it failed."""
    done = subprocess.run(
        [str(python_of("rasa")), "-W", "ignore", "-m", probe, *arguments],
        input=given,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "RASA_TELEMETRY_ENABLED": "false"},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


def told_by(probe: str, *arguments: str) -> dict[str, Any]:
    """The JSON in its last line."""
    found: dict[str, Any] = json.loads(lines_of(probe, *arguments)[-1])
    return found
