"""A Qwen3-VL of less than a million random parameters, made here and served by real vLLM on the CPU.

    .venv/llm-cpu/bin/python tests/tiny_qwen.py FOLDER [argument of vLLM's server ...]

It has everything that the real model has (tokenizer, chat template, picture processor, both towers) and knows
nothing: it answers with rubbish, in the right protocol and at full speed. Left to itself it says printable
characters only, no end and no bracket, so that it is never silent and never seems to cite. FOLDER/adapters
holds two adapters for it (`tests/tiny_adapters.py`).

Runs in the environment `llm-cpu`, started by `tests/model_server.py`. Ends when its standard input closes.
"""

from __future__ import annotations

import importlib
import os
import runpy
import signal
import sys
import threading
from pathlib import Path

import torch  # type: ignore[import-not-found]

# vLLM for the CPU brings the torchvision built for CUDA, whose import fails without these two operators. The
# processors use its transforms only, so that the operators' names are enough. They go when the variable goes.
_OPERATORS = torch.library.Library("torchvision", "FRAGMENT")
_OPERATORS.define("nms(Tensor boxes, Tensor scores, float threshold) -> Tensor")
_OPERATORS.define("qnms(Tensor boxes, Tensor scores, float threshold) -> Tensor")

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers  # noqa: E402
from transformers import (  # noqa: E402
    PreTrainedTokenizerFast,
    Qwen2VLImageProcessor,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
    Qwen3VLProcessor,
    Qwen3VLVideoProcessor,
)

sys.path.append(str(Path(__file__).parents[1]))
from tests.tiny_adapters import DEAF, TAUGHT, deaf_name, write_adapter  # noqa: E402

# What the tokenizer learns from. No names of goods: its rubbish must not find any in the catalogue.
_LINES = (
    "您好，我的订单到哪里了？包裹已经发出，预计后天送到。",
    "收到以后不满意，可以退货吗？签收后七天内都可以申请，退款会原路退回。",
    "请问还有别的颜色和尺码吗？有的，现在都有货，今天下单明天发出。",
    "Hello, where is my order? It has left our warehouse and should reach you on Friday.",
    "It arrived with a crack. May I send it back? Yes, within seven days, and we pay the postage.",
    "Do you have other colours and sizes? Yes, all of them are in stock and leave tomorrow.",
)
_SPECIAL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
_CHAT = """\
{%- for message in messages -%}
<|im_start|>{{ message.role }}
{% if message.content is string -%}
{{ message.content }}
{%- else -%}
{%- for part in message.content -%}
{%- if part.type in ('image', 'image_url') -%}
<|vision_start|><|image_pad|><|vision_end|>
{%- elif part.type == 'text' -%}
{{ part.text }}
{%- endif -%}
{%- endfor -%}
{%- endif -%}
<|im_end|>
{% endfor -%}
{%- if add_generation_prompt -%}
<|im_start|>assistant
{% endif -%}
"""


def build(folder: Path) -> None:
    """Save model, tokenizer, processor and adapters for vLLM to serve. The weights are always the same."""
    tokenizer = make_tokenizer()
    config = _config(tokenizer)
    torch.manual_seed(0)
    model = Qwen3VLForConditionalGeneration(config)
    # Zero is far below the best of five hundred: only a schema's grammar can choose these tokens.
    torch.nn.init.normal_(model.lm_head.weight, std=0.08)
    model.lm_head.weight.data[_unsaid(tokenizer)] = 0
    model.to(torch.bfloat16).save_pretrained(folder)
    processor = Qwen3VLProcessor(
        Qwen2VLImageProcessor(patch_size=16, merge_size=2),
        tokenizer,
        Qwen3VLVideoProcessor(),
        chat_template=_CHAT,
    )
    processor.save_pretrained(folder)
    _save_adapters(folder / "adapters", model)


def _save_adapters(folder: Path, model: torch.nn.Module) -> None:
    shapes = {
        name: tuple(module.weight.shape)
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and ".language_model." in name
    }
    write_adapter(folder / TAUGHT, shapes)
    write_adapter(folder / DEAF, {deaf_name(name): shape for name, shape in shapes.items()})


def make_tokenizer() -> PreTrainedTokenizerFast:
    """A tokenizer that has learned what customers and shops say."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trained.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=512, special_tokens=list(_SPECIAL), initial_alphabet=alphabet, show_progress=False
    )
    trained.train_from_iterator(_LINES, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=trained,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=list(_SPECIAL),
    )


def _unsaid(tokenizer: PreTrainedTokenizerFast) -> list[int]:
    texts = [tokenizer.decode([token]) for token in range(len(tokenizer))]
    return [
        token
        for token, text in enumerate(texts)
        if text in _SPECIAL or not text.isprintable() or "\ufffd" in text or "[" in text
    ]


def _config(tokenizer: PreTrainedTokenizerFast) -> Qwen3VLConfig:
    ids = dict(zip(_SPECIAL, tokenizer.convert_tokens_to_ids(list(_SPECIAL)), strict=True))
    text = {
        "vocab_size": len(tokenizer),
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 32,
        "max_position_embeddings": 32768,
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 10_000.0,
            "mrope_section": [6, 5, 5],
            "mrope_interleaved": True,
        },
        "bos_token_id": None,
        "eos_token_id": ids["<|im_end|>"],
        "pad_token_id": ids["<|endoftext|>"],
    }
    vision = {
        "depth": 2,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_heads": 2,
        "out_hidden_size": 128,
        "num_position_embeddings": 256,
        "deepstack_visual_indexes": [0],
    }
    return Qwen3VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=False,
    )


def serve(
    folder: Path,
    arguments: list[str],
    architecture: str = "Qwen3VLForConditionalGeneration",
    implementation: str = "qwen3_vl.Qwen3VLForConditionalGeneration",
) -> None:
    """Become vLLM's server for the model in this folder; `implementation` is a class of vLLM's models."""
    from vllm import ModelRegistry  # type: ignore[import-not-found]

    module, name = implementation.split(".")
    found = importlib.import_module(f"vllm.model_executor.models.{module}")
    # Else vLLM looks at the class in a process of its own, which takes ten seconds and lacks the operators.
    ModelRegistry.register_model(architecture, getattr(found, name))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = ["api_server", "--model", str(folder), *arguments]
    runpy.run_module("vllm.entrypoints.openai.api_server", run_name="__main__")


def _end_with_parent() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
    serve(Path(sys.argv[1]), sys.argv[2:])
