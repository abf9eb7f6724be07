"""What a run would do, counted before it does it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from llm_server import Trouble
from llm_server.finetune import plan
from llm_server.finetune.config import Config
from llm_server.finetune.rows import Message, Row


class FakeProcessor:
    """A token for each character, a picture's for each 32 x 32 pixels."""

    image_processor = SimpleNamespace(
        merge_size=2, get_number_of_image_patches=lambda height, width, _: height * width // 256
    )

    def apply_chat_template(self, messages: list[Message], tokenize: bool) -> str:
        texts = [part.get("text", "#") for message in messages for part in message["content"]]
        return "".join(texts)

    def tokenizer(self, text: str, add_special_tokens: bool) -> dict[str, list[int]]:
        return {"input_ids": [ord(character) for character in text]}


def config(**keys: Any) -> Config:
    return Config.model_validate({"name": "winter", "base": "base", "method": "sft"} | keys)


def row(answer: str, *images: Path) -> Row:
    content = [*({"type": "image"} for _ in images), {"type": "text", "text": "why?"}]
    return Row(images, ({"role": "user", "content": content},), {"completion": answer})


def test_a_picture_counts_by_its_size(tmp_path: Path) -> None:
    Image.new("RGB", (64, 96)).save(tmp_path / "a.png")
    assert plan.length(row("so", tmp_path / "a.png"), FakeProcessor()) == len("why?so") + 2 * 3


def test_of_two_answers_the_longer_counts() -> None:
    pair = Row((), row("").prompt, {"chosen": "no", "rejected": "certainly"})
    assert plan.length(pair, FakeProcessor()) == len("why?certainly")


def test_rows_that_are_too_long_are_left_out_and_counted() -> None:
    fitted = plan.fitted(
        [row("x" * 10), row("x" * 100)], config(max_length=64), FakeProcessor(), "learn from"
    )
    assert (len(fitted.rows), fitted.lengths, fitted.too_long) == (1, (14,), 1)


def test_where_no_row_fits_the_shortest_is_named() -> None:
    with pytest.raises(Trouble, match="within max_length: 64 tokens; the shortest has 104"):
        plan.fitted([row("x" * 100)], config(max_length=64), FakeProcessor(), "learn from")


def test_what_is_no_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(Trouble, match=r"a\.png cannot be read as a picture"):
        plan.length(row("so", tmp_path / "a.png"), FakeProcessor())


@pytest.mark.parametrize(("rows", "steps"), [(16, 3), (17, 6), (1, 3)])
def test_a_step_is_begun_for_every_row(rows: int, steps: int) -> None:
    assert plan.steps(rows, config(batch=2, accumulation=8, epochs=3)) == steps


def test_longer_rows_need_more_memory() -> None:
    known = {"weights": 10**9, "trained": 10**6, "width": 8192, "layers": 36}
    short = plan.memory_bytes(**known, tokens=1000)
    assert 10**9 < short < plan.memory_bytes(**known, tokens=2000)
