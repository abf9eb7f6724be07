"""The words of shopping, by what they mean: reads `vocabulary.yml` once and finds its words in texts.

    mentions("白色连衣裙", "things")  ->  (Mention("dress", "连衣裙", 2, 5),)

Texts are compared as units: one Chinese character, or one Latin word without its plural ending. At each place
the longest known word counts, so 手机壳 is a case and not a phone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from support.model import Language

Group = Literal["things", "colours", "attributes", "qualities", "audiences", "wishes"]

_FILE = Path(__file__).with_suffix(".yml")
_HAN = "\u3400-\u9fff\uf900-\ufaff"
# iPhone15 is two units, 256GB and P1005 are one.
_UNIT = re.compile(rf"[{_HAN}]|[a-z]{{4,}}(?=\d)|[^\W_{_HAN}]+(?:\.\d+)*(?:['’][a-z]+)?")
_KEPT_S = ("ss", "us", "is")
_ES = ("sses", "shes", "ches", "xes", "zes")
_NOTHING = ""


def normal(text: str) -> str:
    """Full-width forms narrowed, lower case, simplified characters: what everything here compares."""
    return unicodedata.normalize("NFKC", text).lower().translate(_simplified())


@cache
def _simplified() -> Mapping[int, str]:
    return {ord(pair[0]): pair[1] for pair in _source()["traditional"].split()}


@dataclass(frozen=True)
class Unit:
    """A Chinese character or a Latin word in its singular, with its place in the text."""

    text: str
    start: int
    end: int


def units(text: str) -> list[Unit]:
    """The units of a `normal` text."""
    return [Unit(singular(match[0]), *match.span()) for match in _UNIT.finditer(text)]


def key(text: str) -> str:
    """What two spellings of one word have in common."""
    return " ".join(unit.text for unit in units(normal(text)))


@lru_cache(maxsize=20_000)
def singular(word: str) -> str:
    """`dresses` -> `dress`, `women's` -> `women`. Crude, and the same for records and questions."""
    word = re.split("['’]", word)[0]
    if len(word) <= 3 or not word.isascii() or not word.endswith("s") or word.endswith(_KEPT_S):
        return word
    return word[:-2] if word.endswith(_ES) else word[:-1]


@dataclass(frozen=True)
class Mention:
    """A known word in a text: what it means, as it is written, and where."""

    name: str
    surface: str
    start: int
    end: int


@dataclass(frozen=True)
class Attribute:
    """What a record may say of a product; `keys` are its names in shops' data."""

    labels: Mapping[str, str]
    keys: frozenset[str]


class Vocabulary:
    """The file, ready for look-ups. All names are the file's own."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        things = source["things"]
        self.wider = {name: frozenset(_ancestors(name, things)) for name in things}
        self.wearers = {name: _wearer(name, things) for name in things}
        self.families = {name: row.get("family", "") for name, row in source["colours"].items()}
        self.colour_words = {name: _in_both(row["words"]) for name, row in source["colours"].items()}
        self.attributes = {name: _attribute(name, row) for name, row in source["attributes"].items()}
        self.alone = frozenset(name for name, row in source["qualities"].items() if row.get("alone"))
        self.about = {name: row["about"] for name, row in source["qualities"].items()}
        self.option_kinds = {
            normal(word): kind for kind, words in source["options"].items() for word in _listed(words)
        }
        self.words = _words_by_name(source)
        self.keys = {name: tuple(map(key, words)) for name, words in self.words.items()}
        self.noise = frozenset(map(key, _listed(source["noise"]))) | frozenset(_listed(source["noise"]))
        self.grammar = frozenset(source["grammar"])
        self.audiences = {name: _framed(words) for name, words in source["audiences"].items()}
        self.both_audiences = _framed(source["both_audiences"])
        self._known = {group: _known(source, group) for group in _GROUPS}
        self._longest = max(k.count(" ") + 1 for known in self._known.values() for k in known)

    def mentions(self, text: str, group: Group) -> tuple[Mention, ...]:
        """The group's words in a `normal` text, without overlaps."""
        found, parts, known, place = [], units(text), self._known[group], 0
        while place < len(parts):
            for length in range(min(self._longest, len(parts) - place), 0, -1):
                name = known.get(" ".join(unit.text for unit in parts[place : place + length]))
                if name is not None:
                    start, end = parts[place].start, parts[place + length - 1].end
                    if name != _NOTHING:
                        found.append(Mention(name, text[start:end], start, end))
                    place += length - 1
                    break
            place += 1
        return tuple(found)

    def label(self, attribute_key: str, language: Language) -> str:
        """How to call a record's attribute to a customer."""
        attribute = self.attribute_named(attribute_key)
        if attribute:
            return self.attributes[attribute].labels[language]
        text = attribute_key.replace("_", " ")
        return text[:1].upper() + text[1:]

    def attribute_named(self, attribute_key: str) -> str | None:
        """Which attribute a key in a shop's data stands for; None for one that only this shop has."""
        wanted = normal(attribute_key)
        return next((name for name, one in self.attributes.items() if wanted in one.keys), None)


_GROUPS: tuple[Group, ...] = (
    "things", "colours", "attributes", "qualities", "audiences", "wishes",
)  # fmt: skip


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary(_source())


@cache
def _source() -> Mapping[str, Any]:
    read: Mapping[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return read


def _listed(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


def _ancestors(name: str, things: Mapping[str, Any]) -> Iterable[str]:
    yield name
    for wider in _listed(things[name].get("is", "")):
        yield from _ancestors(wider, things)


def _wearer(name: str, things: Mapping[str, Any]) -> str:
    return next((things[one]["for"] for one in _ancestors(name, things) if "for" in things[one]), "")


def _attribute(name: str, row: Mapping[str, Any]) -> Attribute:
    keys = frozenset(map(normal, [name, *_listed(row.get("keys", ""))]))
    return Attribute({"zh": row["zh"], "en": row["en"]}, keys)


def _in_both(words: str) -> Mapping[str, str]:
    """The first Chinese and the first English word of a list."""
    listed = _listed(words)
    return {
        "zh": next(word for word in listed if not word.isascii()),
        "en": next(word for word in listed if word.isascii()),
    }


def _framed(words: str) -> tuple[str, ...]:
    """Keys as they are looked for in a product's fields."""
    return tuple(f" {key(word)} " for word in _listed(words))


def _words_by_name(source: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The words of attributes and qualities, for looking into descriptions."""
    rows = {**source["qualities"], **source["attributes"]}
    return {name: tuple(map(normal, _listed(row["words"]))) for name, row in rows.items()}


def _known(source: Mapping[str, Any], group: Group) -> dict[str, str]:
    """From the keys of the group's words to their names."""
    if group == "audiences":
        return {key(word): name for name, words in source[group].items() for word in _listed(words)}
    if group == "wishes":
        rows = {name: row for name, row in source["attributes"].items() if row.get("wish")}
    else:
        rows = source[group]
    known = {key(word): name for name, row in rows.items() for word in _listed(row["words"])}
    if group in ("things", "colours"):
        known |= {key(word): _NOTHING for word in _listed(source["not_names"]) if key(word) not in known}
    return known
