"""The benchmark beside stock Rasa: what is said, what is counted, and what is made of it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import mix, processes
from benchmarks.growth import Cost, Growth
from benchmarks.load import Round
from benchmarks.plan import Assumed, Coefficients, plan
from benchmarks.report import BUSY, Figures, table, write
from benchmarks.workers import disorder

CUSTOMER = mix.Customer("C1", "en", "6200000000001", "6200000000002")
BUSY_CHILD = (
    "import time; end = time.process_time() + {seconds}\nwhile time.process_time() < end: pass\n{then}"
)


# --- the mix -----------------------------------------------------------------------------------------------


def test_the_kinds_of_turns_have_the_shares_of_the_mix() -> None:
    kinds = Counter(kind for number in range(2_000) for kind, _ in mix.conversation(CUSTOMER, number))
    turns = sum(kinds.values())
    shares = {kind: round(count / turns, 2) for kind, count in kinds.items()}
    wanted = {
        "order_status": 0.40,
        "ask_product": 0.20,
        "ask_knowledge": 0.20,
        "refund": 0.15,
        "small_talk": 0.05,
    }
    assert shares == pytest.approx(wanted, abs=0.015)


def test_conversations_have_1_to_30_turns() -> None:
    lengths = {len(mix.conversation(CUSTOMER, number)) for number in range(500)}
    assert (min(lengths), max(lengths)) == (1, 30)


def test_a_number_is_always_the_same_conversation() -> None:
    assert mix.conversation(CUSTOMER, 7) == mix.conversation(CUSTOMER, 7) != mix.conversation(CUSTOMER, 8)


def test_a_refund_is_asked_for_explained_and_given_up_in_a_row() -> None:
    said = mix.endless(CUSTOMER, 3, 60)
    begins = [place for place, (_, words) in enumerate(said) if "refund for" in words]
    assert begins
    assert {kind for place in begins for kind, _ in said[place : place + 3]} == {"refund"}
    assert {said[place + 2][1] for place in begins if place + 2 < len(said)} == {CUSTOMER.stop}


# --- processes ---------------------------------------------------------------------------------------------


@pytest.fixture
def parent() -> Iterator[int]:
    """A process that waits, whose child has worked for a fifth of a second and waits as well."""
    child = BUSY_CHILD.format(seconds=0.2, then="print(flush=True); time.sleep(60)")
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    started = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert started.stdout and started.stdout.readline()
    yield started.pid
    for pid in reversed(processes.tree(started.pid)):
        subprocess.run(["kill", "-KILL", str(pid)], check=True)
    started.wait()


def test_processor_time_counts_children_that_run(parent: int) -> None:
    assert processes.processor_s(parent) >= 0.2


def test_processor_time_counts_children_that_have_ended() -> None:
    child = BUSY_CHILD.format(seconds=0.2, then="")
    runs = f"subprocess.run([sys.executable, '-c', {child!r}])"
    program = f"import subprocess, sys\n{runs}\nprint(flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as started:
        assert started.stdout and started.stdout.readline()
        assert processes.processor_s(started.pid) >= 0.2


def test_memory_is_that_of_the_process_and_all_below(parent: int) -> None:
    alone = processes.memory_mb(processes.tree(parent)[1])
    assert processes.memory_mb(parent) > alone > 1


def test_children_are_named_by_their_command_lines(parent: int) -> None:
    (command,) = processes.children(parent).values()
    assert "time.sleep(60)" in command


def test_what_stands_still_uses_no_processor_time() -> None:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as started:
        with processes.standing_still([started.pid]):
            before = processes.processor_s(started.pid)
            time.sleep(0.2)
            assert processes.processor_s(started.pid) == before
        started.kill()


# --- figures -----------------------------------------------------------------------------------------------


def held(callers: int, turns: int, processor_s: float) -> Round:
    made = Round(callers, seconds=10.0, processor_s={"rasa": processor_s, "actions": processor_s / 2})
    made.times["order_status"] += [0.05] * turns
    return made


@pytest.fixture
def figures() -> Figures:
    rounds = {
        callers: {
            "ours": [held(callers, turns, 4.0) for turns in (1_000, 1_200, 5_000)],
            "stock": [held(callers, turns, 8.0) for turns in (200, 240, 250)],
        }
        for callers in (1, BUSY)
    }
    long = Growth(Cost([20], [900]), Cost([22], [1_080]), Cost([30], [900]), Cost([60], [1_080]))
    return Figures(rounds, "few epochs", growth={"ours": long})


def test_the_ratio_is_that_of_the_medians(figures: Figures) -> None:
    assert figures.ratio() == pytest.approx(1_200 / 240)


def test_processor_time_a_turn_is_summed_over_the_processes(figures: Figures) -> None:
    assert figures.processor_ms(BUSY, "stock") == {"rasa": 33.33, "actions": 16.67, "all": 50.0}


def test_turns_without_an_answer_count_as_work_and_not_as_speed() -> None:
    made = held(BUSY, 100, 4.0)
    made.unanswered = 100
    assert (made.turns_per_s, made.processor_ms_per_turn["rasa"]) == (10, 20)


def test_the_file_has_what_the_issue_asks_for(figures: Figures, tmp_path: Path) -> None:
    write(figures, tmp_path)
    found = json.loads((tmp_path / "latest.json").read_text(encoding="utf-8"))
    wanted = ("ratio_to_stock", "turns_per_s", "p95_ms", "one_caller_p50_ms", "turn200_over_turn5")
    assert [found[name] for name in wanted] == [5.0, 120.0, 50.0, 50.0, 1.2]
    assert (found["turn200_over_turn5_latency"], found["turn200_over_turn5_bytes"]) == (1.1, 1.2)
    assert found["turn200_over_turn5_cold"] == 2
    assert found["rounds"] == 3


def test_the_plot_is_drawn(figures: Figures, tmp_path: Path) -> None:
    write(figures, tmp_path)
    assert (tmp_path / "latest.svg").read_text(encoding="utf-8").startswith("<?xml")


def test_the_table_has_a_line_for_each_side_at_each_load(figures: Figures) -> None:
    assert table(figures).count("\n| ") == 4


# --- parallel messages -------------------------------------------------------------------------------------


def tracker(*said: str) -> list[dict[str, str]]:
    """Events; an empty text is the bot's."""
    return [{"event": "user", "text": text} if text else {"event": "bot", "text": "ok"} for text in said]


def test_messages_in_order_with_their_answers_are_right() -> None:
    assert disorder(["a", "b"], tracker("a", "", "", "b", "")) == ""


def test_where_nobody_promises_an_order_it_is_not_looked_at() -> None:
    assert disorder(["a", "b"], tracker("b", "", "a", ""), ordered=False) == ""


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (("a", ""), "lost or doubled"),
        (("a", "", "b", "", "b", ""), "lost or doubled"),
        (("b", "", "a", ""), "out of order"),
        (("a", "b", "", ""), "1 without an answer"),
        (("a", "", "b"), "1 without an answer"),
    ],
)
def test_what_is_wrong_with_a_conversation_is_said(said: tuple[str, ...], wrong: str) -> None:
    assert disorder(["a", "b"], tracker(*said)).startswith(wrong)


# --- the plan ----------------------------------------------------------------------------------------------


def test_the_plan_multiplies_what_was_measured_by_the_peak() -> None:
    spent = {"rasa": 6.0, "actions": 3.0, "projector": 1.2, "gateway": 2.4}
    measured = Coefficients(spent, 10_000, 5, 10, {"rasa": 500, "actions": 300})
    assumed = Assumed(turns=8.64, peak=2, busy=0.5)
    lines = dict(plan(measured, 1_000_000, assumed))  # 100 turns a second, 200 at the peak
    assert lines["turns a second, mean and peak"] == "100, 200"
    assert (lines["Rasa workers"], lines["action servers"], lines["gateways"]) == ("3", "2", "1")
    assert lines["disk a day, GB"] == "86"
    assert lines["database transactions a second at the peak"] == "1,000"
