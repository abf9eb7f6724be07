"""Starts the Rasa server: `python -m assistant.serve run ...`, with Rasa's own options.

Seven things differ from `rasa run`.

* The model is the one that `active.json` in the folder of models names (`support.training.model_files` writes
  it), unless `--model` says otherwise.
* The API token comes from the environment: Rasa wants it as an option, where every user of the machine could
  read it.
* The log holds nothing that customers wrote (`assistant.logs`).
* Some of Rasa's functions are replaced by faster ones that do the same (`assistant.replaced`).
* There are as many workers as SHOPCLERK_RASA_WORKERS says; when one of them ends, all do, and the supervisor
  starts them again.
* TensorFlow is not loaded (`assistant.lean`).
* The dozens of deprecation warnings of Rasa's old libraries, which nobody here can mend, are not shown; one
  of these libraries undoes any filter, hence the hook.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any

from assistant import lean, logs

logs.set_up()  # before Rasa is imported, which reads its settings at once
lean.install()

from rasa.__main__ import main  # noqa: E402

from assistant import log_copies, replaced  # noqa: E402

_LOOK_EVERY_S = 0.5


def active_model() -> Path:
    """The model in use; an error that says what to do when there is none."""
    folder = Path(os.environ.get("SHOPCLERK_MODELS", "models"))
    try:
        named = json.loads((folder / "active.json").read_text(encoding="utf-8"))["model"]
    except (OSError, ValueError, KeyError) as error:
        raise SystemExit(f"{folder} names no model in use; `make train` makes one") from error
    return folder / str(named)


def _silence_deprecations() -> None:
    show = warnings.showwarning

    def show_others(message: Any, category: type[Warning], *where: Any, **more: Any) -> None:
        if not issubclass(category, (DeprecationWarning, PendingDeprecationWarning, FutureWarning)):
            show(message, category, *where, **more)

    warnings.showwarning = show_others


def _set_workers(count: int) -> None:
    """Sanic starts them; and it would go on with those that are left when one dies."""
    os.environ["SANIC_WORKERS"] = str(count)
    if count > 1:
        threading.Thread(target=_end_together, daemon=True).start()


def _end_together() -> None:
    """In the process that started the workers: when one was killed or failed, end the others."""
    workers: set[Any] = set()
    while not any(worker.exitcode for worker in workers):
        time.sleep(_LOOK_EVERY_S)
        workers.update(multiprocessing.active_children())
    for worker in workers:
        worker.terminate()


if __name__ == "__main__":
    _silence_deprecations()
    if "--model" not in sys.argv:
        sys.argv += ["--model", str(active_model())]
    sys.argv += ["--auth-token", os.environ["SHOPCLERK_CHANNEL_SECRET"]]
    replaced.install()
    log_copies.install()
    _set_workers(int(os.environ.get("SHOPCLERK_RASA_WORKERS") or 1))
    main()
