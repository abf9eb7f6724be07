"""A real vLLM without a GPU for the tests, serving the tiny Qwen3-VL of `tests/tiny_qwen.py`.

    with running_model_server(folder) as server:      # returns at once: loading takes half a minute
        server.wait_until_ready()
        Llm(server.base_url, server.model)

Where the environment `llm-cpu` is not built, or cannot be, its tests are skipped with a reason; in CI that fails.
The server stops when this process closes its input or dies, so nothing stays behind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.stack import free_ports
from tools.environments import ROOT, python_of
from tools.progress import last_lines

READY_WITHIN_S = 180
STOPPED_WITHIN_S = 20

# One gigabyte is the least that vLLM takes for its cache here; the blocks named below use a sixteenth of it.
_ENVIRONMENT = {"VLLM_CPU_KVCACHE_SPACE": "1", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"} | {
    "VLLM_NO_USAGE_STATS": "1"
}
# As a shop would start it (pictures of one megapixel, JSON without loose white space), but small, quick to start,
# and with blocks short enough for prefix-cache hits on short prompts.
_ARGUMENTS = (
    *("--enforce-eager", "--max-model-len", "32768", "--max-num-seqs", "8"),
    *("--block-size", "32", "--num-gpu-blocks-override", "4096"),
    *("--limit-mm-per-prompt", '{"image":{"count":4,"width":1024,"height":1024},"video":0}'),
    *("--mm-processor-kwargs", '{"size":{"shortest_edge":65536,"longest_edge":1048576}}'),
    *("--structured-outputs-config", '{"backend":"xgrammar","disable_any_whitespace":true}'),
    *("--enable-prompt-tokens-details", "--disable-fastapi-docs"),
)
