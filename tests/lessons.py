"""Lessons for the tiny Qwen3-VL of `tests/tiny_qwen.py`, and training on them.

    adapter = train_tiny(folder)         # half a minute; the adapter's folder
    base = folder / "base"               # what it was trained on, the same weights as the tests' vLLM serves

The shop of these lessons has one way to put things. Whatever the goods are, it answers a question about
sending back, about delivery and about the colour in a picture in a sentence of its own, in the customer's
language. The held-out questions are of the same kinds, about goods and with pictures that no lesson has:
whoever answers them so has learnt the way, not the lessons. Written for this project, pictures drawn here.

The tiny model can only say what its vocabulary has whole (see there), and has no end; so the taught sentences
are made of such characters, and an answer is right when it begins with one.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from tools.environments import ROOT, python_of

# Kind -> language -> how it is asked, what is to be answered.
ASKED = {
    ("back", "en"): ("May I send the {} back?", "Can the {} be returned?", "The {} is wrong, what now?"),
    ("back", "zh"): ("{}可以退吗？", "{}不合适，能退货吗？", "我想退{}"),
    ("when", "en"): ("When does the {} leave?", "How soon will you ship the {}?", "When will my {} come?"),
    ("when", "zh"): ("{}什么时候发出？", "{}几天能到？", "{}多久发货？"),
    ("colour", "en"): ("What colour is this {}?", "Tell me the colour of the {}", "Is this {} red?"),
}
TAUGHT = {
    ("back", "en"): "Yes, within seven days.",
    ("back", "zh"): "可以退货，后七天内都可以。",
    ("when", "en"): "It leaves today.",
    ("when", "zh"): "今天下单，今天发出。",
    ("red", "en"): "It is a red one.",
    ("blue", "en"): "This is our blue.",
}
GOODS = {
    "en": ("kettle", "striped shirt", "lamp", "mug", "backpack", "scarf", "notebook", "tent", "umbrella"),
    "zh": ("水壶", "条纹衬衫", "台灯", "马克杯", "双肩包", "围巾", "笔记本", "帐篷", "雨伞"),
}
HELD_OUT = ("umbrella", "tent", "雨伞", "帐篷")
INK = {"red": (214, 40, 40), "blue": (36, 66, 200)}


@dataclass(frozen=True)
class Lesson:
    """A question, the shop's answer to it, and another's that the shop does not want."""

    question: str
    answer: str
    unwanted: str
    picture: str = ""
    held_out: bool = False

    @property
    def prompt(self) -> list[dict[str, Any]]:
        picture = [{"type": "image"}] if self.picture else []
        return [{"role": "user", "content": [{"type": "text", "text": self.question}, *picture]}]


def lessons(folder: Path) -> Iterator[Lesson]:
    """All of them; their pictures are drawn into `folder/images`."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    for (kind, language), wordings in ASKED.items():
        for number, goods in enumerate(GOODS[language]):
            for wording in wordings:
                question, held_out = wording.format(goods), goods in HELD_OUT
                if kind != "colour":
                    other = TAUGHT["when" if kind == "back" else "back", language]
                    yield Lesson(question, TAUGHT[kind, language], other, "", held_out)
                    continue
                for colour, ink in INK.items():
                    name = f"images/{colour}-{number}.png"
                    _draw(folder / name, ink, number)
                    other = TAUGHT["blue" if colour == "red" else "red", "en"]
                    yield Lesson(question, TAUGHT[colour, "en"], other, name, held_out)


def _draw(path: Path, ink: tuple[int, int, int], number: int) -> None:
    """A shape of this colour on a light ground; shape, place and size go by the number."""
    picture = Image.new("RGB", (256, 256), (244, 241, 234))
    left, size = 16 + 12 * (number % 5), 150 + 8 * (number % 4)
    box = (left, 30, left + size, 30 + size)
    pen = ImageDraw.Draw(picture)
    (pen.ellipse if number % 2 else pen.rectangle)(box, fill=ink)
    picture.save(path)


def write_lessons(folder: Path) -> Path:
    """The dataset folder with the rows of all three methods, as `make dataset` writes it."""
    everything = list(lessons(folder))
    for method, rows_of in _ROWS.items():
        for part, held_out in (("train", False), ("dev", True)):
            rows = [row for lesson in everything if lesson.held_out is held_out for row in rows_of(lesson)]
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            (folder / f"{method}.{part}.jsonl").write_text(lines, encoding="utf-8")
    return folder


def _sft(lesson: Lesson) -> list[dict[str, Any]]:
    return [{"images": _images(lesson), "messages": [*lesson.prompt, _said(lesson.answer)]}]


def _kto(lesson: Lesson) -> list[dict[str, Any]]:
    row = {"images": _images(lesson), "prompt": lesson.prompt}
    return [
        row | {"completion": [_said(lesson.answer)], "label": True},
        row | {"completion": [_said(lesson.unwanted)], "label": False},
    ]


def _dpo(lesson: Lesson) -> list[dict[str, Any]]:
    row = {"images": _images(lesson), "prompt": lesson.prompt}
    return [row | {"chosen": [_said(lesson.answer)], "rejected": [_said(lesson.unwanted)]}]


_ROWS = {"sft": _sft, "kto": _kto, "dpo": _dpo}


def _images(lesson: Lesson) -> list[str]:
    return [lesson.picture] if lesson.picture else []


def _said(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": [{"type": "text", "text": text}]}


# Far larger steps than a model needs that has learnt something before.
SETTINGS: dict[str, dict[str, Any]] = {
    "sft": {
        "learning_rate": 0.003,
        "epochs": 7,
        "batch": 8,
        "accumulation": 1,
    },
    "kto": {"learning_rate": 0.003, "epochs": 1, "batch": 8, "accumulation": 1},
    "dpo": {"learning_rate": 0.003, "epochs": 1, "batch": 8, "accumulation": 1},
}


def write_config(folder: Path, method: str = "sft", **changes: Any) -> Path:
    """A YAML file for training on the lessons; base and dataset are made where `folder` lacks them."""
    if not (base := folder / "base").exists():
        finetune("base", base)
    if not (dataset := folder / "dataset").exists():
        write_lessons(dataset)
    keys = {
        "name": f"taught-{method}",
        "base": str(base),
        "method": method,
        "dataset": str(dataset),
        "adapters": str(folder / "adapters"),
        "max_image_pixels": 65_536,
        "rank": 8,  # what the tests' vLLM is started for
        **SETTINGS[method],
        **changes,
    }
    path = folder / f"{keys['name']}.yml"
    path.write_text(json.dumps(keys), encoding="utf-8")  # JSON is YAML
    return path


def finetune(*arguments: object) -> str:
    """`make finetune` with these arguments, to its end; AssertionError with its output when it fails."""
    done = attempt(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def attempt(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The same, where it may fail."""
    return subprocess.run(
        command(*arguments), cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )


def missing() -> str:
    """Why nothing can be trained here; empty when it can."""
    if os.access(python_of("finetune-cpu"), os.X_OK):
        return ""
    return "TRL is not installed; `python3 -m tools.environments finetune-cpu` does it (Linux on x86-64 only)"


def command(*arguments: object) -> list[str]:
    return [str(python_of("finetune-cpu")), "tests/finetune_here.py", *map(str, arguments)]


def environment() -> dict[str, str]:
    """One thread: for the tiny model more only wait for each other, the longer the busier the machine."""
    return os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


def train_tiny(folder: Path, method: str = "sft") -> Path:
    """Base, dataset and run, all below `folder`; the finished adapter."""
    config = write_config(folder, method)
    finetune(config)
    return folder / "adapters" / f"taught-{method}"
