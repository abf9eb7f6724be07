"""What is found wrong with an adapter by its files; integration/test_adapters asks a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from llm_server.adapters import check
from llm_server.adapters.check import CONFIG, TRAINING, WEIGHTS, problems
from llm_server.adapters.weights import Tensor, Unreadable, is_finite, is_zero, tensors
from tests.tiny_adapters import FEW_MODULES, deaf_name, write_adapter

BASE = "tiny-qwen3-vl"


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    return write_adapter(tmp_path / "winter", FEW_MODULES)


def change(file: Path, **values: Any) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def change_tensors(adapter: Path, **changes: Any) -> None:
    """`half="B"`, `by=function` applied to every tensor of that half."""
    held = load_file(adapter / WEIGHTS)
    half, by = changes["half"], changes["by"]
    save_file(
        {name: by(one) if f"lora_{half}" in name else one for name, one in held.items()}, adapter / WEIGHTS
    )


def the_problem(adapter: Path, base: str = BASE) -> str:
    (found,) = problems(adapter, base)
    return found


def test_a_good_adapter_has_no_problems(adapter: Path) -> None:
    assert problems(adapter, BASE) == []


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS, TRAINING])
def test_a_missing_file_is_named(adapter: Path, name: str) -> None:
    (adapter / name).unlink()
    assert the_problem(adapter) == f"{name} is missing"


def test_keys_as_of_a_plain_language_model_are_refused_because_nothing_would_change(tmp_path: Path) -> None:
    deaf = {deaf_name(name): shape for name, shape in FEW_MODULES.items()}
    assert "change nothing" in the_problem(write_adapter(tmp_path / "deaf", deaf))


def test_one_deaf_layer_among_good_ones_is_found(tmp_path: Path) -> None:
    mixed = FEW_MODULES | {"model.layers.7.self_attn.q_proj": (16, 32)}
    assert "model.layers.7.self_attn.q_proj" in the_problem(write_adapter(tmp_path / "mixed", mixed))


def test_an_adapter_of_the_part_that_sees_is_refused(tmp_path: Path) -> None:
    seeing = FEW_MODULES | {"model.visual.blocks.0.attn.qkv": (16, 32)}
    assert "part that sees" in the_problem(write_adapter(tmp_path / "seeing", seeing))


def test_whole_layers_saved_beside_the_adapter_are_refused(adapter: Path) -> None:
    held = load_file(adapter / WEIGHTS)
    save_file(held | {"base_model.model.lm_head.weight": np.ones((4, 4), np.float32)}, adapter / WEIGHTS)
    change(adapter / CONFIG, modules_to_save=["lm_head"])
    found = problems(adapter, BASE)
    assert any("modules_to_save" in problem for problem in found)
    assert any("lm_head.weight: these are no LoRA weights" in problem for problem in found)


def test_a_half_without_its_other_half_is_found(adapter: Path) -> None:
    held = load_file(adapter / WEIGHTS)
    lost = next(name for name in held if "lora_B" in name)
    save_file({name: one for name, one in held.items() if name != lost}, adapter / WEIGHTS)
    assert "one of the halves" in the_problem(adapter)


def test_an_untrained_adapter_is_found_by_its_zeros(tmp_path: Path) -> None:
    assert "every B is zero" in the_problem(write_adapter(tmp_path / "new", FEW_MODULES, strength=0))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_diverged_training_is_found(adapter: Path, value: float) -> None:
    def spoil(tensor: Any) -> Any:
        tensor[1, 1] = value
        return tensor

    change_tensors(adapter, half="A", by=spoil)
    assert "not all of its numbers are finite" in the_problem(adapter)


def test_a_rank_that_the_configuration_does_not_give_is_found(adapter: Path) -> None:
    change(adapter / CONFIG, r=4)
    assert "rank" in the_problem(adapter)


def test_the_rank_for_the_server_is_the_highest(adapter: Path) -> None:
    assert check.rank(adapter) == 8
    change(adapter / CONFIG, rank_pattern={"layers.0.self_attn.q_proj": 32})
    assert check.rank(adapter) == 32


@pytest.mark.parametrize(("field", "value"), [("use_dora", True), ("bias", "all"), ("peft_type", "IA3")])
def test_what_vllm_does_not_serve_is_refused(adapter: Path, field: str, value: Any) -> None:
    change(adapter / CONFIG, **{field: value})
    assert len(problems(adapter, BASE)) == 1


@pytest.mark.parametrize(
    ("trained_on", "served"),
    [
        ("Qwen/Qwen3-VL-8B-Instruct", "Qwen/Qwen3-VL-8B-Instruct-FP8"),
        ("Qwen/Qwen3-VL-8B-Instruct", "var/models/Qwen3-VL-8B-Instruct/"),
        ("hub/models--Qwen--Qwen3-VL-8B-Instruct/snapshots/0f1e2d", "Qwen/Qwen3-VL-8B-Instruct"),
    ],
)
def test_the_same_model_is_known_by_its_other_names(adapter: Path, trained_on: str, served: str) -> None:
    change(adapter / TRAINING, base=trained_on)
    assert problems(adapter, served) == []


def test_another_model_is_not_the_base(adapter: Path) -> None:
    change(adapter / TRAINING, base="Qwen/Qwen3-VL-4B-Instruct")
    assert "not on Qwen/Qwen3-VL-8B-Instruct" in the_problem(adapter, "Qwen/Qwen3-VL-8B-Instruct")


@pytest.mark.parametrize("kept", [0, 5, 60, 2000])
def test_a_file_that_was_copied_in_part_is_found(adapter: Path, kept: int) -> None:
    file = adapter / WEIGHTS
    file.write_bytes(file.read_bytes()[:kept])
    assert "cannot be used" in the_problem(adapter)


def test_a_configuration_that_is_no_json_is_a_problem_not_an_error(adapter: Path) -> None:
    (adapter / CONFIG).write_text("r: 8")
    assert CONFIG in the_problem(adapter)


# --- the file format ---------------------------------------------------------------------------------------


def test_the_header_is_read_as_the_library_reads_it(adapter: Path) -> None:
    held = load_file(adapter / WEIGHTS)
    assert {one.name: one.shape for one in tensors(adapter / WEIGHTS)} == {
        name: one.shape for name, one in held.items()
    }


def bfloat16(tmp_path: Path, *words: int) -> tuple[Path, Tensor]:
    """A file of one tensor; NumPy knows no bfloat16, so the words are given."""
    entry = {"x": {"dtype": "BF16", "shape": [len(words)], "data_offsets": [0, 2 * len(words)]}}
    header = json.dumps(entry).encode()
    data = b"".join(word.to_bytes(2, "little") for word in words)
    file = tmp_path / "x.safetensors"
    file.write_bytes(len(header).to_bytes(8, "little") + header + data)
    (tensor,) = tensors(file)
    return file, tensor


@pytest.mark.parametrize(
    ("words", "finite", "zero"),
    [
        ((0x0000, 0x8000), True, True),  # both zeros
        ((0x3F80, 0xBF80), True, False),  # 1, -1
        ((0x3F80, 0x7F80), False, False),  # infinity
        ((0xFFC0, 0x0000), False, False),  # not a number
    ],
)
def test_bfloat16_is_read_bit_by_bit(
    tmp_path: Path, words: tuple[int, ...], finite: bool, zero: bool
) -> None:
    file, tensor = bfloat16(tmp_path, *words)
    assert (is_finite(file, tensor), is_zero(file, tensor)) == (finite, zero)


def test_a_shape_that_does_not_fit_its_bytes_is_unreadable(tmp_path: Path) -> None:
    file, _ = bfloat16(tmp_path, 0, 0)
    file.write_bytes(file.read_bytes().replace(b"[2]", b"[3]"))
    with pytest.raises(Unreadable):
        tensors(file)
