"""The project's own training files, `data/nlu/**/*.yml`: reading them and adding lines to them.

    files = read_folder(Path("data/nlu"))          # Problem `bad_yaml` names file and line
    plan = files.plan([New("钱啥时候到账", "refund_status", "zh")])
    for change in plan.changes: print(change.diff())

Only lines are inserted: every other byte of a file stays as it is, comments, blank lines, a byte order mark
and the kind of its line ends included. A block is found by the marks of the YAML parser, and the result is
parsed again: it must be what was there, plus the new lines.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from support.training.problems import Problem
from support.training.text import key

_LINE = re.compile(r"[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029]|$)")
_BREAKS = "\r\n\x85\u2028\u2029"
_HAN = re.compile(r"[\u3400-\u9fff]")
# `[red](colour)`, `[red]{"entity": ...}`, `[red][{...}]`: the words alone are what is learnt.
_ENTITY = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\}|\[.*?\])")


@dataclass(frozen=True)
class New:
    """An example to be written; `text` is clean (`support.training.text`)."""

    text: str
    intent: str
    language: str


@dataclass(frozen=True)
class Known:
    """An example that stands in a file."""

    text: str
    intent: str
    place: str  # data/nlu/refund.yml:17


@dataclass(frozen=True)
class _Block:
    """One `examples: |`; lines are inserted at `end`, an index into the file's text."""

    intent: str
    line: int
    end: int
    indent: str
    newline: str
    complete: bool  # the last line ends with a line break
    examples: tuple[tuple[int, str], ...]

    def language(self) -> str:
        chinese = sum(bool(_HAN.search(text)) for _, text in self.examples)
        return "zh" if 2 * chinese > len(self.examples) else "en"


@dataclass(frozen=True)
class Change:
    """A file with lines inserted. `path` is absolute, `name` as people call it."""

    path: Path
    name: str
    before: str
    after: str
    added: int

    @property
    def seen(self) -> str:
        """The hash of what the change was made for."""
        return digest(self.before.encode())

    def diff(self) -> str:
        before, after = (text.splitlines(keepends=True) for text in (self.before, self.after))
        lines = difflib.unified_diff(before, after, f"a/{self.name}", f"b/{self.name}")
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


@dataclass(frozen=True)
class Plan:
    """What an export would do. `places` has, for each `New`, where it comes to stand; `refused` why not."""

    changes: tuple[Change, ...]
    places: dict[New, str]
    refused: dict[New, Problem]


@dataclass(frozen=True)
class NluFile:
    """One file, parsed."""

    path: Path
    name: str
    text: str
    blocks: tuple[_Block, ...]
    listed: tuple[Known, ...]  # examples in a form that nothing is inserted into

    def known(self) -> Iterator[Known]:
        yield from self.listed
        for block in self.blocks:
            for line, text in block.examples:
                yield Known(text, block.intent, f"{self.name}:{line}")


@dataclass(frozen=True)
class NluFiles:
    """All files of the folder at one moment."""

    files: tuple[NluFile, ...]

    @property
    def intents(self) -> list[str]:
        """Those that examples can be added to."""
        return sorted({block.intent for file in self.files for block in file.blocks})

    def find(self, text: str) -> Known | None:
        """The example that says the same already, whatever its intent."""
        wanted = key(text)
        return next((one for file in self.files for one in file.known() if key(one.text) == wanted), None)

    def plan(self, wanted: Sequence[New]) -> Plan:
        """Where each would go. Duplicates, and intents without a block, are refused one by one."""
        there = {key(one.text): one for file in reversed(self.files) for one in file.known()}
        taken: dict[tuple[Path, int], list[New]] = {}
        refused: dict[New, Problem] = {}
        for new in wanted:
            found, block = there.get(key(new.text)), self._block(new)
            if found:
                refused[new] = Problem("duplicate", place=found.place, intent=found.intent)
            elif block is None:
                refused[new] = Problem("no_block", intent=new.intent)
            else:
                there[key(new.text)] = Known(new.text, new.intent, block[0].name)
                taken.setdefault((block[0].path, block[1].end), []).append(new)
        changes: list[Change] = []
        places: dict[New, str] = {}
        for file in self.files:
            inserted = {end: news for (path, end), news in taken.items() if path == file.path}
            if inserted:
                changes.append(_insert(file, inserted))
                places |= _places(file, inserted)
        return Plan(tuple(changes), places, refused)

    def _block(self, new: New) -> tuple[NluFile, _Block] | None:
        """The intent's last block in the example's language, else its last block."""
        found = [(file, block) for file in self.files for block in file.blocks if block.intent == new.intent]
        same = [pair for pair in found if pair[1].language() == new.language]
        return (same or found)[-1] if found else None


def digest(content: bytes) -> str:
    """A file's hash, as a page shows it back to say what it has seen."""
    return hashlib.sha256(content).hexdigest()


# --- reading -----------------------------------------------------------------------------------------------


def read_folder(folder: Path) -> NluFiles:
    """Problem `bad_yaml` for a file that cannot be read as what it should be."""
    root = folder.parent.parent
    paths = sorted(path for path in folder.rglob("*.y*ml") if path.suffix in (".yml", ".yaml"))
    return NluFiles(tuple(read_file(path, path.relative_to(root).as_posix()) for path in paths))


def read_file(path: Path, name: str) -> NluFile:
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise Problem("bad_yaml", place=name, why=f"UTF-8: {error.reason}") from error
    return _parse(path, name, text)


def _parse(path: Path, name: str, text: str) -> NluFile:
    blocks: list[_Block] = []
    listed: list[Known] = []
    for intent, examples in _intents(text, name):
        if isinstance(examples, yaml.ScalarNode) and examples.style == "|":
            blocks.append(_read_block(text, intent, examples))
        else:
            listed += _listed(intent, examples, name)
    return NluFile(path, name, text, tuple(blocks), tuple(listed))


def _intents(text: str, name: str) -> Iterator[tuple[str, yaml.Node]]:
    """Every intent of a file with the node of its examples."""
    try:
        document = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Problem("bad_yaml", place=f"{name}:{line}", why=error.problem or "?") from error
    except yaml.YAMLError as error:
        raise Problem("bad_yaml", place=name, why=str(error).splitlines()[0]) from error
    items = _fields(document).get("nlu")
    for item in items.value if isinstance(items, yaml.SequenceNode) else ():
        fields = _fields(item)
        if "intent" in fields and "examples" in fields:
            yield str(fields["intent"].value), fields["examples"]


def _fields(node: yaml.Node | None) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {str(name.value): value for name, value in node.value}


def _listed(intent: str, examples: yaml.Node, name: str) -> list[Known]:
    """Examples in Rasa's other forms: a list of `text: ...`, or a quoted string."""
    nodes = examples.value if isinstance(examples, yaml.SequenceNode) else [examples]
    found = []
    for node in nodes:
        text = _fields(node).get("text", node)
        if isinstance(text, yaml.ScalarNode):
            lines = (line.lstrip("- ").strip() for line in text.value.splitlines())
            found += [Known(line, intent, f"{name}:{node.start_mark.line + 1}") for line in lines if line]
    return found


def _read_block(text: str, intent: str, node: yaml.ScalarNode) -> _Block:
    """`|` and what follows, up to the last line that is not blank."""
    start, stop = node.start_mark.index, node.end_mark.index
    lines = [(found.start(), found[0]) for found in _LINE.finditer(text, start, stop) if found[0]]
    header, *rest = lines
    content = [(at, line) for at, line in rest if line.strip()]
    at, last = content[-1] if content else header
    first = content[0][1] if content else ""
    # What YAML took away from the first line is what it takes from all of them.
    said = next((line for line in node.value.splitlines() if line.strip()), "")
    indent = first[: len(first.rstrip(_BREAKS)) - len(said)] or " " * (_column(text, start) + 2)
    numbers = {begin: node.start_mark.line + 1 + n for n, (begin, _) in enumerate(lines)}
    examples = ((numbers[begin], line.strip()) for begin, line in content)
    return _Block(
        intent=intent,
        line=node.start_mark.line + 1,
        end=at + len(last),
        indent=indent,
        newline=_newline(last) or _newline(header[1]) or "\n",
        complete=last != last.rstrip(_BREAKS),
        examples=tuple((n, _ENTITY.sub(r"\1", one[1:].strip())) for n, one in examples if one[:1] == "-"),
    )


def _newline(line: str) -> str:
    return line[len(line.rstrip(_BREAKS)) :]


def _column(text: str, index: int) -> int:
    """Of the key that a value on the same line belongs to."""
    begin = max(text.rfind(mark, 0, index) for mark in _BREAKS) + 1
    line = text[begin:index]
    return len(line) - len(line.lstrip(" -"))


# --- writing -----------------------------------------------------------------------------------------------


def _insert(file: NluFile, inserted: dict[int, list[New]]) -> Change:
    after = file.text
    for block in sorted(file.blocks, key=lambda block: -block.end):
        lines = [f"{block.indent}- {new.text}{block.newline}" for new in inserted.get(block.end, ())]
        if lines:
            before = "" if block.complete else block.newline
            after = after[: block.end] + before + "".join(lines) + after[block.end :]
    change = Change(file.path, file.name, file.text, after, sum(map(len, inserted.values())))
    _check(file, inserted, change)
    return change


def _places(file: NluFile, inserted: dict[int, list[New]]) -> dict[New, str]:
    places: dict[New, str] = {}
    above = 0
    for block in sorted(file.blocks, key=lambda block: block.end):
        news = inserted.get(block.end, [])
        line = len([found for found in _LINE.finditer(file.text, 0, block.end) if found[0]]) + above
        places |= {new: f"{file.name}:{line + n}" for n, new in enumerate(news, 1)}
        above += len(news)
    return places


def _check(file: NluFile, inserted: dict[int, list[New]], change: Change) -> None:
    """What was there, plus the new lines; anything else would be a mistake of ours."""
    expected = [
        [text for _, text in block.examples] + [new.text for new in inserted.get(block.end, ())]
        for block in file.blocks
    ]
    after = _parse(file.path, file.name, change.after)
    found = [[text for _, text in block.examples] for block in after.blocks]
    if found != expected:
        raise RuntimeError(f"the new text of {file.name} does not say what it should")
