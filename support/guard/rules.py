"""The content rules: the file that comes with Shopclerk (`content.yml`, which explains them), and a shop's.

    rules = load(Path("var/shop/content.yml"))      # RulesError names file, line, and what to do

A shop's file says only what differs: `rules` with the `id` of one of ours change it (`add` and `remove`
phrases, or any field anew; `drop: true` takes it out), others are new; everything else takes the place of
what ours says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from support.guard.phrases import BadPhrase, Phrase

Action = Literal["care", "person", "decline", "no_model", "calm", "note", "ask"]
Side = Literal["customers", "documents", "answers"]
Words = Mapping[Literal["zh", "en"], str]

_OURS = Path(__file__).with_name("content.yml")
_WORDS = ("calm", "muted", "decline", "person", "care")


class RulesError(ValueError):
    """A content.yml cannot be used; the message says where and why."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Part):
    """One rule; see `content.yml`."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    kind: str = Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")
    applies: tuple[Side, ...] = ("customers",)
    action: Action = "note"
    phrases: tuple[str, ...] = Field(min_length=1)
    unless: tuple[str, ...] = ()
    answer: Words | None = None

    @field_validator("phrases", "unless", mode="before")
    @classmethod
    def _texts(cls, written: Any) -> Any:
        return tuple(map(_checked, written)) if isinstance(written, list | tuple) else written

    @field_validator("answer")
    @classmethod
    def _both(cls, answer: Words | None) -> Words | None:
        return _in_both_languages(answer) if answer else None


class Rules(_Part):
    """A whole file, ours and the shop's in one."""

    mute_after: int = Field(default=0, ge=0)
    hosts: tuple[str, ...] = ()
    answers: Mapping[str, Words]
    labels: Mapping[str, Words] = {}
    small_words: tuple[tuple[str, ...], ...] = ()
    rules: tuple[Rule, ...]

    @field_validator("answers")
    @classmethod
    def _known(cls, answers: Mapping[str, Words]) -> Mapping[str, Words]:
        if unknown := sorted(set(answers) - set(_WORDS)):
            raise ValueError(f"no such answer: {unknown[0]}; there are {', '.join(_WORDS)}")
        return {name: _in_both_languages(words) for name, words in answers.items()}

    @model_validator(mode="after")
    def _once(self) -> Rules:
        ids = [rule.id for rule in self.rules]
        if twice := next((one for one in ids if ids.count(one) > 1), None):
            raise ValueError(f"two rules have the id {twice}: give one of them another")
        return self


def load(path: Path | None = None) -> Rules:
    """Our rules, changed by the shop's file where there is one. RulesError."""
    if path is None or not path.exists():
        return _ours()
    content = _read(path)
    merged = _merged(_read(_OURS), content, path)
    try:
        return Rules.model_validate(merged)
    except ValidationError as error:
        tree = yaml.compose(path.read_text(encoding="utf-8"))
        raise RulesError("; ".join(_faults(error, path, merged, tree))) from error


@cache
def _ours() -> Rules:
    return Rules.model_validate(_read(_OURS))


def _read(path: Path) -> dict[str, Any]:
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RulesError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise RulesError(f"{path}: not UTF-8; save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise RulesError(f"{path}: not valid YAML: {error}") from error
    if content is not None and not isinstance(content, dict):
        raise RulesError(f"{path}: should hold rules:, answers:, hosts: and so on; see demo/content.yml")
    return content or {}


# --- ours and the shop's in one ----------------------------------------------------------------------------
def _merged(ours: Mapping[str, Any], shop: Mapping[str, Any], path: Path) -> dict[str, Any]:
    both = {**ours, **shop}
    for name in ("answers", "labels"):
        if isinstance(shop.get(name), dict):
            both[name] = {**ours[name], **shop[name]}
    rules = {rule["id"]: rule for rule in ours["rules"]}
    changes = shop.get("rules") or []
    if not isinstance(changes, list) or not all(isinstance(one, dict) and one.get("id") for one in changes):
        raise RulesError(f"{path}: rules: write a list, each rule with an id, as in demo/content.yml")
    for number, change in enumerate(changes):
        changed = _changed(rules.get(change["id"]), change, f"{path}: rules.{number} ({change['id']})")
        rules.pop(change["id"], None)
        if changed:
            rules[change["id"]] = changed
    # The shop's come first: of two that a message meets, the one that is tried first names it.
    order = [one["id"] for one in changes] + [one["id"] for one in ours["rules"]]
    both["rules"] = [rules[one] for one in dict.fromkeys(order) if one in rules]
    return both


def _changed(
    before: Mapping[str, Any] | None, change: Mapping[str, Any], place: str
) -> dict[str, Any] | None:
    fields = {name: value for name, value in change.items() if name not in ("add", "remove", "drop")}
    if before is None:
        if wrong := {"add", "remove", "drop"} & set(change):
            word = sorted(wrong)[0]
            raise RulesError(f"{place}: {word} changes a rule of ours, and none has this id; write phrases")
        return fields
    if change.get("drop") is True:
        return None
    phrases = [str(one) for one in change.get("phrases") or before["phrases"]]
    for one in map(str, change.get("remove") or ()):
        if one not in phrases:
            raise RulesError(
                f"{place}: remove: {one!r} is not in the list; copy it from support/guard/content.yml"
            )
        phrases.remove(one)
    return {**before, **fields, "phrases": [*phrases, *map(str, change.get("add") or ())]}


# --- what is wrong, and where ------------------------------------------------------------------------------
def _checked(phrase: Any) -> str:
    if isinstance(phrase, bool | dict | list) or phrase is None:
        raise ValueError(f"{phrase!r} is no phrase: put words that YAML takes for something else in quotes")
    try:
        Phrase(str(phrase))
    except BadPhrase as error:
        raise ValueError(f"{str(phrase)!r}: {error}") from error
    return str(phrase)


def _in_both_languages(words: Words) -> Words:
    if missing := [language for language in ("zh", "en") if not str(words.get(language, "")).strip()]:
        raise ValueError(f"the words in {missing[0]} are missing: write zh: and en:")
    return words


def _faults(
    error: ValidationError, path: Path, merged: Mapping[str, Any], tree: yaml.Node | None
) -> Iterator[str]:
    for one in error.errors():
        place = list(one["loc"])
        line = _line(tree, _in_file(place, merged, tree))
        named = ".".join(map(str, place))
        yield f"{path} line {line}: {named}: {one['msg'].removeprefix('Value error, ')}"


def _in_file(place: list[Any], merged: Mapping[str, Any], tree: yaml.Node | None) -> list[Any]:
    """A place in the merged rules as the place in the shop's file: its rules stand in its own order."""
    if len(place) > 1 and place[0] == "rules" and isinstance(place[1], int):
        ids = [_value(rule, "id") for rule in _items(_child(tree, "rules"))]
        changed = merged["rules"][place[1]]["id"]
        return ["rules", ids.index(changed) if changed in ids else 0, *place[2:]]
    return place


def _line(node: yaml.Node | None, place: list[Any]) -> int:
    """The line of the innermost part of the place that the file has."""
    line = node.start_mark.line + 1 if node else 1
    for step in place:
        node = _child(node, step)
        if node is None:
            break
        line = node.start_mark.line + 1
    return line


def _child(node: yaml.Node | None, step: Any) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    items = _items(node)
    return items[step] if isinstance(step, int) and step < len(items) else None


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _value(node: yaml.Node, key: str) -> str:
    found = _child(node, key)
    return str(found.value) if found else ""
