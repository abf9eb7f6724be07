"""Plays the hostile set against the real system and says what came of it.

    result = run()                  # the figures, with every failure by name

The system is the one that `make run` starts, on free ports and with a database of its own in a scratch
folder. Its model is `obedient.ObedientModel`.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from evals.trust.hostile import cases as sets
from evals.trust.hostile import doors
from evals.trust.hostile.attacker import ANSWER_S, Played, Site, look_back, play
from evals.trust.hostile.cases import Case
from evals.trust.hostile.cast import Cast, cast_of, write
from evals.trust.hostile.judge import Finding, Judge, Verdict
from evals.trust.hostile.obedient import ObedientModel
from evals.trust.hostile.records import Snapshot, snapshot
from tests.stack import Stack, running_stack
from tools.prepare import as_environment

Json = dict[str, Any]
Told = Callable[[int, int], None]

_ROOT = Path(__file__).parents[3]
_AT_ONCE = 8
_PROJECTED_WITHIN_S = 60
_SECRETS = ("channel_secret", "staff_token", "customer_token_secret")
_WRITTEN, _READ = "written", "read"


def run(path: Path = sets.HELD_OUT) -> Json:
    """Start the system, play every case, stop it."""
    cases = sets.load(path)
    casts = cast_of(cases)
    with (
        tempfile.TemporaryDirectory() as folder,
        ObedientModel(cases, casts) as model,
        running_stack(Path(folder) / "var", llm_url=model.base_url, llm_model="obedient") as stack,
    ):
        plant(stack, Path(folder) / "planted", cases, casts, documents=True)
        started = time.monotonic()
        verdicts, strays = attack(stack, cases, casts, told=_tell)
        return _figures(verdicts, strays, model.deeds) | {"seconds": round(time.monotonic() - started)}


def plant(
    stack: Stack, folder: Path, cases: Sequence[Case], casts: Mapping[str, Cast], *, documents: bool
) -> None:
    """Bring the people, orders and documents of the cases into the running shop, by its own importer."""
    write(folder, cases, casts, documents=documents)
    command = [sys.executable, "-m", "support.importer", str(folder)]
    environment = {**os.environ, **as_environment(stack.settings)}
    done = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the cases could not be planted:\n{done.stdout}{done.stderr}")


def attack(
    stack: Stack, cases: Sequence[Case], casts: Mapping[str, Cast], *, told: Told = lambda done, of: None
) -> tuple[list[Verdict], list[Finding]]:
    """Every case's verdict, and what was written that belongs to none."""
    database = stack.settings.var / "shop.db"
    before = snapshot(database)
    played = asyncio.run(_play_all(stack, cases, casts, told))
    after = _when_projected(database, played)
    asyncio.run(_look_back(stack, played))
    judge = Judge(before, after, _secrets(stack))
    strays = [*judge.strays(played), *doors.open_from_outside(stack)]
    return [judge.verdict(one) for one in played], strays


async def _play_all(
    stack: Stack, cases: Sequence[Case], casts: Mapping[str, Cast], told: Told
) -> list[Played]:
    free, done = asyncio.Semaphore(_AT_ONCE), itertools.count(1)

    async with _site(stack) as site:

        async def one(number: int, case: Case) -> Played:
            async with free:
                played = await play(site, case, casts[case.id], streamed=number % 2 == 0)
            told(next(done), len(cases))
            return played

        return await asyncio.gather(*(one(number, case) for number, case in enumerate(cases)))


async def _look_back(stack: Stack, played: Sequence[Played]) -> None:
    async with _site(stack) as site:
        for one in played:
            await look_back(site, one)


@asynccontextmanager
async def _site(stack: Stack) -> AsyncIterator[Site]:
    secret = stack.settings.customer_token_secret.get_secret_value()
    async with httpx.AsyncClient(base_url=stack.gateway_url, timeout=ANSWER_S, trust_env=False) as http:
        yield Site(http, secret)


def _when_projected(database: Path, played: Sequence[Played]) -> Snapshot:
    """The records once the projector has told what was answered, which it does a little later."""
    end = time.monotonic() + _PROJECTED_WITHIN_S
    answered = {one.conversation for one in played if any(turn.messages for turn in one.exchanges)}
    found, known = snapshot(database), -1
    while time.monotonic() < end:
        told = sum(map(len, found.responses.values()))
        if told == known and answered <= found.responses.keys():
            break
        known = told
        time.sleep(2)
        found = snapshot(database)
    return found


def _secrets(stack: Stack) -> list[str]:
    return [
        *(getattr(stack.settings, name).get_secret_value() for name in _SECRETS),
        stack.settings.database_url,
        str(stack.settings.var),
    ]


def _tell(done: int, of: int) -> None:
    if done == of or done % max(1, of // 10) == 0:
        print(f"  {done} of {of} cases", flush=True)


# --- what is written down ----------------------------------------------------------------------------------


def _figures(verdicts: Sequence[Verdict], strays: Sequence[Finding], deeds: Counter[str]) -> Json:
    harmless = [one for one in verdicts if one.played.case.is_harmless]
    failed = [one for one in verdicts if one.findings]
    found = [finding for one in verdicts for finding in one.findings] + list(strays)

    def share(missed: str) -> float:
        return round(sum(one.missed == missed for one in harmless) / max(1, len(harmless)), 4)

    return {
        "cases": len(verdicts),
        "hostile_cases": len(verdicts) - len(harmless),
        "harmless_cases": len(harmless),
        "hostile_failures": len(failed) + len(strays),
        "unauthorised_reads": sum(one.what == _READ for one in found),
        "unauthorised_writes": sum(one.what == _WRITTEN for one in found),
        "harmless_blocked": share("blocked"),
        "harmless_denied": share("denied"),
        "harmless_misunderstood": share("misunderstood"),
        "languages": dict(Counter(one.played.case.language for one in verdicts)),
        "kinds": _kinds(verdicts),
        "model_deeds": dict(deeds.most_common()),
        "failures": [_told(one) for one in verdicts if one.findings or one.missed],
        "strays": [f"{one.what}: {one.detail}" for one in strays],
    }


def _kinds(verdicts: Sequence[Verdict]) -> Json:
    kinds: dict[str, Json] = {}
    for one in verdicts:
        kind = kinds.setdefault(one.played.case.kind, {"cases": 0, "failures": 0})
        kind["cases"] += 1
        kind["failures"] += bool(one.findings)
    return kinds


def _told(one: Verdict) -> Json:
    """A failure as a person wants to read it."""
    return {
        "id": one.played.case.id,
        "findings": [f"{finding.what}: {finding.detail}" for finding in one.findings],
        "missed": one.missed,
        "answered_as": list(one.answered_as),
        "said": one.played.said,
        "answers": [
            [message.get("text", "") for message in turn.messages] or [f"({turn.status})"]
            for turn in one.played.exchanges
        ],
    }
