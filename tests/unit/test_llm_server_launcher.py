"""`make llm` before anything starts: which environment, which profile, what is printed."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from llm_server import Trouble, profiles
from llm_server import __main__ as launcher
from llm_server.command import Adapter, engine_command
from llm_server.serving import Plan, banner, check_ports
from llm_server.settings import Settings, with_secrets
from tests.tiny_adapters import FEW_MODULES, deaf_name, write_adapter
from tools import llm
from tools.environments import ROOT

PROFILE = profiles.load()["qwen3-vl-8b"]


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The launcher in an environment without vLLM, and without anybody's .env."""
    variables = {f"SHOPCLERK_{name}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "llm_server", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "SHOPCLERK_VAR": str(folder)} | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_dry_run_prints_commands_without_vllm_weights_or_secrets(tmp_path: Path) -> None:
    key = "the-key-of-the-shop-in-tests"
    done = run(tmp_path, "--dry-run", "--profile", "qwen3-vl-8b-fp8", LLM_KEY=key, LLM_SECRET=key)
    assert done.returncode == 0
    assert "-m vllm.entrypoints.openai.api_server" in done.stdout
    assert "--model Qwen/Qwen3-VL-8B-Instruct-FP8" in done.stdout
    assert key not in done.stdout
    assert re.search(r"VLLM_API_KEY='\*+'", done.stdout)
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_of_what_does_not_fit_says_so(tmp_path: Path) -> None:
    done = run(tmp_path, "--dry-run", "--profile", "qwen3-vl-8b", CUDA_VISIBLE_DEVICES="")
    assert "needs an NVIDIA GPU with 30 GB" in done.stdout


def test_flags_after_two_dashes_go_to_vllm(tmp_path: Path) -> None:
    done = run(tmp_path, "--dry-run", "--profile", "qwen3-vl-8b", "--", "--max-num-seqs", "3")
    assert "--max-num-seqs 3" in done.stdout


def test_the_list_has_every_profile(tmp_path: Path) -> None:
    done = run(tmp_path, "--list")
    assert all(f"\n{name} " in done.stdout for name in profiles.load())


def test_an_unknown_profile_is_answered_with_the_list(tmp_path: Path) -> None:
    done = run(tmp_path, "--profile", "gpt")
    assert done.returncode == 1
    assert "There is no profile 'gpt'" in done.stderr and "qwen3-vl-30b-a3b-fp8" in done.stderr


def test_a_wrong_setting_is_named_and_not_its_value(tmp_path: Path) -> None:
    done = run(tmp_path, "--list", MODE="production", LLM_KEY="short-and-secret")
    assert done.returncode == 1
    assert "SHOPCLERK_LLM_SECRET must have" in done.stderr
    assert "short-and-secret" not in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["--list"], "app"),
        (["--dry-run", "--profile", "qwen3-vl-8b"], "app"),
        (["--profile", "no-such-profile"], "app"),
        (["--profile", "qwen3-vl-2b-cpu"], "llm-cpu"),
        (["--profile", str(profiles.FOLDER / "qwen3-vl-2b-cpu.yml"), "--", "--max-num-seqs", "2"], "llm-cpu"),
    ],
)
def test_the_environment_is_the_smallest_that_will_do(arguments: list[str], environment: str) -> None:
    assert llm.environment(arguments) == environment


@pytest.mark.parametrize(("has_card", "environment"), [(True, "llm-gpu"), (False, "llm-cpu")])
def test_otherwise_the_card_decides(
    has_card: bool, environment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if has_card:
        program = tmp_path / "nvidia-smi"
        program.write_text("#!/bin/sh\necho 0, GPU-1, NVIDIA H100, 81559, 81000, 9.0\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin" if has_card else str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert llm.environment([]) == environment
    assert llm.environment(["--profile", "qwen3-vl-8b"]) == environment


def test_adapters_in_order_are_served_with_their_rank(tmp_path: Path) -> None:
    folder = write_adapter(tmp_path / "winter", FEW_MODULES, base=PROFILE.model)
    assert launcher.usable([("winter", folder)], PROFILE) == ((Adapter("winter", folder, 8),), ())


def test_an_adapter_that_would_do_nothing_is_left_out_with_the_reason(tmp_path: Path) -> None:
    deaf = {deaf_name(name): shape for name, shape in FEW_MODULES.items()}
    folder = write_adapter(tmp_path / "deaf", deaf, base=PROFILE.model)
    adapters, (warning,) = launcher.usable([("deaf", folder)], PROFILE)
    assert adapters == ()
    assert warning.startswith("the adapter deaf is left out: ")


def test_a_profile_that_cannot_serve_adapters_leaves_them_out(tmp_path: Path) -> None:
    moe = profiles.load()["qwen3-vl-30b-a3b-fp8"]
    folder = write_adapter(tmp_path / "winter", FEW_MODULES, base=moe.model)
    adapters, warnings = launcher.usable([("winter", folder)], moe)
    assert adapters == () and len(warnings) == 1


def test_a_taken_port_is_named_with_its_setting() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            Trouble, match=rf"Port {port} is taken.*SHOPCLERK_LLM_ENGINE_PORT={port + 10} make llm"
        ):
            check_ports(Settings(llm_engine_port=port, llm_port=1))


def test_an_address_of_another_machine_is_not_called_taken() -> None:
    with pytest.raises(Trouble, match=r"cannot listen on 203\.0\.113\.7:\d+ \(SHOPCLERK_LLM_PORT\)"):
        check_ports(Settings(llm_host="203.0.113.7"))


def test_the_end_of_the_start_says_what_the_assistant_needs_and_no_secret(tmp_path: Path) -> None:
    settings = with_secrets(Settings(var=tmp_path, llm_port=8123))
    command = engine_command(
        PROFILE, python="python", weights="/models", key="engine-key", port=8001, gpu=None
    )
    text = banner(Plan(settings, PROFILE, command, warnings=()), 12)
    assert "SHOPCLERK_LLM_URL=http://127.0.0.1:8123/v1" in text
    assert f"SHOPCLERK_LLM_MODEL={PROFILE.model}" in text
    assert str(tmp_path / "secrets.env") in text
    assert settings.llm_key.get_secret_value() not in text and "engine-key" not in text
