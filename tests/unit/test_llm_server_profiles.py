"""Profiles are data: what is shipped, what fits which card, and what a file of one's own may say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from llm_server import Trouble, profiles
from llm_server.machine import Gpu, Machine

NO_GPU = Machine((), 32)


def machine(name: str, gb: float, capability: tuple[int, int]) -> Machine:
    """One card, whose driver keeps a little for itself."""
    return Machine((Gpu(0, "GPU-1", name, gb, gb - 0.5, capability),), 64)


A100 = machine("A100", 80, (8, 0))
H100 = machine("H100", 79.6, (9, 0))


def own(**changed: Any) -> dict[str, Any]:
    """The content of a profile's file."""
    shipped = yaml.safe_load((profiles.FOLDER / "qwen3-vl-8b.yml").read_text(encoding="utf-8"))
    return {key: value for key, value in (shipped | changed).items() if value is not None}


def write(path: Path, content: object) -> Path:
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def test_each_size_is_shipped_in_both_precisions_under_its_official_name() -> None:
    sizes = ("2B", "4B", "8B", "30B-A3B")
    official = {f"Qwen/Qwen3-VL-{size}-Instruct{end}" for size in sizes for end in ("", "-FP8")}
    assert {profile.model for profile in profiles.load().values()} == official


def test_one_shipped_profile_needs_no_gpu() -> None:
    of_cpu = [profile for profile in profiles.load().values() if profile.device == "cpu"]
    assert [profile.model for profile in of_cpu] == ["Qwen/Qwen3-VL-2B-Instruct"]


def test_fp8_is_for_cards_that_compute_in_it() -> None:
    for profile in profiles.load().values():
        if profile.device == "gpu":
            assert profile.capability == ((8, 9) if profile.precision == "fp8" else (8, 0))


def test_weights_and_one_whole_conversation_fit_into_the_memory_that_is_asked_for() -> None:
    for profile in profiles.load().values():
        assert profile.memory_gb * 2**30 > profile.download_gb * 10**9 * 1.15


@pytest.mark.parametrize(
    ("there", "chosen"),
    [
        (A100, "qwen3-vl-30b-a3b"),
        (H100, "qwen3-vl-30b-a3b-fp8"),
        (machine("L40S", 45, (8, 9)), "qwen3-vl-30b-a3b-fp8"),
        (machine("A40", 45, (8, 6)), "qwen3-vl-8b"),
        (machine("RTX 4090", 24, (8, 9)), "qwen3-vl-8b-fp8"),
        (machine("L4", 22.5, (8, 9)), "qwen3-vl-8b-fp8"),
        (machine("A10", 22.5, (8, 6)), "qwen3-vl-4b"),
        (machine("RTX 4080", 16, (8, 9)), "qwen3-vl-4b-fp8"),
        (machine("RTX 3060", 12, (8, 6)), "qwen3-vl-2b"),
        (NO_GPU, "qwen3-vl-2b-cpu"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_largest_that_fits_is_chosen(there: Machine, chosen: str) -> None:
    assert profiles.choose(profiles.load(), there).name == chosen


def test_where_adapters_are_in_use_a_profile_is_chosen_that_can_serve_them() -> None:
    assert profiles.choose(profiles.load(), H100, adapters=True).name == "qwen3-vl-30b-a3b"


def test_memory_that_another_program_uses_does_not_count() -> None:
    busy = Machine((Gpu(0, "GPU-1", "A100", 80, 35, (8, 0)),), 64)
    assert profiles.choose(profiles.load(), busy).name == "qwen3-vl-8b"


@pytest.mark.parametrize("there", [machine("T4", 15, (7, 5)), Machine((), 4)], ids=["old card", "no memory"])
def test_where_nothing_fits_the_sizes_are_told(there: Machine) -> None:
    with pytest.raises(Trouble, match="No profile fits") as told:
        profiles.choose(profiles.load(), there)
    assert "qwen3-vl-2b-cpu" in str(told.value) and "4.3 GB" in str(told.value)


def test_a_name_that_is_none_is_answered_with_those_that_are() -> None:
    with pytest.raises(Trouble, match="no profile 'qwen2'") as told:
        profiles.named(profiles.load(), "qwen2", NO_GPU)
    assert all(name in str(told.value) for name in profiles.load())


def test_a_newer_generation_is_a_new_file(tmp_path: Path) -> None:
    write(tmp_path / "qwen3-vl-8b.yml", own())
    newer = own(
        title="Qwen9-VL 20B",
        model="Qwen/Qwen9-VL-20B",
        architecture="Qwen9VLForConditionalGeneration",
        parameters=20,
        memory_gb=60,
        flags={"tool-call-parser": "qwen3_xml"},
    )
    write(tmp_path / "qwen9-vl-20b.yml", newer)
    chosen = profiles.choose(profiles.load(tmp_path), A100)
    assert (chosen.name, chosen.model) == ("qwen9-vl-20b", "Qwen/Qwen9-VL-20B")


def test_a_profile_may_lie_anywhere(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.yml", own(title="Mine"))
    assert profiles.named(profiles.load(), str(path), NO_GPU).title == "Mine"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"memory_gb": "much"}, "memory_gb"),
        ({"context": None}, "context"),
        ({"images": {"count": 0, "pixels": 1048576}}, "images.count"),
        ({"colour": "red"}, "colour"),
        ({"model": "no owner"}, "model"),
        ({"capability": "new"}, "capability"),
    ],
)
def test_a_wrong_file_is_named_with_its_field(tmp_path: Path, changed: dict[str, Any], field: str) -> None:
    path = write(tmp_path / "wrong.yml", own(**changed))
    with pytest.raises(Trouble, match=rf"wrong\.yml is not a profile:\n +{field}"):
        profiles.read(path)


@pytest.mark.parametrize("content", ["", "- a list", "title: [", "\x00"])
def test_a_file_that_is_no_mapping_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "none.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(Trouble, match=r"none\.yml cannot be read as a profile"):
        profiles.read(path)


def test_the_table_tells_estimates_from_measurements(tmp_path: Path) -> None:
    write(tmp_path / "guessed.yml", own())
    write(tmp_path / "known.yml", own(load={"customers": 77, "hardware": "an A100", "measured": True}))
    table = profiles.table(profiles.load(tmp_path).values(), A100)
    assert " ~150 " in table and " 77 " in table


def test_every_field_is_explained() -> None:
    text = (profiles.FOLDER / "README.md").read_text(encoding="utf-8")
    fields = profiles.Profile.model_fields.keys() - {"name"}
    assert {field for field in fields if f"| `{field}` |" not in text} == set()
