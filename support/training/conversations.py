"""A real conversation as a test of the dialogue: Rasa's own test stories, with personal data masked.

    told = await conversations.prepare(conversation_id, events, "late parcel")
    place = await conversations.save(told)          # tests/dialogue/recorded/test_late_parcel.yml

`events` are the tracker's, as Rasa gives them. What the customer wrote, what it meant and what the assistant
did is kept; `tests/dialogue/recorded/test_recorded.py` says every such file again to the running system.
"""

from __future__ import annotations

import asyncio
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.personal import Known, stand_ins
from support.personal.records import of_conversation
from support.store import Store
from support.training import text
from support.training.problems import Problem
from support.training.project import Project

Events = Sequence[Mapping[str, Any]]

FOLDER = Path("tests") / "dialogue" / "recorded"
# What Rasa does by itself, in every turn.
_SILENT = frozenset({"action_listen", "action_session_start", "action_extract_slots"})
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Recorded:
    """A test conversation: the file's name and its text, for a page to show before it is saved."""

    file: str
    yaml: str


class Conversations:
    """Test conversations of one project."""

    def __init__(self, store: Store, project: Project) -> None:
        self._store, self._project = store, project

    async def prepare(
        self,
        conversation_id: str,
        events: Events,
        name: str,
        *,
        intents: Mapping[str, str] | None = None,
    ) -> Recorded:
        """`intents` says what messages really meant, by message id, where the model was wrong.

        Problem `nothing_said`.
        """
        known = await of_conversation(self._store, conversation_id)
        steps = list(_steps(events, known, intents or {}))
        if not any(step.startswith("  - user:") for step in steps):
            raise Problem("nothing_said")
        title = re.sub(r"\s+", " ", stand_ins(name, known)).strip() or conversation_id[:8]
        story = f'version: "3.1"\n\nstories:\n- story: {json.dumps(title, ensure_ascii=False)}\n  steps:\n'
        return Recorded(f"test_{_slug(title)}.yml", story + "".join(steps))

    async def save(self, recorded: Recorded) -> str:
        """Write it; its place. Problem: name_taken, read_only."""
        path = self._project.folder / FOLDER / recorded.file
        place = (FOLDER / recorded.file).as_posix()
        try:
            await asyncio.to_thread(_create, path, recorded.yaml)
        except FileExistsError as error:
            raise Problem("name_taken", place=place) from error
        except OSError as error:
            raise Problem("read_only", path=place, why=error.strerror) from error
        return place


def _create(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(content)


def _steps(events: Events, known: Known, intents: Mapping[str, str]) -> Iterator[str]:
    heard, form = False, ""
    for event in events:
        kind, name = event.get("event"), str(event.get("name") or "")
        if kind == "user":
            # Without an intent it was said to a person: nothing that the assistant did.
            intent = intents.get(str(event.get("message_id"))) or _intent(event)
            heard = bool(intent)
            if intent:
                said = text.example(str(event.get("text") or ""), known)
                yield f"  - user: |\n      {said}\n    intent: {_plain(intent)}\n"
        elif kind == "action" and heard and name and name not in _SILENT:
            yield f"  - action: {_plain(name)}\n"
        elif kind == "active_loop" and heard and name != form:
            form = name
            yield f"  - active_loop: {_plain(name) if name else 'null'}\n"


def _intent(event: Mapping[str, Any]) -> str:
    parsed = event.get("parse_data") or {}
    return str((parsed.get("intent") or {}).get("name") or "")


def _plain(name: str) -> str:
    """A name as YAML reads it; ours need no quotes, but who knows theirs."""
    return name if re.fullmatch(r"[A-Za-z_][\w-]*", name, re.ASCII) else json.dumps(name, ensure_ascii=False)


def _slug(title: str) -> str:
    folded = unicodedata.normalize("NFKC", title).lower()
    return re.sub(r"\W+", "_", folded).strip("_")[:_LONGEST_NAME].strip("_") or "conversation"
