"""Real conversations as test stories: what is kept, what is masked, and that Rasa's own reader takes them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from support.store import Store
from support.training.problems import Problem
from support.training.project import rasa_environment
from tests.training_rig import Rig, open_rig
from tools.environments import ROOT, python_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

RECORDED = ROOT / "tests" / "dialogue" / "recorded"


def user(text: str, intent: str | None, message_id: str = "m") -> dict[str, Any]:
    parsed = {"intent": {"name": intent}} if intent else {"intent": {}}
    return {"event": "user", "text": text, "message_id": message_id, "parse_data": parsed}


def action(name: str) -> dict[str, Any]:
    return {"event": "action", "name": name}


EVENTS: list[dict[str, Any]] = [
    action("action_session_start"),
    {"event": "session_started"},
    action("action_listen"),
    user("退款 7203684758741 尾号0131", "refund", "m1"),
    {"event": "slot", "name": "order_id", "value": "7203684758741"},
    action("refund_form"),
    {"event": "active_loop", "name": "refund_form"},
    {"event": "bot", "text": "是什么原因要退呢？"},
    action("action_listen"),
    user('"坏的": [盒子](box)也扁了', "inform", "m2"),
    action("refund_form"),
    {"event": "active_loop", "name": None},
    action("action_listen"),
    user("在吗？我跟您说", None, "m3"),
]


@pytest_asyncio.fixture
async def rig(store: Store, tmp_path: Path) -> AsyncIterator[Rig]:
    opened = open_rig(tmp_path, store)
    yield opened
    await opened.training.close()


async def test_a_conversation_becomes_a_story_without_personal_data(rig: Rig) -> None:
    told = await rig.training.conversations.prepare("talk", EVENTS, "退款: “坏的”", intents={"m2": "refund"})
    (story,) = yaml.safe_load(told.yaml)["stories"]
    assert story == {
        "story": "退款: “坏的”",
        "steps": [
            {"user": "退款 6203847501926 尾号2260\n", "intent": "refund"},
            {"action": "refund_form"},
            {"active_loop": "refund_form"},
            {"user": '"坏的": [盒子] (box)也扁了\n', "intent": "refund"},
            {"action": "refund_form"},
            {"active_loop": None},
        ],
    }


async def test_it_is_saved_once_under_its_name(rig: Rig) -> None:
    told = await rig.training.conversations.prepare("talk", EVENTS, "Broken box / 2")
    place = await rig.training.conversations.save(told)
    assert place == "tests/dialogue/recorded/test_broken_box_2.yml"
    assert (rig.folder / place).read_text(encoding="utf-8") == told.yaml
    with pytest.raises(Problem, match=r"of this name: tests/dialogue/recorded/test_broken_box_2\.yml"):
        await rig.training.conversations.save(told)


async def test_a_conversation_without_a_customers_words_is_refused(rig: Rig) -> None:
    with pytest.raises(Problem, match="says nothing"):
        await rig.training.conversations.prepare("talk", EVENTS[:3], "empty")


async def test_rasas_reader_takes_what_is_saved_and_every_recorded_file(rig: Rig) -> None:
    told = await rig.training.conversations.prepare("talk", EVENTS, "late parcel")
    saved = rig.folder / await rig.training.conversations.save(told)
    paths = [saved, *sorted(RECORDED.glob("test_*.yml"))]
    done = subprocess.run(
        [str(python_of("rasa")), "-m", "tests.unit.rasa_reader_probe", "story", *map(str, paths)],
        capture_output=True, text=True, cwd=ROOT, env=rasa_environment(), check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    first, *others = json.loads(done.stdout.splitlines()[-1])
    assert ["late parcel", "user", "refund: 退款 6203847501926 尾号2260"] in first
    assert ["late parcel", "action", "refund_form"] in first
    assert all(others)
    assert len(others) == len(paths) - 1 >= 2
