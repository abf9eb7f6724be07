"""The desk's words: every key that is used exists, in both languages, with the same values."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from desk import words

DESK = Path(words.__file__).parent
# t('page.key') in templates and modules; keys that are put together end in a dot or underscore.
_USED = re.compile(r"""\bt\(\s*['"]([a-z]+\.[a-z0-9_]+)['"](?!\s*~)""")
_REFUSED = re.compile(r"""DeskRefusal\(\s*"([a-z_]+)\"""")


def sources() -> list[Path]:
    return sorted([*DESK.rglob("*.html"), *(one for one in DESK.glob("*.py") if one.name != "words.py")])


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


def _values(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
