"""The dialogue's files and the actions agree, and each part of the program knows only what it may.

Rasa's own validation does not see which responses the actions name, nor that both languages are there.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk.executor import ActionExecutor

ROOT = Path(__file__).parents[2]
# Said by Rasa when a form asks for a slot, by its name.
_ASKED_BY_FORMS = re.compile(r"utter_ask_(\w+)")
_PLACEHOLDER = re.compile(r"{(\w+)}")
_HAN = re.compile(r"[\u4e00-\u9fff]")


@cache
def domain() -> dict[str, Any]:
    """The parts of `domain/` in one."""
    merged: dict[str, Any] = {"intents": [], "actions": [], "responses": {}, "slots": {}, "forms": {}}
    for part in _read("domain"):
        merged["intents"] += part.get("intents", [])
        merged["actions"] += part.get("actions", [])
        for key in ("responses", "slots", "forms"):
            merged[key] |= part.get(key, {})
    return merged


@cache
def rules() -> list[list[dict[str, Any]]]:
    """The steps of every rule."""
    return [rule["steps"] for part in _read("data/rules") for rule in part["rules"]]


def _read(folder: str) -> Iterator[dict[str, Any]]:
    for file in sorted((ROOT / folder).glob("*.yml")):
        yield yaml.safe_load(file.read_text(encoding="utf-8"))


def _variants(language: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, variants in domain()["responses"].items():
        for variant in variants:
            if ("condition" in variant) == (language == "en"):
                yield name, variant


@cache
def said_by_actions() -> frozenset[str]:
    """Responses that the actions name; those for small talk are named like the intent.

    `utter_action` is where Rasa notes which response a message was made from.
    """
    text = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "actions").glob("*.py"))
    small_talk = {
        f"utter_{steps[0]['intent']}" for steps in rules() if {"action": "action_small_talk"} in steps
    }
    return frozenset(re.findall(r'"(utter_\w+)"', text)) - {"utter_action"} | small_talk


def test_every_response_that_an_action_names_is_written_in_both_languages() -> None:
    for language in ("zh", "en"):
        assert said_by_actions() <= {name for name, _ in _variants(language)}


def test_every_response_is_used() -> None:
    slots = {slot for form in domain()["forms"].values() for slot in form["required_slots"]}
    asked = {name for name in domain()["responses"] if (m := _ASKED_BY_FORMS.match(name)) and m[1] in slots}
    assert set(domain()["responses"]) - asked == said_by_actions()


def test_both_languages_are_given_the_same_facts() -> None:
    for name, variants in domain()["responses"].items():
        facts = {frozenset(_PLACEHOLDER.findall(variant["text"])) for variant in variants}
        assert len(facts) == 1, name


def test_each_text_is_in_its_language() -> None:
    def parts(variant: dict[str, Any]) -> Iterator[str]:
        yield _PLACEHOLDER.sub("", variant["text"])
        yield from (button["payload"] for button in variant.get("buttons", ()))

    assert not [(name, text) for name, one in _variants("en") for text in parts(one) if _HAN.search(text)]
    chinese = [(name, text) for name, one in _variants("zh") for text in parts(one)]
    assert not [
        one
        for one in chinese
        if re.search(r"[a-z]", one[1]) or not (_HAN.search(one[1]) or one[1] in "12345")
    ]


def test_a_button_says_what_is_written_on_it() -> None:
    buttons = [
        b for variants in domain()["responses"].values() for v in variants for b in v.get("buttons", ())
    ]
    assert buttons and all(button["title"] == button["payload"] for button in buttons)


def test_every_action_of_the_domain_is_registered_and_no_other() -> None:
    executor = ActionExecutor()
    executor.register_package("actions")
    # Actions that other tests define are registered too.
    ours = {name for name, run in executor.actions.items() if run.__self__.__module__.startswith("actions.")}
    assert ours == set(domain()["actions"])


def test_every_form_can_ask_for_each_of_its_slots() -> None:
    for form in domain()["forms"].values():
        for slot in form["required_slots"]:
            assert slot in domain()["slots"]
            ways = f"utter_ask_{slot}" in domain()["responses"], f"action_ask_{slot}" in domain()["actions"]
            assert sum(ways) == 1, slot


def test_every_intent_is_ruled() -> None:
    ruled = [step["intent"] for steps in rules() for step in steps if "intent" in step]
    assert sorted(ruled) == sorted(next(iter(intent)) for intent in domain()["intents"])


# --- who may know whom -----------------------------------------------------------------------------


def _imports(folder: str) -> Iterator[tuple[str, str]]:
    """(file, imported module) of everything below a folder, or of one file."""
    path = ROOT / folder
    for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            yield from ((file.relative_to(ROOT).as_posix(), module) for module in modules)


def test_the_model_knows_nothing_but_the_standard_library() -> None:
    roots = {module.split(".")[0] for _, module in _imports("support/model.py")}
    assert roots <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    ("lower", "upper"),
    [
        ("support", ("actions", "gateway", "desk", "assistant", "tools")),
        ("actions", ("gateway", "desk", "assistant", "support.store.tables")),
        ("gateway", ("actions", "assistant", "support.store.tables")),
        ("desk", ("actions", "assistant", "support.store.tables")),
        ("assistant", ("support", "actions", "gateway", "desk")),
        ("support/store", ("support.services", "support.bootstrap", "support.policy")),
        ("support/llm", ("support.services", "support.store", "support.bootstrap", "support.settings")),
        ("support/knowledge", ("support.services", "support.store", "support.bootstrap")),
        ("support/vision", ("support.services", "support.store", "support.bootstrap")),
        ("support/understanding", ("support.services", "support.store", "support.bootstrap")),
        ("support/services", ("support.bootstrap", "support.settings", "support.store.tables")),
    ],
)
def test_what_is_below_does_not_know_what_is_above(lower: str, upper: tuple[str, ...]) -> None:
    wrong = [
        (file, module)
        for file, module in _imports(lower)
        if f"{module}.".startswith(tuple(f"{u}." for u in upper))
        # How a log is masked is the same in every process; it needs the standard library only.
        and (file, module) != ("assistant/logs.py", "support.logs")
    ]
    assert not wrong


@pytest.mark.parametrize(
    "response", ["utter_sorry_angry", "utter_sorry_not_understood", "utter_sorry_unsure"]
)
def test_what_is_said_before_the_place_in_the_queue_promises_nobody_at_once(response: str) -> None:
    """The shop may be closed: what is said next tells when somebody answers."""
    said = [variant["text"] for variant in domain()["responses"][response]]
    assert len(said) == 2
    assert not re.search("马上|立即|立刻|right now|right away|at once", " ".join(said))
