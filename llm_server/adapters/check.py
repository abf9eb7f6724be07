"""What is wrong with an adapter: by its files, and by what the model answers with it.

    problems(Path("var/adapters/winter"), "Qwen/Qwen3-VL-8B-Instruct")   # [] when it can be served
    await differs("http://127.0.0.1:8000/v1", key, "Qwen/Qwen3-VL-8B-Instruct", "winter")

The worst fault is silent. vLLM finds the places of an adapter by name and ignores names that it does not
know, so that one trained through `AutoModelForCausalLM` (`model.layers.*`) loads with "Success" and changes
nothing. Hence both looks: at the names in the file, and at the answers of a running server.

Standard library only. Files are read whole, tensor by tensor: a second or two for a common adapter.
"""

from __future__ import annotations

import asyncio
import json
import re
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llm_server.adapters.weights import Tensor, Unreadable, is_finite, is_zero, tensors

CONFIG, WEIGHTS, TRAINING = "adapter_config.json", "adapter_model.safetensors", "training.json"

# What vLLM 0.32 serves no adapter with (`vllm/lora/peft_helper.py`), as PEFT's configuration calls it.
_NOT_SERVED = ("modules_to_save", "use_dora", "lora_bias", "layer_replication", "alora_invocation_tokens")
_KEY = re.compile(r"(?P<module>.+)\.lora_(?P<half>[AB])\.weight")
# The same model under other names: of another precision, or in the cache of huggingface_hub.
_PRECISION = re.compile(r"[-_](fp8|bf16)$")
_CACHED = re.compile(r"models--.+?--([^/]+)/snapshots/")

# Below this, in nats, two answers differ by rounding only: kernels with and without an adapter add up in
# another order. An adapter that has learnt something moves the words of a shop by far more.
_ROUNDING = 0.02
_NOISES = 3
_TOKENS, _LISTED = 16, 5
_PATIENCE_S = 120
_PROMPTS = (
    "顾客问：签收以后几天内可以退货？请用客服的语气回答。",
    "顾客说杯子收到就碎了，想退款，请回复他。",
    "A customer asks: when will my parcel arrive? Answer as the shop would.",
    "Which of the two jackets is warmer, and is there one in black?",
)


def problems(folder: Path, base: str) -> list[str]:
    """Why vLLM should not serve this adapter over `base` (a name or a folder); empty when it can."""
    missing = [name for name in (CONFIG, WEIGHTS, TRAINING) if not (folder / name).is_file()]
    if missing:
        return [f"{name} is missing" for name in missing]
    try:
        config, training = _json(folder / CONFIG), _json(folder / TRAINING)
        found = tensors(folder / WEIGHTS)
        return [*_of_config(config, training, base), *_of_names(found), *_of_numbers(folder, config, found)]
    except Unreadable as error:
        return [f"{WEIGHTS} cannot be used: {error}"]
    except ValueError as error:
        return [str(error)]


def rank(folder: Path) -> int:
    """The highest rank in an adapter that has no problems, which vLLM must be started for."""
    config = _json(folder / CONFIG)
    return max([int(config["r"]), *map(int, (config.get("rank_pattern") or {}).values())])


def _json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file.name} is no JSON: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{file.name} holds no object")
    return content


# --- the configuration -------------------------------------------------------------------------------------


def _of_config(config: Mapping[str, Any], training: Mapping[str, Any], base: str) -> Iterator[str]:
    if config.get("peft_type") != "LORA":
        yield f"it is a {config.get('peft_type')} adapter; LORA is what can be served"
    if not isinstance(config.get("r"), int) or config["r"] < 1:
        yield f"{CONFIG} gives no rank (r)"
    if config.get("bias", "none") != "none":
        yield "it trains biases, which vLLM does not serve (bias must be none)"
    for feature in _NOT_SERVED:
        if config.get(feature):
            yield f"it was trained with {feature}, which vLLM does not serve"
    trained_on = str(training.get("base") or config.get("base_model_name_or_path") or "")
    if _plain(trained_on) != _plain(base):
        yield f"it was trained on {trained_on or 'an unnamed model'}, not on {base}"


def _plain(model: str) -> str:
    """A model's name without its owner or folder, and without its precision."""
    cached = _CACHED.search(model)
    name = cached[1] if cached else model.rstrip("/").rsplit("/", 1)[-1]
    return _PRECISION.sub("", name.lower())


# --- the names ---------------------------------------------------------------------------------------------


def _of_names(found: list[Tensor]) -> Iterator[str]:
    if not found:
        yield f"{WEIGHTS} holds no tensor"
    if odd := [tensor.name for tensor in found if not _KEY.fullmatch(tensor.name)]:
        yield f"{_some(odd)}: these are no LoRA weights, and vLLM does not serve them"
    halves: dict[str, set[str]] = {}
    for tensor in found:
        if match := _KEY.fullmatch(tensor.name):
            halves.setdefault(match["module"], set()).add(match["half"])
    if incomplete := [module for module, both in halves.items() if len(both) < 2]:
        yield f"{_some(incomplete)}: one of the halves A and B is missing"
    seeing = [module for module in halves if ".visual." in module]
    if seeing:
        yield f"{_some(seeing)}: it changes the part that sees, which is served without adapters"
    if deaf := [module for module in halves if ".language_model." not in module and module not in seeing]:
        yield (
            f"{_some(deaf)}: vLLM would load these names and change nothing; Qwen3-VL's begin with "
            "base_model.model.model.language_model. (train it by its own class, not AutoModelForCausalLM)"
        )


def _some(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


# --- the numbers -------------------------------------------------------------------------------------------


def _of_numbers(folder: Path, config: Mapping[str, Any], found: list[Tensor]) -> Iterator[str]:
    file, ranks = folder / WEIGHTS, _ranks(config)
    pairs = [(tensor, match) for tensor in found if (match := _KEY.fullmatch(tensor.name))]
    if odd := [tensor.name for tensor, match in pairs if _rank_of(tensor, match["half"]) not in ranks]:
        yield f"{_some(odd)}: the rank is not the one that {CONFIG} gives ({min(ranks, default=0)})"
    if broken := [tensor.name for tensor, _ in pairs if not is_finite(file, tensor)]:
        yield f"{_some(broken)}: not all of its numbers are finite; the training diverged"
    second = [tensor for tensor, match in pairs if match["half"] == "B"]
    if second and all(is_zero(file, tensor) for tensor in second):
        yield "every B is zero, as before the first step of training: it changes nothing"


def _ranks(config: Mapping[str, Any]) -> set[int]:
    return {rank for rank in (config.get("r"), *(config.get("rank_pattern") or {}).values()) if rank}


def _rank_of(tensor: Tensor, half: str) -> int:
    """A is (rank, inputs), B is (outputs, rank)."""
    return tensor.shape[0 if half == "A" else -1] if tensor.shape else 0


# --- what is answered --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """How far the model with an adapter is from the model without, in nats of the same token's logarithmic
    probability after the same beginning; `noise` is how far the model is from itself when asked twice.
    """

    largest: float
    noise: float

    @property
    def is_real(self) -> bool:
        return self.largest > max(_ROUNDING, _NOISES * self.noise)


async def differs(base_url: str, key: str, base_model: str, adapter_name: str) -> bool:
    """Whether the adapter changes what a running server answers; see `difference`."""
    return (await difference(base_url, key, base_model, adapter_name)).is_real


async def difference(base_url: str, key: str, base_model: str, adapter_name: str) -> Difference:
    """Ask both the same questions, without chance. `base_url` ends in `/v1`; `key` may be empty.

    Raises `OSError` when the server does not answer, or knows one of the two models not.
    """

    async def ask(model: str, prompt: str) -> list[dict[str, float]]:
        return await asyncio.to_thread(_ask, base_url, key, model, prompt)

    largest = noise = 0.0
    for prompt in _PROMPTS:  # one after the other: in a batch, rounding depends on the neighbours
        first, again = await ask(base_model, prompt), await ask(base_model, prompt)
        noise = max(noise, _apart(first, again))
        largest = max(largest, _apart(first, await ask(adapter_name, prompt)))
    return Difference(round(largest, 4), round(noise, 4))


def _ask(base_url: str, key: str, model: str, prompt: str) -> list[dict[str, float]]:
    """The likeliest answer: at each place the tokens that were considered, the chosen one first."""
    body = {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": _TOKENS,
        "temperature": 0,
        "logprobs": True,
        "top_logprobs": _LISTED,
    }
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    request = urllib.request.Request(f"{base_url}/chat/completions", json.dumps(body).encode(), headers)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the shop's own server
    with direct.open(request, timeout=_PATIENCE_S) as response:
        answer = response.read()
    try:
        (choice,) = json.loads(answer)["choices"]
        return [
            {each["token"]: each["logprob"] for each in (one, *one["top_logprobs"])}
            for one in choice["logprobs"]["content"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise OSError(f"{base_url} gives no probabilities with its answers") from error


def _apart(first: list[dict[str, float]], second: list[dict[str, float]]) -> float:
    """The largest distance, up to where the answers part. A token that is not listed is at most as likely as
    the last that is.
    """
    largest = 0.0
    for one, other in zip(first, second, strict=False):
        lowest = min(other.values())
        largest = max(largest, *(abs(value - other.get(token, lowest)) for token, value in one.items()))
        if next(iter(one)) != next(iter(other)):
            break
    return largest
