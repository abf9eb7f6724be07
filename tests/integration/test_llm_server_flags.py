"""The flags of every profile, as vLLM's own parser and settings see them."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from llm_server import profiles
from llm_server.command import Adapter, engine_command
from llm_server.machine import Gpu
from tests.llm_launcher import require_vllm
from tools.environments import ROOT, python_of

# Runs in vLLM's environment: reads command lines, prints what was understood of each.
_PARSE = """
import json, sys
import vllm.envs
from vllm.engine.arg_utils import AsyncEngineArgs
from vllm.entrypoints.launchers.cli_args import make_arg_parser, validate_parsed_serve_args
from vllm.utils.argparse_utils import FlexibleArgumentParser

known, understood = vllm.envs.environment_variables, {}
for name, (arguments, variables) in json.load(sys.stdin).items():
    parsed = make_arg_parser(FlexibleArgumentParser()).parse_args(arguments)
    validate_parsed_serve_args(parsed)
    engine = AsyncEngineArgs.from_cli_args(parsed)
    understood[name] = {
        "model": parsed.served_model_name,
        "context": engine.max_model_len,
        "sequences": engine.max_num_seqs,
        "images": engine.limit_mm_per_prompt["image"]["count"],
        "domains": engine.allowed_media_domains,
        "rank": engine.max_lora_rank,
        "adapters": [module.name for module in parsed.lora_modules or []],
        "unknown": [one for one in variables if one.startswith("VLLM_") and one not in known],
    }
print(json.dumps(understood))
"""


@pytest.fixture(scope="module")
def understood() -> dict[str, dict[str, object]]:
    """What vLLM makes of the command line of every shipped profile, with an adapter."""
    require_vllm()
    commands = {}
    for profile in profiles.load().values():
        command = engine_command(
            profile,
            python="python",
            weights=str(ROOT),  # a folder: a name would be looked for
            key="a key",
            port=8001,
            gpu=Gpu(0, "GPU-1", "H100", 80, 79, (9, 0)),
            adapters=[Adapter("winter", ROOT, 24)],
        )
        commands[profile.name] = command.arguments[3:], list(command.environment)
    without_gpu = engine_command(
        profiles.load()["qwen3-vl-2b-cpu"], python="python", weights="model", key="a key", port=8001, gpu=None
    )
    done = subprocess.run(
        [str(python_of("llm-cpu")), "-c", _PARSE],
        cwd=ROOT,
        env=os.environ | without_gpu.environment,
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("name", profiles.load())
def test_vllm_understands_the_flags_as_they_are_meant(
    name: str, understood: dict[str, dict[str, object]]
) -> None:
    profile = profiles.load()[name]
    assert understood[name] == {
        "model": [profile.model],
        "context": profile.context,
        "sequences": profile.sequences,
        "images": profile.images.count,
        "domains": ["only-data-urls.invalid"],
        "rank": 32,
        "adapters": ["winter"],
        "unknown": [],
    }
