"""A Qwen3-VL of full size without its weights: for speed they need not mean anything.

    .venv/llm-gpu/bin/python -m benchmarks.llm.dummy qwen3-vl-8b FOLDER

Writes the configuration (sizes.yml), a processor for pictures, and a tokenizer with as many tokens as the
real one, most of them words without a meaning. vLLM serves the folder with `--load-format dummy`. Runs in
the environment of vLLM and needs no network.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2VLImageProcessor,
    Qwen3VLConfig,
    Qwen3VLMoeConfig,
    Qwen3VLProcessor,
    Qwen3VLVideoProcessor,
)

SIZES = Path(__file__).with_name("sizes.yml")
_DOCUMENTS = Path(__file__).parents[2] / "demo" / "knowledge"
_VOCABULARY = 151_936
_SPECIAL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    *("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"),
)
_CHAT = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% if message.content is string %}{{ message.content }}{% else %}{% for part in message.content %}"
    "{% if part.type == 'text' %}{{ part.text }}"
    "{% else %}<|vision_start|><|image_pad|><|vision_end|>{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def build(profile: str, folder: Path) -> None:
    """Write everything but the weights. KeyError for a profile whose sizes are not known."""
    sizes = yaml.safe_load(SIZES.read_text(encoding="utf-8"))[profile]
    tokenizer = _tokenizer()
    _config(sizes, tokenizer).save_pretrained(folder)
    Qwen3VLProcessor(
        Qwen2VLImageProcessor(patch_size=16, merge_size=2),
        tokenizer,
        Qwen3VLVideoProcessor(),
        chat_template=_CHAT,
    ).save_pretrained(folder)


def _tokenizer() -> PreTrainedTokenizerFast:
    """Learned from the demo shop's documents, so that its prompts are about as long as with the real one."""
    learned = Tokenizer(models.BPE())
    learned.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    learned.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY // 8,
        special_tokens=list(_SPECIAL),
        initial_alphabet=alphabet,
        show_progress=False,
    )
    learned.train([str(path) for path in sorted(_DOCUMENTS.rglob("*.md"))], trainer)
    plain = json.loads(learned.to_str())
    known = len(plain["model"]["vocab"])
    plain["model"]["vocab"] |= {f"Ġw{number}": number for number in range(known, _VOCABULARY)}
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(plain)),
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=list(_SPECIAL),
    )


def _config(sizes: dict[str, Any], tokenizer: PreTrainedTokenizerFast) -> Qwen3VLConfig | Qwen3VLMoeConfig:
    ids = dict(zip(_SPECIAL, tokenizer.convert_tokens_to_ids(list(_SPECIAL)), strict=True))
    text = sizes["text"] | {
        "vocab_size": _VOCABULARY,
        "head_dim": 128,
        "max_position_embeddings": 262_144,
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 5_000_000.0,
            "mrope_section": [24, 20, 20],
            "mrope_interleaved": True,
        },
        "bos_token_id": None,
        "eos_token_id": ids["<|im_end|>"],
        "pad_token_id": ids["<|endoftext|>"],
    }
    mixture = "num_experts" in text
    kind = Qwen3VLMoeConfig if mixture else Qwen3VLConfig
    config = kind(
        text_config=text,
        vision_config=sizes["vision"] | {"out_hidden_size": text["hidden_size"]},
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=bool(sizes.get("tied")),
    )
    config.architectures = [f"Qwen3VL{'Moe' if mixture else ''}ForConditionalGeneration"]
    config.dtype = "bfloat16"
    return config


if __name__ == "__main__":
    build(sys.argv[1], Path(sys.argv[2]))
