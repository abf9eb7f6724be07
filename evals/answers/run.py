"""One evaluation from its questions to its report, and what is said while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from evals.answers import report, rows
from evals.answers.ask import Endpoint, Interrupted, Journal, Variant, ask
from evals.answers.rows import Row
from llm_server import Trouble
from support.prompts import Persona
from support.settings import Settings

_DEMO = Path(__file__).parents[2] / "demo" / "knowledge"


def evaluate(
    current: tuple[str, str],
    candidate: tuple[str, str],
    *,
    server: tuple[str, str],
    settings: Settings,
    folder: Path,
    data: Path | None = None,
    limit: int | None = None,
    at_once: int = 4,
) -> str:
    """Ask both models (name and fingerprint) at the server (URL and key), judge, compare, and leave the
    report in the adapter's folder. Gives the table. Trouble when there is nothing to ask, or nobody.
    """
    questions, source = _questions(settings, data)
    questions = questions[:limit]
    print(f"{len(questions)} rows of {source}: {candidate[0]} against {current[0]}", flush=True)
    variants = Variant("current", *current), Variant("candidate", *candidate)
    endpoint = Endpoint(*server, max_tokens=settings.llm_max_tokens, at_once=at_once)
    try:
        answers = asyncio.run(ask(questions, variants, Journal(folder / "answers.jsonl"), endpoint, _tell))
    except (Interrupted, KeyboardInterrupt) as error:
        raise Trouble(f"stopped: {error}\nThe same command goes on from here.") from error
    found = report.evaluation(questions, answers, variants, source)
    page = report.write(found, folder)
    return f"{report.printed(found)}\n\nThe worst regressions, side by side: {page}"


def _questions(settings: Settings, data: Path | None) -> tuple[Sequence[Row], str]:
    """The rows to ask, and what to call them."""
    file = data or settings.var / "dataset" / "evaluation.jsonl"
    if not file.exists() and data:
        raise Trouble(f"there is no {file}")
    if not file.exists():
        persona = {
            "zh": Persona(settings.shop_name, settings.persona),
            "en": Persona(settings.shop_name_en, settings.persona),
        }
        return rows.own(_DEMO, persona), "the demo shop's set"
    questions = rows.load(file)
    if not questions:
        raise Trouble(f"{file} holds no rows; `make dataset` makes them")
    return questions, str(file)


def _tell(done: int, of: int) -> None:
    """About twenty lines, however many answers there are."""
    if done == of or done % max(1, of // 20) == 0:
        print(f"  {done} of {of} answers", flush=True)
