"""`python -m support.dataset` as a shop runs it, and what TRL makes of its files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from support.store import Store
from tests.feedback import QUESTION, Feedback
from tools.environments import ROOT, python_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
_WITHIN_S = 300


@pytest_asyncio.fixture
async def shop(store: Store, tmp_path: Path) -> Feedback:
    return await Feedback.of(store, tmp_path)


def run(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "SHOPCLERK_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}",
        "SHOPCLERK_VAR": str(tmp_path),
    }
    command = [sys.executable, "-m", "support.dataset", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_WITHIN_S, check=False
    )


async def test_with_nothing_to_export_it_says_how_to_get_something(shop: Feedback, tmp_path: Path) -> None:
    done = run(tmp_path, "--out", str(tmp_path / "dataset"))
    assert done.returncode == 1
    assert "Reviewers judge at the desk" in done.stdout
    assert not (tmp_path / "dataset").exists()


async def test_it_exports_reports_and_checks(shop: Feedback, tmp_path: Path) -> None:
    folder = tmp_path / "dataset"
    await shop.judge(await shop.answered())
    talk = await shop.judge(await shop.answered("能退吗"), "bad", better="30 天内都能退。")
    done = run(tmp_path, "--out", str(folder))
    assert done.returncode == 0, done.stderr
    assert "Verdicts: 2 of reviewers." in done.stdout
    assert f"30 天  ->  /desk/review/{talk.conversation_id}" in done.stdout
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["counts"]["sft.train.jsonl"] == 1
    checked = run(tmp_path, "--check", str(folder))
    assert (checked.returncode, checked.stdout) == (0, f"{folder}: all is well\n")
    (folder / "kto.train.jsonl").write_text("")
    assert run(tmp_path, "--check", str(folder)).returncode == 1


async def test_the_trainers_library_reads_and_renders_every_file(shop: Feedback, tmp_path: Path) -> None:
    python = python_of("finetune-cpu")
    if not os.access(python, os.X_OK):
        missing = "NOT TESTED: TRL is not installed; `python3 -m tools.environments finetune-cpu` does it"
        pytest.fail(missing, pytrace=False) if os.environ.get("CI") else pytest.skip(missing)
    await _one_of_each(shop)
    folder, work = tmp_path / "dataset", tmp_path / "work"
    await shop.export(folder)
    done = subprocess.run(
        [str(python), "tests/integration/trainer_probe.py", str(folder), str(work)],
        cwd=ROOT,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "PYTHONPATH": "tests"},
        capture_output=True,
        text=True,
        timeout=_WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, list[Any]] = json.loads(done.stdout.splitlines()[-1])
    assert sorted(told) == ["dpo.train.jsonl", "kto.train.jsonl", "sft.train.jsonl"]
    for rows in told.values():
        assert sorted(pictures for _, pictures, _ in rows) == [0, 1]
        assert all(length > 50 and QUESTION[:3] in text for length, _, text in rows)


async def _one_of_each(shop: Feedback) -> None:
    """A better answer with a picture in its prompt, and one without."""
    talk = await shop.answered()
    await shop.picture(talk.conversation_id)
    picture = {"type": "image_url", "image_url": {"url": f"attachment:{'a' * 32}"}}
    text = {
        "type": "text",
        "text": f"<passages>\n[1] 退货政策\n签收后 7 天内可以退货。\n</passages>\n{QUESTION}",
    }
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "你是客服。"},
        {"role": "user", "content": [picture, text]},
    ]
    await shop.asked_model(talk, messages, talk.said)
    await shop.judge(talk, "bad", better="签收后 7 天内能退。")
    await shop.judge(await shop.answered(f"{QUESTION}急"), "bad", better="签收后 7 天内可以退。")
