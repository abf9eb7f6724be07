"""What is served, by whose decision, and the way back."""

from __future__ import annotations

import ast
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from llm_server import Trouble
from llm_server.adapters import registry
from tests.tiny_adapters import FEW_MODULES, write_adapter

BASE = "tiny-qwen3-vl"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With three good adapters."""
    for seed, name in enumerate(("autumn", "winter", "spring")):
        write_adapter(tmp_path / name, FEW_MODULES, seed=seed)
    return tmp_path


def evaluated(folder: Path, name: str, against: str = "", verdict: str = "better") -> None:
    """As `evals/answers` leaves it; `against` nothing is the model as it came."""
    content = {
        "candidate": {"name": name, "sha256": registry.fingerprint(folder / name)},
        "against": {
            "name": against or BASE,
            "sha256": registry.fingerprint(folder / against) if against else "",
        },
        "verdict": verdict,
        "summary": "acceptable answers 70.0% -> 80.0%",
    }
    (folder / name / registry.EVALUATION).write_text(json.dumps(content))


def promoted(folder: Path, *names: str) -> None:
    for name in names:
        registry.promote(folder, name, BASE, "mei", anyway="a test")


def served(folder: Path) -> list[str]:
    return [name for name, _ in registry.served(folder)]


def states(folder: Path) -> dict[str, str]:
    return {one.name: one.state for one in registry.listing(folder, BASE)}


def test_nothing_is_served_where_there_is_no_registry(folder: Path) -> None:
    assert registry.served(folder / "elsewhere") == []
    assert served(folder) == []
    assert registry.current(folder) is None


def test_an_adapter_on_trial_is_served_and_is_not_current(folder: Path) -> None:
    registry.start_trial(folder, "winter", BASE, "mei")
    assert registry.served(folder) == [("winter", folder / "winter")]
    assert registry.current(folder) is None
    registry.end_trial(folder, "winter", "mei")
    assert served(folder) == []


def test_promoting_ends_the_trial_and_says_what_was_current(folder: Path) -> None:
    registry.start_trial(folder, "winter", BASE, "mei")
    evaluated(folder, "winter")
    assert registry.promote(folder, "winter", BASE, "mei") is None
    assert (registry.current(folder), served(folder)) == ("winter", ["winter"])
    evaluated(folder, "spring", against="winter")
    assert registry.promote(folder, "spring", BASE, "mei") == "winter"


def test_the_one_before_stays_served_and_the_one_before_that_does_not(folder: Path) -> None:
    promoted(folder, "autumn", "winter", "spring")
    assert served(folder) == ["winter", "spring"]
    assert states(folder) == {"autumn": "promoted", "winter": "before", "spring": "current"}


def test_a_rollback_goes_to_the_one_before_and_at_last_to_the_model_as_it_came(folder: Path) -> None:
    promoted(folder, "autumn", "winter")
    assert registry.rollback(folder, "li", "too terse") == ("winter", "autumn")
    assert registry.rollback(folder, "li") == ("autumn", None)
    with pytest.raises(Trouble, match="nothing is promoted"):
        registry.rollback(folder, "li")


def test_the_history_tells_who_did_what_and_why(folder: Path) -> None:
    evaluated(folder, "winter")
    registry.promote(folder, "winter", BASE, "mei")
    registry.rollback(folder, "li", "too terse")
    told = [(one["who"], one["did"], one["name"], one["why"]) for one in registry.read(folder).history]
    why = "better: acceptable answers 70.0% -> 80.0%"
    assert told == [("mei", "promote", "winter", why), ("li", "rollback", "winter", "too terse")]


def test_without_an_evaluation_nothing_is_promoted(folder: Path) -> None:
    with pytest.raises(Trouble, match="has not been evaluated"):
        registry.promote(folder, "winter", BASE, "mei")


@pytest.mark.parametrize("verdict", ["worse", "not enough rows to tell"])
def test_an_evaluation_that_does_not_speak_for_it_promotes_nothing(folder: Path, verdict: str) -> None:
    evaluated(folder, "winter", verdict=verdict)
    with pytest.raises(Trouble, match=verdict):
        registry.promote(folder, "winter", BASE, "mei")


def test_an_evaluation_of_other_files_promotes_nothing(folder: Path) -> None:
    evaluated(folder, "winter")
    write_adapter(folder / "winter", FEW_MODULES, seed=9)
    with pytest.raises(Trouble, match="has changed since"):
        registry.promote(folder, "winter", BASE, "mei")


def test_an_evaluation_against_what_is_not_current_any_more_promotes_nothing(folder: Path) -> None:
    evaluated(folder, "winter")
    promoted(folder, "autumn")
    with pytest.raises(Trouble, match="not the current one"):
        registry.promote(folder, "winter", BASE, "mei")


def test_a_reason_promotes_without_an_evaluation_and_is_kept(folder: Path) -> None:
    registry.promote(folder, "winter", BASE, "mei", anyway="read by two of us")
    assert registry.read(folder).history[-1]["why"] == "anyway: read by two of us"


def test_no_reason_promotes_files_that_are_not_in_order(folder: Path) -> None:
    write_adapter(folder / "winter", FEW_MODULES, strength=0)
    with pytest.raises(Trouble, match="every B is zero"):
        registry.promote(folder, "winter", BASE, "mei", anyway="please")


@pytest.mark.parametrize("name", ["../winter", "a b", "winter=10", "", BASE, ".hidden"])
def test_a_name_that_could_be_more_than_a_name_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(Trouble, match="cannot be the name"):
        registry.start_trial(folder, name, BASE, "mei")


def test_files_that_changed_after_the_promotion_are_not_served(folder: Path) -> None:
    promoted(folder, "autumn", "winter")
    write_adapter(folder / "winter", FEW_MODULES, seed=9)
    assert served(folder) == ["autumn"]
    assert states(folder)["winter"] == "changed"


def test_the_listing_knows_candidates_and_says_why_one_is_invalid(folder: Path) -> None:
    (folder / "winter" / "training.json").unlink()
    found = {one.name: one for one in registry.listing(folder, BASE)}
    assert (found["spring"].state, found["spring"].training["method"]) == ("candidate", "sft")
    assert (found["winter"].state, found["winter"].why) == ("invalid", "training.json is missing")


def test_promoting_the_current_one_again_is_refused(folder: Path) -> None:
    promoted(folder, "winter")
    with pytest.raises(Trouble, match="already"):
        promoted(folder, "winter")


def test_a_registry_that_cannot_be_read_is_trouble_and_is_left_as_it_is(folder: Path) -> None:
    (folder / registry.FILE).write_text('{"trials": [')
    with pytest.raises(Trouble, match="cannot be read"):
        promoted(folder, "winter")
    assert (folder / registry.FILE).read_text() == '{"trials": ['


def _try(folder: Path, name: str) -> None:
    registry.start_trial(folder, name, BASE, "mei")


def test_no_change_is_lost_when_many_are_made_at_once(folder: Path) -> None:
    names = [f"season-{number}" for number in range(8)]
    for seed, name in enumerate(names):
        write_adapter(folder / name, FEW_MODULES, seed=seed)
    with ProcessPoolExecutor(4) as workers:
        list(workers.map(_try, [folder] * len(names), names))
    assert sorted(served(folder)) == names
    assert len(registry.read(folder).history) == len(names)


def test_the_launcher_needs_no_library_to_read_adapters() -> None:
    files = sorted(Path(registry.__file__).parent.glob("*.py"))
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} - sys.stdlib_module_names == {"llm_server"}
