"""Where code may stand, beyond what test_domain.py checks: `actions/` is flat, libraries stay at home."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Everything that is written in Python here; environments and what runs write lie elsewhere.
RUNNING = ("actions", "assistant", "desk", "gateway", "llm_server", "support")
FOLDERS = (*RUNNING, "benchmarks", "demo", "evals", "tests", "tools")


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """The first names of the modules that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def test_actions_is_flat() -> None:
    # rasa-sdk imports everything below it by bare name: a folder could hide an installed package.
    assert [path.parent for path in sources("actions")] == [ROOT / "actions"] * len(list(sources("actions")))


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("sqlalchemy", ("support/store/", "assistant/", "tests/")),
        ("alembic", ("support/store/", "tests/")),
        ("fastapi", ("desk/", "gateway/", "tests/")),
        ("starlette", ("desk/", "gateway/", "tests/")),
        ("rasa_sdk", ("actions/", "tests/")),
        ("rasa", ("assistant/", "evals/intents.py", "tests/")),
        ("presidio_analyzer", ("support/personal/engine.py",)),
        ("openai", ("support/llm/", "support/endpoint.py", "tests/")),
    ],
)
def test_a_library_is_imported_only_at_home(library: str, homes: tuple[str, ...]) -> None:
    users = [path.relative_to(ROOT).as_posix() for path in sources(*FOLDERS) if library in imported(path)]
    assert [user for user in users if not user.startswith(homes)] == []


@pytest.mark.parametrize("folder", RUNNING)
def test_what_runs_needs_no_tests_tools_or_demo(folder: str) -> None:
    beside = {"tests", "tools", "demo", "evals", "benchmarks"}
    assert [path.name for path in sources(folder) if imported(path) & beside] == []


def test_the_model_server_and_the_shop_know_each_other_over_http_only() -> None:
    shop = {"actions", "assistant", "desk", "gateway", "support"}
    assert [path.name for path in sources("llm_server") if imported(path) & shop] == []
    assert [path.name for path in sources(*sorted(shop)) if "llm_server" in imported(path)] == []


@pytest.mark.parametrize("path", list(sources(*RUNNING)), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
