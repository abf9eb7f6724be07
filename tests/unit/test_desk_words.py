"""The desk's words: every key that is used exists, in both languages, with the same values."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk import words
from support.services import staff

DESK = Path(words.__file__).parent
# t('page.key') in templates and modules; keys that are put together end in a dot or underscore.
_USED = re.compile(r"""\bt\(\s*['"]([a-z]+\.[a-z0-9_]+)['"](?!\s*~)""")
_REFUSED = re.compile(r"""DeskRefusal\(\s*"([a-z_]+)\"""")


# Which argument of the functions that write the activity log is the act, and what is no detail of it.
_WRITE_THE_LOG = {"note": 2, "_note": 2, "_moved": 2, "_finish": 4}
_NO_DETAILS = {None, "conversation_id", "address"}


def sources() -> list[Path]:
    return sorted([*DESK.rglob("*.html"), *(one for one in DESK.glob("*.py") if one.name != "words.py")])


def writers_of_the_log() -> list[Path]:
    files = [*Path(staff.__file__).parent.glob("*.py"), *DESK.glob("*.py")]
    return sorted(one for one in files if "note(" in one.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.name)
def test_every_key_that_is_used_has_words(path: Path) -> None:
    used = set(_USED.findall(path.read_text(encoding="utf-8")))
    used |= {f"problem.{code}" for code in _REFUSED.findall(path.read_text(encoding="utf-8"))}
    assert used - set(words.all_words()) == set()


@pytest.mark.parametrize("key", sorted(words.all_words()))
def test_both_languages_say_something_with_the_same_values(key: str) -> None:
    chinese, english = words.all_words()[key]
    assert chinese.strip() and english.strip()
    assert _values(chinese) == _values(english)


def test_english_words_are_not_chinese() -> None:
    written_in_chinese = [
        key for key, (_, english) in words.all_words().items() if re.search(r"[\u4e00-\u9fff]", english)
    ]
    assert written_in_chinese == []


@pytest.mark.parametrize(
    ("n", "words_for"), [(0, "0 messages"), (1, "1 message"), ("1,200+", "1,200+ messages")]
)
def test_english_counts_one_and_many(n: int | str, words_for: str) -> None:
    assert words.of("en")("inbox.count", n=n) == words_for


@pytest.mark.parametrize("path", writers_of_the_log(), ids=lambda path: path.name)
def test_every_act_and_detail_of_the_log_has_words(path: Path) -> None:
    codes = set(_codes_in_the_log(ast.parse(path.read_text(encoding="utf-8"))))
    assert {f"log.{code}" for code in codes} - set(words.all_words()) == set()


def test_an_act_that_we_no_longer_know_is_shown_by_its_code() -> None:
    assert words.of_code("en", "log.act_", "act_of_old") == "act_of_old"


def _codes_in_the_log(tree: ast.AST) -> Iterator[str]:
    """The acts and details that are handed to the functions that write the log."""
    for call in ast.walk(tree):
        if (
            not isinstance(call, ast.Call)
            or (name := ast.unparse(call.func).split(".")[-1]) not in _WRITE_THE_LOG
        ):
            continue
        for part in ast.walk(call.args[_WRITE_THE_LOG[name]]):
            # What ends so goes on with the kind of a run.
            text = part.value if isinstance(part, ast.Constant) else None
            if isinstance(text, str) and not text.endswith("_"):
                yield f"act_{text}"
        yield from (f"detail_{one.arg}" for one in call.keywords if one.arg not in _NO_DETAILS)


def _values(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
