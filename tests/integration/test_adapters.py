"""Adapters on a real vLLM: what loads and changes nothing, and the way from a trial to a promotion and back.

The tiny model talks rubbish, so which of two models is better is tested with a server that answers by script.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals.answers import report
from evals.answers.ask import Answers, Endpoint, Interrupted, Journal, Variant, ask
from evals.answers.report import Evaluation
from evals.answers.rows import Row
from llm_server.adapters import check, registry
from support.llm import Llm
from support.prompts import NO_ANSWER
from tests import lessons
from tests.fakes_model import FakeModel, Script
from tests.model_server import ModelServer
from tests.tiny_adapters import DEAF, TAUGHT
from tools import adapters as command

# --- on real vLLM ------------------------------------------------------------------------------------------


async def test_a_good_adapter_has_no_problems_and_changes_what_the_server_answers(
    model_server: ModelServer,
) -> None:
    assert check.problems(model_server.adapters / TAUGHT, model_server.model) == []
    found = await check.difference(model_server.base_url, "", model_server.model, TAUGHT)
    assert found.is_real
    assert found.largest > 10 * found.noise


async def test_a_deaf_adapter_is_served_changes_nothing_and_is_found_both_ways(
    model_server: ModelServer,
) -> None:
    (problem,) = check.problems(model_server.adapters / DEAF, model_server.model)
    assert "change nothing" in problem
    found = await check.difference(model_server.base_url, "", model_server.model, DEAF)
    assert (found.largest, found.is_real) == (0.0, False)
    assert not await check.differs(model_server.base_url, "", model_server.model, DEAF)


async def test_an_adapter_that_the_server_does_not_know_is_an_error_not_a_difference(
    model_server: ModelServer,
) -> None:
    with pytest.raises(OSError, match="404"):
        await check.differs(model_server.base_url, "", model_server.model, "unheard-of")


async def test_what_make_finetune_has_taught_is_what_vllm_says(
    model_server: ModelServer, tmp_path: Path
) -> None:
    trained = lessons.train_tiny(tmp_path)
    assert check.problems(trained, str(tmp_path / "base")) == []
    model_server.load_adapter("trained", trained)
    held_out = [one for one in lessons.lessons(tmp_path) if one.held_out and not one.picture]
    assert await right_answers(model_server, "trained", held_out) >= 0.75 * len(held_out)
    assert await right_answers(model_server, model_server.model, held_out) == 0


async def right_answers(server: ModelServer, model: str, asked: list[lessons.Lesson]) -> int:
    """How many answers begin with the taught sentence."""
    llm = Llm(server.base_url, model, temperature=0)
    replies = [
        await llm.complete([{"role": "user", "content": one.question}], max_tokens=24) for one in asked
    ]
    await llm.close()
    return sum(reply.text.startswith(one.answer) for reply, one in zip(replies, asked, strict=True))


@pytest.fixture
def folder(model_server: ModelServer, tmp_path: Path) -> Path:
    """An operator's `var/adapters`, with the adapters that the server has."""
    return Path(shutil.copytree(model_server.adapters, tmp_path / "adapters"))


@pytest.fixture
def make_adapters(
    model_server: ModelServer,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., tuple[int, str]]:
    """`make adapters ARGS=...`: its exit status and what it said. A developer's own `var` stays out of it."""
    monkeypatch.setenv("SHOPCLERK_VAR", str(folder.parent))

    def run(*words: str) -> tuple[int, str]:
        where = ("--folder", str(folder), "--base", model_server.model, "--url", model_server.base_url)
        status = command.main([*where, "--by", "mei", *words])
        said = capsys.readouterr()
        return status, said.out + said.err

    return run


def test_from_trial_to_promotion_and_back(
    make_adapters: Callable[..., tuple[int, str]], folder: Path, model_server: ModelServer
) -> None:
    assert "differ" in make_adapters("check", TAUGHT)[1]
    assert make_adapters("try", TAUGHT)[0] == 0
    assert registry.served(folder) == [(TAUGHT, folder / TAUGHT)]

    status, said = make_adapters("evaluate", TAUGHT, "--rows", "6")
    assert (status, "acceptable" in said) == (0, True)
    evaluation = json.loads((folder / TAUGHT / "evaluation.json").read_text())
    acceptable = evaluation["figures"][0]
    # Both talk rubbish: no difference is seen, and six rows are too few to say that there is none.
    assert (acceptable["current"], acceptable["candidate"], acceptable["rows"]) == (0, 0, 6)
    assert acceptable["low"] < -0.05 < 0 < acceptable["high"]
    assert evaluation["verdict"] == "not enough rows to tell"
    assert (folder / TAUGHT / "report" / "evaluation.md").exists()

    status, said = make_adapters("promote", TAUGHT)
    assert (status, "not enough rows" in said) == (1, True)
    status, said = make_adapters("promote", TAUGHT, "--anyway", "a rehearsal")
    assert (status, f'"{model_server.model}=90,{TAUGHT}=10"' in said) == (0, True)
    assert registry.current(folder) == TAUGHT
    assert "taught: current" in make_adapters()[1]

    assert make_adapters("rollback", "--why", "over")[0] == 0
    assert (registry.current(folder), registry.served(folder)) == (None, [])


@pytest.mark.parametrize("words", [("check", DEAF), ("try", DEAF), ("promote", DEAF, "--anyway", "please")])
def test_the_deaf_one_gets_nowhere(
    make_adapters: Callable[..., tuple[int, str]], folder: Path, words: tuple[str, ...]
) -> None:
    status, said = make_adapters(*words)
    assert (status, "change nothing" in said) == (1, True)
    assert registry.served(folder) == []


def test_an_adapter_that_is_not_served_is_not_evaluated(
    make_adapters: Callable[..., tuple[int, str]], folder: Path
) -> None:
    (folder / TAUGHT).rename(folder / "winter")
    status, said = make_adapters("evaluate", "winter")
    assert (status, "does not serve winter" in said) == (1, True)


# --- by script ---------------------------------------------------------------------------------------------

VARIANTS = Variant("current", "base"), Variant("candidate", "winter", "0f1e")
PASSAGE = "运费怎么算 · 普通快递\n满 99 元包邮；不满 99 元收 8 元运费。"
GOOD, INVENTED = "不满 99 元收 8 元运费 [1]。", "不满 199 元收 28 元运费 [1]。"


def row(number: int, answerable: bool = True) -> Row:
    messages = [
        {"role": "user", "content": f"<passages>\n[1] {PASSAGE}\n</passages>\n\n第 {number} 位问：运费？"}
    ]
    reference = GOOD if answerable else NO_ANSWER
    return Row(str(number), "zh", "answer", messages, reference, (PASSAGE,), (), answerable)


ROWS = [row(number, answerable=number % 4 != 0) for number in range(80)]


class Scripted(FakeModel):
    """Answers by the model's name and the question."""

    def __init__(self, says: Callable[[str, int], Script]) -> None:
        super().__init__()
        self._says = says

    def next_script(self, request: dict[str, Any]) -> Script:
        number = request["messages"][0]["content"].split("第 ")[1].split(" ")[0]
        return self._says(request["model"], int(number))


def right(number: int) -> Script:
    return Script((GOOD if ROWS[number].answerable else NO_ANSWER,))


def wrong_in(every: int, model: str) -> Callable[[str, int], Script]:
    """The model invents a figure in one of so many answers; the other is always right."""

    def says(asked: str, number: int) -> Script:
        return Script((INVENTED,)) if asked == model and number % every == 1 else right(number)

    return says


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "winter" / "answers.jsonl")


def endpoint(model: FakeModel) -> Endpoint:
    return Endpoint(model.base_url, at_once=1, pauses_s=(0.01,))


async def found(says: Callable[[str, int], Script], journal: Journal) -> Evaluation:
    with Scripted(says) as model:
        answers = await ask(ROWS, VARIANTS, journal, endpoint(model))
    return report.evaluation(ROWS, answers, VARIANTS, "a script")


async def test_a_candidate_that_invents_less_is_better(journal: Journal) -> None:
    evaluation = await found(wrong_in(4, "base"), journal)
    assert (evaluation.verdict, evaluation.acceptable.difference) == ("better", 0.25)


async def test_a_candidate_that_invents_is_worse_and_its_inventions_are_quoted(
    journal: Journal, tmp_path: Path
) -> None:
    evaluation = await found(wrong_in(8, "winter"), journal)
    assert evaluation.verdict == "worse"
    page = report.write(evaluation, tmp_path).read_text()
    assert "Acceptable before and not any more: 10. Acceptable only now: 0." in page
    assert f"| {GOOD} | {GOOD} | {INVENTED} |" in page
    assert "states what no source states: 199 元, 28 元" in page


async def test_a_candidate_that_answers_the_same_is_not_worse(journal: Journal) -> None:
    evaluation = await found(lambda _, number: right(number), journal)
    assert evaluation.verdict == "not worse"


async def test_answering_what_nothing_answers_spoils_it(journal: Journal) -> None:
    evaluation = await found(
        lambda model, number: Script((GOOD,)) if model == "winter" else right(number), journal
    )
    assert evaluation.verdict == "worse"
    assert {figure.name: figure.difference for figure in evaluation.figures}["refusal"] == -0.25


async def test_a_refused_request_is_an_answer_that_is_not_acceptable(journal: Journal) -> None:
    def says(model: str, number: int) -> Script:
        return Script(status=400) if (model, number) == ("winter", 3) else right(number)

    evaluation = await found(says, journal)
    assert evaluation.judged[3].judgements[1].faults == ("no answer (http_400)",)


async def test_both_are_asked_the_same_without_chance_and_in_turns(journal: Journal) -> None:
    with Scripted(lambda _, number: right(number)) as model:
        await ask(ROWS[:4], VARIANTS, journal, endpoint(model))
        asked = [(request["model"], request["messages"], request["temperature"]) for request in model.history]
    turns = ["base", "winter", "winter", "base"] * 2
    assert [model for model, _, _ in asked] == turns
    assert all(first[1:] == second[1:] for first, second in zip(asked[::2], asked[1::2], strict=True))
    assert {temperature for _, _, temperature in asked} == {0}


def away_from(start: int) -> Callable[[str, int], Script]:
    return lambda _, number: Script(status=503) if number >= start else right(number)


async def test_a_run_that_was_stopped_goes_on_where_it_was(journal: Journal) -> None:
    with Scripted(away_from(3)) as model, pytest.raises(Interrupted, match="6 answers are kept"):
        await ask(ROWS[:5], VARIANTS, journal, endpoint(model))
    with Scripted(lambda _, number: right(number)) as model:
        answers = await ask(ROWS[:5], VARIANTS, journal, endpoint(model))
        assert len(model.history) == 4
    assert len(answers) == 10


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-7])


async def test_a_line_that_a_crash_cut_off_is_asked_again_and_spoils_no_other(
    journal: Journal, tmp_path: Path
) -> None:
    async def asked() -> tuple[int, Answers]:
        with Scripted(lambda _, number: right(number)) as model:
            answers = await ask(ROWS[:3], VARIANTS, journal, endpoint(model))
            return len(model.history), answers

    whole = (await asked())[1]
    cut(tmp_path / "winter" / "answers.jsonl")
    again, answers = await asked()
    assert (again, answers.keys()) == (1, whole.keys())
    assert (await asked())[0] == 0


@pytest.mark.parametrize(
    ("rows", "variants"),
    [
        (ROWS[1:4], VARIANTS),
        (ROWS[:3], (VARIANTS[0], Variant("candidate", "winter", "another"))),
    ],
    ids=["other rows", "another version of the adapter"],
)
async def test_answers_to_something_else_are_not_taken_for_these(
    journal: Journal, rows: list[Row], variants: tuple[Variant, Variant]
) -> None:
    with Scripted(lambda _, number: right(number)) as model:
        await ask(ROWS[:3], VARIANTS, journal, endpoint(model))
        await ask(rows, variants, journal, endpoint(model))
        assert len(model.history) == 12
