"""LoRA adapters for tests, made without training: in PEFT's file format, of random or chosen numbers.

    write_adapter(folder / "taught", shapes_of_language_model)
    write_adapter(folder / "deaf", {deaf_name(name): shape for name, shape in shapes.items()})

A module's shape is (outputs, inputs), as its weight has it. The good adapter changes what the model says. The
deaf one bears the names that training through `AutoModelForCausalLM` gives: vLLM loads it without a word of
complaint and applies nothing. NumPy and safetensors only, so that any environment of the tests can make them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

RANK = 8
TAUGHT, DEAF = "taught", "deaf"
# Shapes for tests that never load the adapter.
FEW_MODULES = {
    f"model.language_model.layers.{layer}.self_attn.{name}": (16, 32)
    for layer in range(2)
    for name in ("q_proj", "v_proj")
}


def write_adapter(
    folder: Path,
    shapes: Mapping[str, tuple[int, int]],
    *,
    base: str = "tiny-qwen3-vl",
    rank: int = RANK,
    strength: float = 0.2,
    seed: int = 0,
) -> Path:
    """What a training run leaves behind. `strength` 0 is an adapter that has learnt nothing."""
    random = np.random.default_rng(seed)
    tensors: dict[str, np.ndarray] = {}
    for module, (outputs, inputs) in shapes.items():
        first, second = random.normal(0, 0.2, (rank, inputs)), random.normal(0, 1, (outputs, rank)) * strength
        tensors[f"base_model.model.{module}.lora_A.weight"] = first.astype(np.float32)
        tensors[f"base_model.model.{module}.lora_B.weight"] = second.astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "adapter_model.safetensors", {"format": "pt"})
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base,
        "r": rank,
        "lora_alpha": 2 * rank,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": sorted({module.rsplit(".", 1)[-1] for module in shapes}),
        "modules_to_save": None,
    }
    training = {
        "base": base,
        "method": "sft",
        "dataset": "random",
        "created_at": "2026-11-20T12:00:00+00:00",
        "metrics": {"dev_loss": 1.25},
    }
    for name, content in (("adapter_config.json", config), ("training.json", training)):
        (folder / name).write_text(json.dumps(content, indent=1), encoding="utf-8")
    return folder


def deaf_name(module: str) -> str:
    """A language model's module as `AutoModelForCausalLM` calls it."""
    return module.replace("model.language_model.", "model.")
