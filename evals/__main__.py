"""Runs every evaluation, prints a table, and writes `results/latest.json`: `make eval`, `python -m evals`.

Rates are between 0 and 1, with the counts behind them. Exits with 1 when something could not be run; a low
figure is a figure, not a failure.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from demo import make_shop
from evals import retrieval, screenshots
from support.settings import Settings
from support.training.model_files import ModelFolder

_HERE = Path(__file__).parent
_DATA = _HERE / "data"
_RESULTS = _HERE / "results" / "latest.json"
_RASA_PYTHON = _HERE.parent / ".venv" / "rasa" / "bin" / "python"
# The shop's dates follow the day that it is made for; a fixed day draws the same screenshots every time.
_SHOP_OF_DAY = "2026-11-20"
_SHOWN = ("intent_accuracy", "oos_rejection", "screenshot_exact", "retrieval_at_3")


def _intents(scratch: Path) -> dict[str, Any]:
    """In Rasa's own environment, with the model that `make train` keeps current."""
    out = scratch / "intents.json"
    folder = ModelFolder(_HERE.parent / Settings().models)
    active = folder.active()
    if active is None:
        raise RuntimeError("no model is in use; `make train` makes one")
    model = str(folder.path(active.model))
    command = [str(_RASA_PYTHON), "-m", "evals.intents", "--model", model, "--out", str(out)]
    subprocess.run(command, check=True, cwd=_HERE.parent)
    result: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return result


def _screenshots(scratch: Path) -> dict[str, Any]:
    shop = scratch / "shop"
    make_shop.main(["--out", str(shop), "--today", _SHOP_OF_DAY])
    return screenshots.evaluate(shop)


def _retrieval(scratch: Path) -> dict[str, Any]:
    documents = _HERE.parent / "demo" / "knowledge"
    tables = _DATA / "retrieval.tsv", _DATA / "retrieval_none.tsv"
    return retrieval.evaluate(documents, *tables, scratch / "index")


def main() -> int:
    parts: dict[str, Callable[[Path], dict[str, Any]]] = {
        "intents": _intents,
        "retrieval": _retrieval,
        "screenshots": _screenshots,
    }
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, evaluate in parts.items():
            print(f"evaluating {name} ...", flush=True)
            try:
                results[name] = evaluate(Path(scratch))
            except Exception as error:  # whatever stops one part must not hide the others
                print(f"{name} could not be evaluated: {error}", file=sys.stderr)
                return 1
    _write(results)
    return 0


def _write(results: dict[str, Any]) -> None:
    figures = {key: value for part in results.values() for key, value in part.items() if key in _SHOWN}
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    when = datetime.now(UTC).isoformat(timespec="seconds")
    _RESULTS.parent.mkdir(exist_ok=True)
    text = json.dumps(
        {**figures, "when": when, "machine": machine, "parts": results}, ensure_ascii=False, indent=1
    )
    _RESULTS.write_text(text + "\n", encoding="utf-8")
    for key in _SHOWN:
        print(f"{key:18} {figures[key]:7.2%}")
    print(f"written to {_RESULTS.relative_to(_HERE.parent)}")


if __name__ == "__main__":
    sys.exit(main())
