"""What a probe found: a module that is run where Rasa lives, in its own environment and its own Python.

told_by("tests.unit.tracker_probe")    # what it printed last, one line of JSON
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from tools.environments import ROOT, python_of


def told_by(probe: str, *arguments: str) -> dict[str, Any]:
    """AssertionError with the end of its log where it failed."""
    done = subprocess.run(
        [str(python_of("rasa")), "-W", "ignore", "-m", probe, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "RASA_TELEMETRY_ENABLED": "false"},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
