"""Libraries that wait until something of theirs is needed (`support.lazy`)."""

from __future__ import annotations

import subprocess
import sys

import pytest

from support import lazy
from tools.environments import ROOT


def test_a_library_that_is_not_there_is_missed_at_once() -> None:
    with pytest.raises(ModuleNotFoundError):
        lazy.module("a_library_that_nobody_has_written")


def test_a_gateway_starts_without_the_libraries_that_it_may_never_need() -> None:
    program = (
        "import sys, gateway.app\n"
        "later = [sys.modules[one] for one in ('lancedb', 'openai', 'pyarrow') if one in sys.modules]\n"
        "print([type(one).__name__ for one in later], {'spacy', 'presidio_analyzer'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "['_LazyModule', '_LazyModule', '_LazyModule'] set()", done.stderr
