"""The base model, its processor, and the adapter on it.

Qwen3-VL is loaded through its vision-language class. Through `AutoModelForCausalLM` it would train too, but
under names that vLLM accepts and then ignores. What learns are the language model's projections and nothing
else, which `refuse_unless_frozen` checks; the tower that sees stays as it is.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import torch  # type: ignore[import-not-found]
from peft import LoraConfig, get_peft_model  # type: ignore[import-not-found]
from transformers import (
    AutoConfig,
    AutoModelForImageTextToText,
    AutoProcessor,
)

from llm_server import Trouble
from llm_server.finetune.config import Config

# Of a mixture of experts these are the attention's only: its experts are no separate modules.
TARGETS = r".*language_model.*\.(q|k|v|o|gate|up|down)_proj"
LEAST_IMAGE_PIXELS = 65_536  # as vLLM is told
DROPOUT = 0.05


def source(config: Config) -> str:
    """Where the base is read from: a folder, or its name for Hugging Face."""
    if Path(config.base).is_dir():
        return config.base
    if config.weights == "huggingface":
        return config.base
    if config.weights == "modelscope":
        return _from_modelscope(config.base)
    if not Path(config.weights).is_dir():
        raise Trouble(f"weights: {config.weights} is neither huggingface nor modelscope nor a folder.")
    return config.weights


def _from_modelscope(name: str) -> str:
    try:
        hub = importlib.import_module("modelscope")
    except ImportError:
        raise Trouble(
            "weights: modelscope needs the package modelscope, which this environment does not have."
            " Download the base by other means and name its folder: `weights: folder`."
        ) from None
    return str(hub.snapshot_download(name))


def load_processor(config: Config) -> Any:
    """Tokenizer, chat template and picture processor of the base, with the run's limit for pictures."""
    try:
        processor = AutoProcessor.from_pretrained(source(config))
    except (OSError, ValueError) as error:
        raise Trouble(_unreachable(config, error)) from error
    if not hasattr(processor, "image_processor"):
        raise Trouble(f"{config.base} takes no pictures; Shopclerk needs a Qwen3-VL.")
    limits = {"shortest_edge": LEAST_IMAGE_PIXELS, "longest_edge": config.max_image_pixels}
    processor.image_processor.size = type(processor.image_processor.size)(**limits)
    return processor


def load(config: Config) -> Any:
    """The base with its weights: bfloat16 on a GPU, float32 on the CPU."""
    dtype = torch.bfloat16 if torch.cuda.is_available() else torch.float32
    try:
        model = AutoModelForImageTextToText.from_pretrained(source(config), dtype=dtype)
    except (OSError, ValueError) as error:
        raise Trouble(_unreachable(config, error)) from error
    model.name_or_path = config.base  # what the adapter names as its base
    return model


def without_weights(config: Config) -> Any:
    """The same model with its adapter, as shapes only: no memory, no download but a few files."""
    with torch.device("meta"):
        shapes = AutoModelForImageTextToText.from_config(AutoConfig.from_pretrained(source(config)))
        return get_peft_model(shapes, lora(config))


def _unreachable(config: Config, error: Exception) -> str:
    return (
        f"The base {config.base} could not be loaded: {error}\n"
        "Check the name; where Hugging Face cannot be reached, set `weights:` to modelscope or to a folder."
    )


def lora(config: Config) -> LoraConfig:
    """The adapter's shape."""
    return LoraConfig(
        r=config.rank,
        lora_alpha=config.alpha,
        lora_dropout=DROPOUT,
        target_modules=TARGETS,
        task_type="CAUSAL_LM",
    )


def refuse_unless_frozen(model: Any) -> None:
    """Before training: Trouble when anything but the adapter on the language model would learn."""
    learning = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    if not learning or not all(re.search(r"\.language_model\..*\.lora_[AB]\.", name) for name in learning):
        raise Trouble(
            "The base's modules are not named as in Qwen3-VL, so its adapter would not be served."
            f" Found to train: {', '.join(learning[:3]) or 'nothing'}"
        )


def save_adapter(model: Any, folder: Path) -> None:
    """PEFT's two files."""
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)  # PEFT's form to fill in; the report says it all
