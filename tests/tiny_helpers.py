"""The small models beside the one that answers, tiny and random: for vectors, for reranking, for speech.

    .venv/llm-cpu/bin/python tests/tiny_helpers.py KIND FOLDER [argument of vLLM's server ...]

Each has the architecture and the files of the real one (Qwen3-Embedding, Qwen3-Reranker, Qwen3-ASR) and knows
nothing. Runs in the environment `llm-cpu`, started by `tests/helper_server.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))
from tests.tiny_qwen import make_tokenizer, serve  # first: it makes torchvision importable

# isort: split
import torch  # type: ignore[import-not-found]
from transformers import (
    PreTrainedTokenizerFast,
    Qwen3ASRConfig,
    Qwen3ASRFeatureExtractor,
    Qwen3ASRForConditionalGeneration,
    Qwen3ASRProcessor,
    Qwen3Config,
    Qwen3ForCausalLM,
)

# Architecture as vLLM is asked for it, and its class of vLLM's.
_SERVED = {
    "embedding": ("Qwen3ForCausalLM", "qwen3.Qwen3ForCausalLM"),
    "reranker": ("Qwen3ForSequenceClassification", "qwen3.Qwen3ForCausalLM"),
    "speech": ("Qwen3ASRForConditionalGeneration", "qwen3_asr.Qwen3ASRForConditionalGeneration"),
}
_HEARING = ("<|audio_start|>", "<|audio_end|>", "<|audio_pad|>", "<asr_text>", "<timestamp>")


def build(kind: str, folder: Path) -> None:
    """Save a model of this kind for vLLM to serve. The weights are always the same."""
    torch.manual_seed(0)
    if kind == "speech":
        _build_speech(folder)
        return
    tokenizer = make_tokenizer()
    tokenizer.add_tokens(["yes", "no"])  # what a reranker's verdict is read from
    model = Qwen3ForCausalLM(Qwen3Config(**_text(len(tokenizer))))
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _build_speech(folder: Path) -> None:
    trained = make_tokenizer().backend_tokenizer
    trained.add_special_tokens(list(_HEARING))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=trained,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        extra_special_tokens={
            "audio_token": "<|audio_pad|>",
            "audio_bos_token": "<|audio_start|>",
            "audio_eos_token": "<|audio_end|>",
        },
    )
    model = Qwen3ASRForConditionalGeneration(_speech_config(tokenizer))
    # Nothing is far below the best of five hundred, so that it says letters only and does not end at once.
    model.get_input_embeddings().weight.data[_unsaid(tokenizer)] = 0
    model.to(torch.bfloat16).save_pretrained(folder)
    Qwen3ASRProcessor(Qwen3ASRFeatureExtractor(), tokenizer).save_pretrained(folder)


def _unsaid(tokenizer: PreTrainedTokenizerFast) -> list[int]:
    special = set(tokenizer.all_special_ids)
    texts = {token: tokenizer.decode([token]) for token in range(len(tokenizer))}
    return [
        token for token, text in texts.items() if token in special or not text.isalpha() or text in _HEARING
    ]


def _speech_config(tokenizer: PreTrainedTokenizerFast) -> Qwen3ASRConfig:
    text = {"model_type": "qwen3", **_text(len(tokenizer))}
    sound = {
        "encoder_layers": 1,
        "encoder_attention_heads": 2,
        "encoder_ffn_dim": 64,
        "d_model": 64,
        "output_dim": text["hidden_size"],
        "downsample_hidden_size": 16,
    }
    ids = tokenizer.convert_tokens_to_ids
    return Qwen3ASRConfig(
        text_config=text,
        audio_config=sound,
        audio_token_id=ids("<|audio_pad|>"),
        timestamp_token_id=ids("<timestamp>"),
        pad_token_id=ids("<|endoftext|>"),
        eos_token_id=ids("<|im_end|>"),
        architectures=["Qwen3ASRForConditionalGeneration"],
    )


def _text(vocabulary: int) -> dict[str, Any]:
    return {
        "vocab_size": vocabulary,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 32,
        "max_position_embeddings": 4096,
        "tie_word_embeddings": True,
    }


if __name__ == "__main__":
    build(sys.argv[1], Path(sys.argv[2]))
    serve(Path(sys.argv[2]), sys.argv[3:], *_SERVED[sys.argv[1]])
