"""What a run would do, before it does it: rows, tokens, steps, what is trained, memory.

Rows that are longer than `max_length` are left out whole and counted: cut off, they would teach answers
without an end, or pictures without their pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from llm_server import Trouble
from llm_server.finetune.config import Config
from llm_server.finetune.rows import Row, Rows
from llm_server.machine import GIB

# float32: the parameter, its gradient, and AdamW's two moments.
BYTES_PER_TRAINED = 16
# What one layer keeps for a token while its gradients are computed anew, in hidden sizes. Counted, not
# measured: attention about 8, and 4 times the MLP's width, which is three hidden sizes.
HIDDEN_SIZES_IN_A_LAYER = 20


@dataclass(frozen=True)
class Fitted:
    """The rows that fit, and how long they are in tokens."""

    rows: tuple[Row, ...]
    lengths: tuple[int, ...]
    too_long: int


@dataclass(frozen=True)
class Plan:
    train: Fitted
    dev: Fitted
    steps: int
    parameters: int
    trained: int
    memory_gb: float

    def lines(self, config: Config, free_gb: float) -> list[str]:
        """For people; `free_gb` is the memory there is."""
        pictures = sum(len(row.images) for row in self.train.rows)
        batch = f"{config.batch} x {config.accumulation}"
        longer = f", {self.too_long:,} left out as longer than {config.max_length:,} tokens"
        return [
            f"{config.name}: {config.method} on {config.base}, rows from {config.dataset}",
            f"rows     {len(self.train.rows):,} to learn from, {len(self.dev.rows):,} held out"
            + longer * bool(self.too_long),
            f"tokens   {sum(self.train.lengths):,} an epoch, {max(self.train.lengths):,} in the longest row",
            f"pictures {pictures:,}",
            f"steps    {self.steps:,} of {batch} rows, for {config.epochs:g} epochs",
            f"trained  {self.trained:,} of {self.parameters:,} parameters, rank {config.rank}",
            f"memory   about {self.memory_gb:.1f} GB (an estimate), {free_gb:.1f} GB are free"
            + ": NOT ENOUGH" * (self.memory_gb > free_gb),
        ]

    @property
    def too_long(self) -> int:
        return self.train.too_long + self.dev.too_long


def make(config: Config, rows: Rows, processor: Any, shapes: Any, bytes_per_weight: int) -> Plan:
    """`shapes` is the model with its adapter, with or without weights."""
    train = fitted(rows.train, config, processor, "learn from")
    dev = fitted(rows.dev, config, processor, "measure on")
    parameters = sum(parameter.numel() for parameter in shapes.parameters())
    trained = sum(parameter.numel() for parameter in shapes.parameters() if parameter.requires_grad)
    text = shapes.config.get_text_config()
    answers = 2 if config.method == "dpo" else 1
    memory = memory_bytes(
        weights=(parameters - trained) * bytes_per_weight,
        trained=trained,
        tokens=config.batch * answers * max(train.lengths),
        width=text.hidden_size * bytes_per_weight,
        layers=text.num_hidden_layers,
    )
    return Plan(train, dev, steps(len(train.rows), config), parameters, trained, memory / GIB)


def fitted(rows: Sequence[Row], config: Config, processor: Any, purpose: str) -> Fitted:
    """The rows that are short enough; Trouble when none is."""
    lengths = [length(row, processor) for row in rows]
    fitting = [(row, count) for row, count in zip(rows, lengths, strict=True) if count <= config.max_length]
    if not fitting:
        raise Trouble(
            f"Not one row to {purpose} is within max_length: {config.max_length} tokens; the shortest has"
            f" {min(lengths)}. Set max_length higher or max_image_pixels lower."
        )
    kept, counts = zip(*fitting, strict=True)
    return Fitted(kept, counts, len(rows) - len(fitting))


def length(row: Row, processor: Any) -> int:
    """Tokens of the prompt, its pictures, and the longer answer. Reads the pictures' sizes only."""
    longest = max(row.answers.values(), key=len)
    answer = {"role": "assistant", "content": [{"type": "text", "text": longest}]}
    text = processor.apply_chat_template([*row.prompt, answer], tokenize=False)
    words = len(processor.tokenizer(text, add_special_tokens=False)["input_ids"])
    # Each picture's one placeholder in the text becomes as many tokens as it has patches, merged.
    return words + sum(_picture_tokens(path, processor.image_processor) - 1 for path in row.images)


def _picture_tokens(path: Path, image_processor: Any) -> int:
    try:
        with Image.open(path) as picture:
            width, height = picture.size
    except OSError as error:
        raise Trouble(f"{path} cannot be read as a picture: {error}") from error
    patches = image_processor.get_number_of_image_patches(height, width, {})
    return int(patches) // int(image_processor.merge_size) ** 2


def steps(rows: int, config: Config) -> int:
    """Updates of the weights, as TRL counts them."""
    batches = math.ceil(rows / config.batch)
    return math.ceil(math.ceil(batches / config.accumulation) * config.epochs)


def memory_bytes(*, weights: int, trained: int, tokens: int, width: int, layers: int) -> int:
    """An estimate for LoRA with gradient checkpointing.

    The weights; what the adapter needs to learn; of each layer its input for every token; and of one layer
    all that is kept while its gradients are computed. `width` is the bytes of one token between two layers.
    """
    return weights + trained * BYTES_PER_TRAINED + tokens * width * (layers + HIDDEN_SIZES_IN_A_LAYER)
