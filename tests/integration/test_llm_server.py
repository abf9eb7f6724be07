"""The launcher of the model server from its start to its end, with real vLLM on the CPU."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.llm_launcher import FAINT, STOPPED_WITHIN_S, LlmServer, answer_of, question, require_vllm
from tests.tiny_adapters import TAUGHT


@pytest.fixture(scope="module")
def launched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlmServer]:
    require_vllm()
    with LlmServer(tmp_path_factory.mktemp("llm")) as server:
        yield server


@pytest.fixture
def server(launched: LlmServer) -> LlmServer:
    """One that answers; started again if an earlier test has ended it."""
    launched.start()
    launched.wait_until_ready()
    return launched


def test_it_answers_through_the_proxy(server: LlmServer) -> None:
    answer = server.ask()
    assert answer.status_code == 200
    assert answer_of(answer)


def test_it_says_where_it_is_and_keeps_its_key_to_itself(server: LlmServer) -> None:
    said = server.log.read_text(encoding="utf-8")
    assert f"SHOPCLERK_LLM_URL={server.url}/v1" in said
    assert f"SHOPCLERK_LLM_MODEL={server.model}" in said
    assert server.key not in said


def test_it_tells_how_far_it_is_while_it_loads(server: LlmServer) -> None:
    assert " s: reading the configuration" in server.log.read_text(encoding="utf-8")


def test_an_adapter_in_use_answers_under_its_own_name(server: LlmServer) -> None:
    assert answer_of(server.ask(TAUGHT)) != answer_of(server.ask())


def test_an_adapter_that_changes_nothing_is_reported(server: LlmServer) -> None:
    complaint = f"the adapter {FAINT} changes nothing"
    assert f"WARNING: {complaint}" in server.log.read_text(encoding="utf-8")
    assert complaint in httpx.get(f"{server.url}/readyz").text
    assert f"the adapter {TAUGHT}" not in httpx.get(f"{server.url}/readyz").text


def test_without_the_key_nobody_is_answered(server: LlmServer) -> None:
    assert server.ask(headers={}).status_code == 401
    assert server.ask(headers={"Authorization": "Bearer another-key-of-somebody"}).status_code == 401


def test_the_engine_has_a_key_that_is_not_in_its_command_line(server: LlmServer) -> None:
    process = Path(f"/proc/{server.engine_process()}")
    (given,) = [word for word in _words(process / "environ") if word.startswith("VLLM_API_KEY=")]
    key = given.removeprefix("VLLM_API_KEY=")
    assert len(key) >= 32
    assert not any(key in word for word in _words(process / "cmdline"))
    engine = f"http://127.0.0.1:{server.engine_port}/v1/models"
    assert httpx.get(engine, headers=server.headers).status_code == 401
    assert httpx.get(engine, headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_a_killed_engine_is_started_again_and_meanwhile_clients_are_told_to_wait(server: LlmServer) -> None:
    before = server.engine_process()
    os.kill(before, signal.SIGKILL)
    while server.readiness() == 200:
        time.sleep(0.1)
    meanwhile = server.ask()
    assert meanwhile.status_code == 503
    assert int(meanwhile.headers["Retry-After"]) > 0
    server.wait_until_ready()
    assert server.ask().status_code == 200
    assert server.engine_process() != before


def test_a_stop_lets_open_answers_finish_and_takes_no_new_ones(server: LlmServer) -> None:
    asked = question(server.model, 4000)
    # One client, made before: making one takes long enough for an answer to end.
    with httpx.Client(base_url=server.url, headers=server.headers, timeout=120) as client:
        client.get("/healthz")
        with client.stream("POST", "/v1/chat/completions", json=asked | {"stream": True}) as stream:
            lines = stream.iter_lines()
            next(lines)
            server.process.send_signal(signal.SIGTERM)
            while _answers(client.get, "/readyz") == 200:
                time.sleep(0.02)
            # On a busy machine the answer may be over by now, and the server gone.
            assert _answers(client.post, "/v1/chat/completions", json=asked) in (503, None)
            assert [line for line in lines if line][-1] == "data: [DONE]"
    assert server.process.wait(STOPPED_WITHIN_S) == 0


def _answers(ask: Callable[..., httpx.Response], path: str, **request: Any) -> int | None:
    """The status; None when nobody listens any more."""
    try:
        return ask(path, **request).status_code
    except httpx.ConnectError:
        return None


def _words(path: Path) -> list[str]:
    return path.read_bytes().decode().split("\0")
