"""Which folders hold a profile's weights, and what is said when disk, files or names will not do."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from llm_server import Trouble, profiles, weights
from llm_server.machine import Machine

PROFILE = profiles.load()["qwen3-vl-2b"]
FP8 = profiles.load()["qwen3-vl-2b-fp8"]
PARTS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
NO_GPU = Machine((), 64)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A whole model in two parts, as the hubs have it, but small."""
    config = {"architectures": [PROFILE.architecture]}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    for name in ("tokenizer.json", "preprocessor_config.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    for part in PARTS:
        save_file({part: np.ones(1000, np.float32)}, tmp_path / part)
    index = {"weight_map": {part: part for part in PARTS}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    return tmp_path


def test_a_whole_folder_is_used_as_it_is(folder: Path) -> None:
    assert weights.find(PROFILE, str(folder)) == folder


def test_a_model_in_one_part_needs_no_index(folder: Path) -> None:
    (folder / "model.safetensors.index.json").unlink()
    (folder / PARTS[0]).rename(folder / "model.safetensors")
    assert weights.problems(folder, PROFILE) == []


@pytest.mark.parametrize(
    ("missing", "complaint"),
    [
        ("config.json", "config.json cannot be read"),
        ("tokenizer.json", "no tokenizer"),
        ("preprocessor_config.json", "no picture processor"),
        (PARTS[1], f"{PARTS[1]} is missing"),
    ],
)
def test_a_missing_file_is_named(folder: Path, missing: str, complaint: str) -> None:
    (folder / missing).unlink()
    (found,) = weights.problems(folder, PROFILE)
    assert found.startswith(complaint)


def test_a_part_that_was_copied_half_is_named_with_its_sizes(folder: Path) -> None:
    part = folder / PARTS[0]
    whole = part.stat().st_size
    part.write_bytes(part.read_bytes()[:-100])
    (found,) = weights.problems(folder, PROFILE)
    assert PARTS[0] in found and f"{whole:,}" in found and f"{whole - 100:,}" in found


@pytest.mark.parametrize(
    "content", [b"", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n"]
)
def test_a_placeholder_is_not_taken_for_weights(folder: Path, content: bytes) -> None:
    (folder / PARTS[0]).write_bytes(content)
    (found,) = weights.problems(folder, PROFILE)
    assert found.startswith(PARTS[0])


def test_an_index_that_is_none_is_named(folder: Path) -> None:
    (folder / "model.safetensors.index.json").write_text("[]", encoding="utf-8")
    (found,) = weights.problems(folder, PROFILE)
    assert found.startswith("model.safetensors.index.json cannot be read")


def test_another_model_is_refused_with_both_names(folder: Path) -> None:
    (folder / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}', encoding="utf-8")
    with pytest.raises(Trouble, match=f"its model is LlamaForCausalLM, not {PROFILE.architecture}"):
        weights.find(PROFILE, str(folder))


def test_a_profile_of_another_precision_is_refused(folder: Path) -> None:
    assert weights.problems(folder, FP8) == ["its weights are bf16, the profile qwen3-vl-2b-fp8 is for fp8"]
    config = {"architectures": [PROFILE.architecture], "quantization_config": {"quant_method": "fp8"}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert weights.problems(folder, FP8) == []


def test_a_folder_that_is_not_there_is_named_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match=r"SHOPCLERK_LLM_WEIGHTS names .*nowhere"):
        weights.find(PROFILE, str(tmp_path / "nowhere"))


def test_a_folder_says_which_profile_it_is_for(folder: Path) -> None:
    size = weights.size_of(folder) / weights.GB
    small = profiles.load()["qwen3-vl-2b-cpu"].model_copy(update={"download_gb": size})
    large = small.model_copy(update={"name": "large", "download_gb": 3 * size})
    assert weights.recognised(folder, [small, large], NO_GPU) == small


def test_a_folder_that_could_be_for_several_profiles_asks_for_a_name(folder: Path) -> None:
    with pytest.raises(Trouble, match="PROFILE=name"):
        weights.recognised(folder, profiles.load().values(), NO_GPU)


def test_a_full_disk_is_told_with_the_sizes(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match=r"needs 4\.3 GB more .* 3\.0 GB are free"):
        weights.check_disk(PROFILE, tmp_path, free=3 * weights.GB)


def test_what_has_arrived_already_needs_no_room(tmp_path: Path) -> None:
    with (tmp_path / "part.incomplete").open("wb") as part:
        part.truncate(2 * weights.GB)
    weights.check_disk(PROFILE, tmp_path, free=3 * weights.GB)


def test_the_hubs_may_have_different_names() -> None:
    renamed = PROFILE.model_copy(update={"modelscope": "qwen/Other"})
    assert weights.model_id(renamed, "modelscope") == "qwen/Other"
    assert weights.model_id(renamed, "huggingface") == "Qwen/Qwen3-VL-2B-Instruct"
