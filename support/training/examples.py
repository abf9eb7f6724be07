"""Examples for the training: collected from conversations, then written into the project's own files.

An example is `new` until it stands in a file (`exported`) or is `dropped`, which can be undone. The export
is a run (`support.training.runs`): it adds the lines to a copy of the dialogue's files, lets Rasa validate
that copy, and only then replaces the files. So a file that somebody edited meanwhile is read again, and
whatever goes wrong, files and examples are as they were.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from support.personal.records import of_conversation
from support.store import Store, TrainingExample
from support.store.training import ExampleState
from support.training import files, text
from support.training.problems import Problem
from support.training.project import Project
from support.training.runs import CommandFailed, Progress, Runs
from support.training.yaml_files import New, NluFiles, Plan, digest, read_folder

_TRIES = 3
_FINDINGS = 5


@dataclass(frozen=True)
class FileDiff:
    """What an export would do to a file. `seen` is the hash of the file that it was made for."""

    name: str
    diff: str
    added: int
    seen: str


@dataclass(frozen=True)
class Refused:
    """A waiting example that cannot be written as it is."""

    example: TrainingExample
    problem: Problem


@dataclass(frozen=True)
class Preview:
    """An export before it happens. `seen` goes into `export`."""

    files: tuple[FileDiff, ...]
    refused: tuple[Refused, ...]

    @property
    def seen(self) -> dict[str, str]:
        return {one.name: one.seen for one in self.files}


class Examples:
    """Examples of one project. Every text is masked before it is kept; see `support.personal.examples`."""

    def __init__(self, store: Store, project: Project, runs: Runs, clock: Callable[[], datetime]) -> None:
        self._store, self._project, self._runs, self._clock = store, project, runs, clock

    async def intents(self) -> list[str]:
        """What an example may mean."""
        return (await self._files()).intents

    async def masked(self, words: str, conversation_id: str = "") -> str:
        """What would be kept of these words, for a page to show before anybody decides."""
        if not conversation_id:
            return text.example(words)
        return text.example(words, await of_conversation(self._store, conversation_id))

    async def add(
        self,
        words: str,
        intent: str,
        language: str,
        staff: str,
        *,
        conversation_id: str | None = None,
        message_id: str | None = None,
    ) -> TrainingExample:
        """Keep an example; adding the same again gives the one that waits already.

        Problem: empty, too_long, unknown_intent, duplicate (names file and line), waiting_duplicate.
        """
        said = await self.masked(words, conversation_id or "")
        _check_length(said)
        there = await self._files()
        if intent not in there.intents:
            raise Problem("unknown_intent", intent=intent, known=", ".join(there.intents))
        if found := there.find(said):
            raise Problem("duplicate", place=found.place, intent=found.intent)
        key = text.key(said)
        async with self._store.writing() as unit:
            await unit.training_examples.add(
                said, key, intent, language, staff, self._clock(),
                conversation_id=conversation_id, message_id=message_id,
            )  # fmt: skip
            kept = await unit.training_examples.waiting(key)
        assert kept
        if kept.intent != intent:
            raise Problem("waiting_duplicate", intent=kept.intent)
        return kept

    async def listed(self, state: ExampleState = "new") -> list[TrainingExample]:
        """The oldest first."""
        async with self._store.reading() as unit:
            return await unit.training_examples.listed(state)

    async def drop(self, example_id: int) -> None:
        """Take a waiting example out. Problem: unknown_example, not_waiting."""
        await self._move(example_id, "new", "dropped", "not_waiting")

    async def undo(self, example_id: int) -> None:
        """Let a dropped example wait again. Problem: unknown_example, not_dropped, waiting_duplicate."""
        async with self._store.reading() as unit:
            found = await unit.training_examples.get(example_id)
            other = await unit.training_examples.waiting(found.key) if found else None
        if found and found.state == "dropped" and other:
            raise Problem("waiting_duplicate", intent=other.intent)
        await self._move(example_id, "dropped", "new", "not_dropped")

    async def _move(self, example_id: int, before: ExampleState, after: ExampleState, otherwise: str) -> None:
        async with self._store.writing() as unit:
            if await unit.training_examples.get(example_id) is None:
                raise Problem("unknown_example")
            if not await unit.training_examples.move(example_id, before, after, self._clock()):
                raise Problem(otherwise)

    # --- into the files ----------------------------------------------------------------------------------

    async def preview(self) -> Preview:
        """What `export` would do now. Problem `bad_yaml` names file and line."""
        waiting = await self.listed()
        plan = (await self._files()).plan(_new(waiting))
        diffs = tuple(FileDiff(one.name, one.diff(), one.added, one.seen) for one in plan.changes)
        refused = tuple(
            Refused(example, plan.refused[new])
            for example, new in zip(waiting, _new(waiting), strict=True)
            if new in plan.refused
        )
        return Preview(diffs, refused)

    async def download(self) -> str:
        """All new examples as a training file of their own, for installations whose files are read-only."""
        blocks: dict[tuple[str, str], list[str]] = {}
        for one in await self.listed():
            blocks.setdefault((one.intent, one.language), []).append(f"      - {one.text}\n")
        parts = [
            f"\n  - intent: {json.dumps(intent, ensure_ascii=False)}\n    examples: |\n{''.join(lines)}"
            for (intent, _), lines in sorted(blocks.items())
        ]
        return 'version: "3.1"\n\nnlu:' + ("".join(parts) or " []\n")

    async def export(self, staff: str, seen: Mapping[str, str] | None = None) -> int:
        """Start writing the new examples into the files; the run's id.

        `seen` is `Preview.seen`: files that changed since are named in the result as `merged`, with the
        lines put into their new text. The result: `{files: [{name, added}], exported,
        refused: [{id, text, zh, en}], merged: [name]}`.

        Problem: nothing_new, bad_yaml, read_only, busy; in the run also invalid_data, keeps_changing.
        """
        waiting, known = await self.listed(), seen or {}
        if not waiting:
            raise Problem("nothing_new")
        for change in (await self._files()).plan(_new(waiting)).changes:
            _check_writable(change.path)
        return await self._runs.start("export", staff, "", lambda progress: self._export(progress, known))

    async def _export(self, progress: Progress, seen: Mapping[str, str]) -> dict[str, Any]:
        name = ""
        for _ in range(_TRIES):
            waiting = await self.listed()
            plan = (await self._files()).plan(_new(waiting))
            if plan.changes:
                await self._validate(plan, progress)
            if await asyncio.to_thread(_are_as_read, plan):
                # To the end, whoever cancels: files with lines whose examples still wait would not agree.
                return await asyncio.shield(self._write(plan, waiting, seen))
            name = plan.changes[0].name
            progress.say(f"{name} was edited meanwhile; once more")
        raise Problem("keeps_changing", path=name)

    async def _validate(self, plan: Plan, progress: Progress) -> None:
        """Let Rasa look at a copy of the dialogue's files with the changes in it."""
        with tempfile.TemporaryDirectory(prefix="shopclerk-") as scratch:
            copy = Project(Path(scratch), self._project.models)
            await asyncio.to_thread(_copy, self._project.folder, Path(scratch))
            for change in plan.changes:
                (copy.folder / change.name).write_bytes(change.after.encode())
            try:
                await progress.run(copy.validate_command())
            except CommandFailed as error:
                raise Problem("invalid_data", why=findings(error.output, scratch)) from error

    async def _write(
        self, plan: Plan, waiting: Sequence[TrainingExample], seen: Mapping[str, str]
    ) -> dict[str, Any]:
        contents = {change.path: change.after.encode() for change in plan.changes}
        try:
            await asyncio.to_thread(files.write_all, contents)
        except OSError as error:
            path = error.filename or plan.changes[0].name
            raise Problem("read_only", path=Path(path).name, why=error.strerror) from error
        refused, exported = [], 0
        async with self._store.writing() as unit:
            for one, new in zip(waiting, _new(waiting), strict=True):
                if place := _place(plan, new):
                    await unit.training_examples.move(one.id, "new", "exported", self._clock(), place)
                    exported += 1
                else:
                    refused.append({"id": one.id, "text": one.text} | plan.refused[new].as_result())
        return {
            "files": [{"name": change.name, "added": change.added} for change in plan.changes],
            "exported": exported,
            "refused": refused,
            "merged": [one.name for one in plan.changes if seen.get(one.name, one.seen) != one.seen],
        }

    async def _files(self) -> NluFiles:
        return await asyncio.to_thread(read_folder, self._project.nlu)


def _new(examples: Sequence[TrainingExample]) -> list[New]:
    return [New(one.text, one.intent, one.language) for one in examples]


def _place(plan: Plan, new: New) -> str | None:
    """Where it stands now: written by this plan, or by hand with the same intent before."""
    problem = plan.refused.get(new)
    if problem is None:
        return plan.places[new]
    by_hand = problem.code == "duplicate" and problem.values["intent"] == new.intent
    return str(problem.values["place"]) if by_hand else None


def _check_length(said: str) -> None:
    if not said:
        raise Problem("empty")
    if len(said) > text.LONGEST:
        raise Problem("too_long", limit=text.LONGEST, length=len(said))


def _check_writable(path: Path) -> None:
    """Before minutes of work, not after: the folder, since a file is replaced and not changed in place."""
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise Problem("read_only", path=path.name, why=error.strerror) from error


def _are_as_read(plan: Plan) -> bool:
    return all(one.path.exists() and digest(one.path.read_bytes()) == one.seen for one in plan.changes)


def _copy(project: Path, to: Path) -> None:
    shutil.copy(project / "config.yml", to)
    for folder in ("domain", "data"):
        shutil.copytree(project / folder, to / folder, dirs_exist_ok=True)


# Rasa says these of every project like ours, also of a valid one.
_ALWAYS_SAID = ("is not used in any story or rule", "lookup table")


def findings(output: str, folder: str) -> str:
    """What Rasa's validation complains of, without its noise and without our temporary folder."""
    said = [line.split("UserWarning:", 1)[-1].strip() for line in output.splitlines() if line.strip()]
    warned = [
        line.split("UserWarning:", 1)[1].strip()
        for line in output.splitlines()
        if "UserWarning:" in line and not any(always in line for always in _ALWAYS_SAID)
    ]
    return "; ".join(dict.fromkeys((warned or said[-_FINDINGS:])[:_FINDINGS])).replace(f"{folder}/", "")
