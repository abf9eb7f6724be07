"""What the launcher knows of the machine, from what nvidia-smi and the system say."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from llm_server import Trouble
from llm_server.machine import (
    Machine,
    environment_for,
    free_disk,
    free_memory_gb,
    parse_gpus,
    this_machine,
    visible,
)

TWO_CARDS = """\
0, GPU-1111, NVIDIA A100-SXM4-80GB, 81920, 20480, 8.0
1, GPU-2222, NVIDIA A100-SXM4-80GB, 81920, 81000, 8.0
"""


def test_a_card_is_read_with_its_memory_in_gigabytes() -> None:
    (card,) = parse_gpus("0, GPU-1111, NVIDIA H100 80GB HBM3, 81559, 81079, 9.0\n")
    assert (card.index, card.name, card.capability) == (0, "NVIDIA H100 80GB HBM3", (9, 0))
    assert (round(card.total_gb, 1), round(card.free_gb, 1)) == (79.6, 79.2)


def test_a_name_may_hold_a_comma() -> None:
    assert parse_gpus("0, GPU-1, Card, the second, 24564, 24000, 8.9")[0].name == "Card, the second"


@pytest.mark.parametrize("said", ["", "\n", "0, GPU-1, NVIDIA GB10, [N/A], [N/A], 12.1", "what?"])
def test_what_tells_no_memory_is_no_card(said: str) -> None:
    assert parse_gpus(said) == ()


def test_the_card_with_the_most_free_memory_is_used() -> None:
    gpu = Machine(parse_gpus(TWO_CARDS), 100).gpu
    assert gpu and gpu.index == 1


@pytest.mark.parametrize(
    ("chosen", "seen"), [(None, [0, 1]), ("1", [1]), ("GPU-11", [0]), ("1,0", [0, 1]), ("", []), ("-1", [])]
)
def test_cards_can_be_hidden_as_for_every_cuda_program(chosen: str | None, seen: list[int]) -> None:
    assert [gpu.index for gpu in visible(parse_gpus(TWO_CARDS), chosen)] == seen


def test_the_environment_follows_the_card() -> None:
    assert environment_for(Machine((), 8)) == "llm-cpu"
    assert environment_for(Machine(parse_gpus(TWO_CARDS), 8)) == "llm-gpu"


def test_the_driver_is_asked_through_its_own_program(tmp_path: Path) -> None:
    _program(tmp_path, f"cat <<'end'\n{TWO_CARDS}end\n")
    machine = this_machine({"PATH": f"{tmp_path}:/usr/bin:/bin", "CUDA_VISIBLE_DEVICES": "0"})
    assert [gpu.uuid for gpu in machine.gpus] == ["GPU-1111"]


def test_a_machine_without_the_program_has_no_card(tmp_path: Path) -> None:
    assert this_machine({"PATH": str(tmp_path)}).gpus == ()


def test_a_driver_without_cards_is_no_trouble(tmp_path: Path) -> None:
    _program(tmp_path, "echo No devices were found; exit 6\n")
    assert this_machine({"PATH": f"{tmp_path}:/usr/bin:/bin"}).gpus == ()


def test_a_broken_driver_is_told_and_not_taken_for_none(tmp_path: Path) -> None:
    _program(tmp_path, "echo Driver/library version mismatch; exit 18\n")
    with pytest.raises(Trouble, match="version mismatch"):
        this_machine({"PATH": f"{tmp_path}:/usr/bin:/bin"})


def test_free_memory_is_what_the_system_and_the_container_allow(tmp_path: Path) -> None:
    report = tmp_path / "meminfo"
    report.write_text("MemTotal: 33554432 kB\nMemAvailable: 16777216 kB\n", encoding="utf-8")
    assert free_memory_gb(report, tmp_path) == 16
    (tmp_path / "memory.max").write_text("max\n")
    assert free_memory_gb(report, tmp_path) == 16
    (tmp_path / "memory.max").write_text(f"{8 * 2**30}\n")
    assert free_memory_gb(report, tmp_path) == 8


def test_the_disk_of_a_folder_that_is_not_made_yet_is_known(tmp_path: Path) -> None:
    assert free_disk(tmp_path / "not" / "yet") > 0
    assert not (tmp_path / "not").exists()


def _program(folder: Path, script: str) -> None:
    path = folder / "nvidia-smi"
    path.write_text(f"#!/bin/sh\n{script}", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
