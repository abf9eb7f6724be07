"""Which adapters are served, in `var/adapters/registry.json`: on trial, promoted, and the way back.

    candidate --try--> on trial --promote--> current --promote another--> the one before --> kept on disk
                                     rollback: the one before is current again

An adapter is a folder (`check` says what is in it). It must be served before it can be evaluated, hence the
trial: a name that the server knows and no customer gets. `served` gives what the launcher starts vLLM with:
those on trial, the current one, and the one before, so that going back is a change of shares, not a restart.

Contract: an entry holds for the files that it was made for. Files that change afterwards are not served, and
the listing says so. Writers take turns by a lock on a file; readers always find a whole registry. Every
change is kept in `history` with who and why. Standard library only.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from llm_server import Trouble
from llm_server.adapters.check import CONFIG, TRAINING, WEIGHTS, problems

log = logging.getLogger(__name__)

FILE, EVALUATION = "registry.json", "evaluation.json"
# Verdicts of an evaluation that let an adapter be promoted.
GOOD_ENOUGH = ("better", "not worse")
_SERVED_PROMOTIONS = 2
# A name goes into commands, addresses and SHOPCLERK_MODEL_SHARES.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Entry:
    """An adapter with these files, and since when it stands where it stands."""

    name: str
    sha256: str
    at: str


@dataclass(frozen=True)
class State:
    """The registry's content; `promoted` has the current one last."""

    trials: tuple[Entry, ...] = ()
    promoted: tuple[Entry, ...] = ()
    history: tuple[dict[str, str], ...] = ()

    @property
    def current(self) -> Entry | None:
        return self.promoted[-1] if self.promoted else None


@dataclass(frozen=True)
class Listed:
    """One line of the listing. `state` is current, before, promoted, trial, candidate, changed or invalid."""

    name: str
    state: str
    since: str
    why: str
    training: dict[str, Any] = field(default_factory=dict)


def served(folder: Path) -> list[tuple[str, Path]]:
    """What to start vLLM with: name and folder; empty where there is no registry."""
    state = read(folder)
    entries = [*state.trials, *state.promoted[-_SERVED_PROMOTIONS:]]
    return [(entry.name, folder / entry.name) for entry in entries if _is_unchanged(folder, entry)]


def current(folder: Path) -> str | None:
    """The adapter that is promoted; None for the model as it came."""
    entry = read(folder).current
    return entry.name if entry else None


def read(folder: Path) -> State:
    """Trouble when the file is there and cannot be read: guessing would change what customers get."""
    file = folder / FILE
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        trials, promoted = (tuple(Entry(**one) for one in content[key]) for key in ("trials", "promoted"))
        return State(trials, promoted, tuple(content["history"]))
    except FileNotFoundError:
        return State()
    except (ValueError, KeyError, TypeError) as error:
        raise Trouble(f"{file} cannot be read ({error}); restore it from a backup, or start anew") from error


def fingerprint(adapter: Path) -> str:
    """Of what decides the answers: the weights and their scale."""
    digest = hashlib.sha256()
    for name in (CONFIG, WEIGHTS):
        with (adapter / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def listing(folder: Path, base: str) -> list[Listed]:
    """Every folder that may be an adapter, in the order of their names."""
    state = read(folder)
    names = {path.name for path in folder.glob("*/") if path.is_dir() and not path.name.startswith(".")}
    names |= {entry.name for entry in (*state.trials, *state.promoted)}
    return [_listed(folder, name, base, state) for name in sorted(names)]


def start_trial(folder: Path, name: str, base: str, who: str) -> None:
    """Let the server know an adapter that no customer gets yet. Trouble when it cannot be served."""
    entry = _checked(folder, name, base)
    with _changing(folder) as change:
        if any(one.name == name and one.sha256 == entry.sha256 for one in change.state.promoted):
            raise Trouble(f"{name} is promoted already")
        trials = (*_without(change.state.trials, name), entry)
        change.make(replace(change.state, trials=trials), "try", entry, who, "")


def end_trial(folder: Path, name: str, who: str) -> None:
    """Take an adapter off the server again."""
    with _changing(folder) as change:
        entry = next((one for one in change.state.trials if one.name == name), None)
        if not entry:
            raise Trouble(f"{name} is not on trial")
        trials = _without(change.state.trials, name)
        change.make(replace(change.state, trials=trials), "drop", entry, who, "")


def promote(folder: Path, name: str, base: str, who: str, *, anyway: str = "") -> str | None:
    """Make an adapter the current one; gives the one that was. Trouble when its files are not in order, or
    when no evaluation of these very files against the current one says that it is not worse. `anyway` is a
    reason to do without the evaluation, and is kept.
    """
    entry = _checked(folder, name, base)
    with _changing(folder) as change:
        before = change.state.current
        if before and (before.name, before.sha256) == (entry.name, entry.sha256):
            raise Trouble(f"{name} is the current one already")
        why = f"anyway: {anyway}" if anyway else _evaluated(folder / name, entry, before)
        trials, promoted = _without(change.state.trials, name), _without(change.state.promoted, name)
        state = replace(change.state, trials=trials, promoted=(*promoted, entry))
        change.make(state, "promote", entry, who, why)
        return before.name if before else None


def rollback(folder: Path, who: str, why: str = "") -> tuple[str, str | None]:
    """Make the one before the current one again; gives who was and who is, None for the model as it came."""
    with _changing(folder) as change:
        *before, entry = change.state.promoted or (None,)
        if not entry:
            raise Trouble("nothing is promoted: the model is as it came")
        state = replace(change.state, promoted=tuple(one for one in before if one))
        change.make(state, "rollback", entry, who, why)
        return entry.name, state.current.name if state.current else None


# --- what the above stand on -------------------------------------------------------------------------------


def _is_unchanged(folder: Path, entry: Entry) -> bool:
    try:
        unchanged = fingerprint(folder / entry.name) == entry.sha256
    except OSError:
        unchanged = False
    if not unchanged:
        log.warning("the adapter %s is not served: its files are not those of %s", entry.name, entry.at)
    return unchanged


def _checked(folder: Path, name: str, base: str) -> Entry:
    if not _NAME.fullmatch(name) or name == base:
        raise Trouble(f"{name!r} cannot be the name of an adapter: letters, digits, and ._- between them")
    if not (folder / name).is_dir():
        raise Trouble(f"there is no adapter {name} in {folder}")
    if found := problems(folder / name, base):
        raise Trouble("\n".join([f"{name} cannot be served:", *(f"  - {problem}" for problem in found)]))
    return Entry(name, fingerprint(folder / name), _now())


def _evaluated(adapter: Path, entry: Entry, before: Entry | None) -> str:
    """What the evaluation said, as the reason to promote."""
    how = f"make adapters ARGS='evaluate {entry.name}'"
    try:
        evaluation = json.loads((adapter / EVALUATION).read_text(encoding="utf-8"))
        candidate, against = evaluation["candidate"], evaluation["against"]
        verdict, summary = str(evaluation["verdict"]), str(evaluation["summary"])
        opponent, of_opponent = str(against["name"]), str(against["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Trouble(f"{entry.name} has not been evaluated: {how}") from error
    if candidate["sha256"] != entry.sha256:
        raise Trouble(f"{entry.name} has changed since it was evaluated: {how}")
    if of_opponent != (before.sha256 if before else ""):
        raise Trouble(f"{entry.name} was evaluated against {opponent}, which is not the current one: {how}")
    if verdict not in GOOD_ENOUGH:
        raise Trouble(
            f"{entry.name}: {verdict}. {summary}\nPromote it with --anyway REASON if you know better."
        )
    return f"{verdict}: {summary}"


def _listed(folder: Path, name: str, base: str, state: State) -> Listed:
    wrong = problems(folder / name, base)
    try:
        training = dict(json.loads((folder / name / TRAINING).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        training = {}
    entry = next((one for one in (*state.promoted[::-1], *state.trials) if one.name == name), None)
    if wrong:
        return Listed(name, "invalid", entry.at if entry else "", "; ".join(wrong), training)
    if not entry:
        return Listed(name, "candidate", "", "", training)
    if fingerprint(folder / name) != entry.sha256:
        return Listed(name, "changed", entry.at, "its files are not those that were checked", training)
    if entry in state.trials:
        return Listed(name, "trial", entry.at, "", training)
    place = state.promoted[::-1].index(entry)
    what = ("current", "before")[place] if place < _SERVED_PROMOTIONS else "promoted"
    reasons = [one["why"] for one in state.history if one["name"] == name and one["did"] == "promote"]
    return Listed(name, what, entry.at, reasons[-1] if reasons else "", training)


def _without(entries: tuple[Entry, ...], name: str) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if entry.name != name)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class _Change:
    """The state as it is while nobody else can change it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.state = read(folder)

    def make(self, state: State, did: str, entry: Entry, who: str, why: str) -> None:
        line = {"at": _now(), "who": who, "did": did, "name": entry.name, "sha256": entry.sha256, "why": why}
        content = asdict(replace(state, history=(*state.history, line)))
        new = self._folder / f".{FILE}"
        with new.open("w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._folder / FILE)


@contextmanager
def _changing(folder: Path) -> Iterator[_Change]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{FILE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield _Change(folder)
