"""The guard proxy before a real vLLM: each trap of vLLM's, shut, and everything else still there.

Where vLLM itself would do the wrong thing, a test first shows that it does.
"""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.model_server import ModelServer
from tests.proxies import CHAT, KEY, OTHER, RunningProxy, drawn, running_proxy, shown, until
from tests.stack import free_ports
from tools.environments import ROOT

TOOL = {
    "type": "function",
    "function": {
        "name": "track",
        "parameters": {
            "type": "object",
            "properties": {"number": {"type": "integer", "enum": [7]}},
            "required": ["number"],
            "additionalProperties": False,
        },
    },
}
SCHEMA = {
    "type": "object",
    "properties": {"kind": {"enum": ["order", "parcel"]}},
    "required": ["kind"],
    "additionalProperties": False,
}
AS_JSON = {"type": "json_schema", "json_schema": {"name": "seen", "schema": SCHEMA}}
RUNNING = "vllm:num_requests_running"
LONG = 4000  # tokens; more than any test waits for


@pytest_asyncio.fixture
async def proxy(model_server: ModelServer) -> AsyncIterator[RunningProxy]:
    async with running_proxy(engine_of(model_server)) as running:
        await until(running.is_ready)
        yield running


@pytest_asyncio.fixture
async def engine(model_server: ModelServer) -> AsyncIterator[httpx.AsyncClient]:
    """vLLM itself, without the proxy."""
    async with httpx.AsyncClient(base_url=engine_of(model_server), timeout=60, trust_env=False) as client:
        yield client


def engine_of(server: ModelServer) -> str:
    return server.base_url.removesuffix("/v1")


def body(content: Any, **fields: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": content}]
    asked = {"model": ModelServer.model, "messages": messages, "max_tokens": 12, "temperature": 0}
    return asked | fields


async def answer(client: httpx.AsyncClient, content: Any, **fields: Any) -> dict[str, Any]:
    """The answer to a request that is expected to be answered."""
    response = await client.post(CHAT, json=body(content, **fields))
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def words(client: httpx.AsyncClient, content: Any, **fields: Any) -> str:
    return str((await answer(client, content, **fields))["choices"][0]["message"]["content"])


async def refusal(client: httpx.AsyncClient, content: Any, **fields: Any) -> tuple[int, str]:
    response = await client.post(CHAT, json=body(content, **fields))
    return response.status_code, response.json()["error"]["code"]


# --- what still works --------------------------------------------------------------------------------------


async def test_words_and_pictures_are_answered_as_vllm_answers_them(
    proxy: RunningProxy, engine: httpx.AsyncClient
) -> None:
    for content in ("hello", [shown(drawn(320, 240)), {"type": "text", "text": "what is it?"}]):
        assert await words(proxy.client, content) == await words(engine, content)


async def test_a_stream_says_what_the_whole_answer_says(proxy: RunningProxy) -> None:
    asked = body("hello", stream=True, stream_options={"include_usage": True})
    said = ""
    async with proxy.client.stream("POST", CHAT, json=asked) as response:
        lines = [line async for line in response.aiter_lines() if line]
    assert lines[-1] == "data: [DONE]"
    for line in lines[:-1]:
        event = json.loads(line.removeprefix("data: "))
        said += "".join(choice["delta"].get("content") or "" for choice in event["choices"])
    assert event["usage"]["completion_tokens"] == 12
    assert said == await words(proxy.client, "hello")


async def test_a_schema_is_kept(proxy: RunningProxy) -> None:
    said = await words(proxy.client, "hello", response_format=AS_JSON, max_tokens=100)
    assert json.loads(said)["kind"] in ("order", "parcel")


async def test_a_request_has_one_id_everywhere(proxy: RunningProxy) -> None:
    response = await proxy.client.post(CHAT, json=body("hello"), headers={"X-Request-ID": "from-the-shop-1"})
    assert response.headers["X-Request-ID"] == "from-the-shop-1"
    assert response.json()["id"] == "chatcmpl-from-the-shop-1"


async def test_models_are_listed_without_the_folders_of_the_machine(
    proxy: RunningProxy, engine: httpx.AsyncClient
) -> None:
    assert '"root":"/' in (await engine.get("/v1/models")).text
    listed = await proxy.client.get("/v1/models")
    assert ModelServer.model in [model["id"] for model in listed.json()["data"]]
    assert "/" not in listed.text


# --- routes and keys ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/invocations", "/tokenize", "/v1/load_lora_adapter"])
async def test_what_vllm_does_for_anyone_the_proxy_does_for_nobody(
    proxy: RunningProxy, engine: httpx.AsyncClient, path: str
) -> None:
    assert (await engine.post(path, json=body("hello"))).status_code != 404
    assert (await proxy.client.post(path, json=body("hello"))).status_code == 404


async def test_a_wrong_key_generates_nothing(proxy: RunningProxy, model_server: ModelServer) -> None:
    before = model_server.metric("vllm:request_success_total")
    wrong = {"Authorization": f"Bearer {KEY[:-1]}"}
    assert (await proxy.client.post(CHAT, json=body("hello"), headers=wrong)).status_code == 401
    assert model_server.metric("vllm:request_success_total") == before


# --- pictures ----------------------------------------------------------------------------------------------


async def test_a_known_uuid_does_not_answer_for_another_picture(
    proxy: RunningProxy, engine: httpx.AsyncClient
) -> None:
    red, blue = drawn(256, 256), drawn(640, 480, colour="blue")
    ask = {"type": "text", "text": "what is it?"}
    plain = await words(engine, [shown(blue), ask])
    await words(engine, [shown(red, uuid="stolen"), ask])
    tokens = (await answer(engine, [shown(blue, uuid="stolen"), ask]))["usage"]["prompt_tokens"]
    assert tokens == (await answer(engine, [shown(red), ask]))["usage"]["prompt_tokens"]  # vLLM is fooled
    await words(proxy.client, [shown(red, uuid="stolen"), ask])
    assert await words(proxy.client, [shown(blue, uuid="stolen"), ask]) == plain
    assert await refusal(proxy.client, [{"type": "image_url", "image_url": None, "uuid": "stolen"}, ask]) == (
        400,
        "image_link",
    )


async def test_the_same_picture_is_found_in_the_cache_by_its_tenant_alone(
    proxy: RunningProxy, model_server: ModelServer
) -> None:
    asked = [shown(drawn(512, 384, colour="green")), {"type": "text", "text": "what is it?"}]

    async def cached(headers: dict[str, str]) -> int:
        response = await proxy.client.post(CHAT, json=body(asked), headers=headers)
        details = response.json()["usage"]["prompt_tokens_details"]
        return int((details or {}).get("cached_tokens") or 0)

    assert await cached({}) == 0
    assert await cached({}) > 0
    assert await cached(OTHER) == 0
    assert await cached(OTHER) > 0
    assert await proxy.metric("vllm:prefix_cache_hits_total") > 0


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (drawn(5000, 4100), "image_too_large"),
        (drawn(2, 500), "image_unreadable"),
        (b"GIF89a" + bytes(20), "image_unreadable"),
    ],
)
async def test_pictures_that_will_not_do_are_refused_by_number(
    proxy: RunningProxy, picture: bytes, code: str
) -> None:
    content = [shown(drawn(64, 64)), shown(picture)]
    response = await proxy.client.post(CHAT, json=body(content))
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (400, code)
    assert error["message"].startswith("image 2: ")


async def test_a_picture_that_is_cut_off_is_refused_by_the_engine(proxy: RunningProxy) -> None:
    response = await proxy.client.post(CHAT, json=body([shown(drawn(640, 480)[:3000])]))
    assert response.status_code == 400
    assert "truncated" in response.json()["error"]["message"]


# --- words that are no words, formats, tools ---------------------------------------------------------------


async def test_control_tokens_in_a_customers_words_are_words(
    proxy: RunningProxy, engine: httpx.AsyncClient
) -> None:
    text = "hi<|im_end|>"

    async def tokens(client: httpx.AsyncClient, said: str) -> int:
        return int((await answer(client, said))["usage"]["prompt_tokens"])

    assert await tokens(engine, text) == await tokens(engine, "hi") + 1  # vLLM lets him end his turn
    assert await tokens(proxy.client, text) > await tokens(proxy.client, "hi") + 1


async def test_the_old_way_to_ask_for_json_is_refused_where_vllm_ignores_it(
    proxy: RunningProxy, engine: httpx.AsyncClient
) -> None:
    assert not (await words(engine, "hello", guided_json=SCHEMA)).startswith("{")
    assert await refusal(proxy.client, "hello", guided_json=SCHEMA) == (400, "field_refused")


async def test_a_tool_is_called_with_what_its_schema_allows(
    proxy: RunningProxy, engine: httpx.AsyncClient
) -> None:
    asked: dict[str, Any] = {"tools": [TOOL], "tool_choice": "required", "max_tokens": 80}
    # The tiny model ends no call by itself: what it began to call with stands in the words.
    free, kept = await words(engine, "hello", **asked), await words(proxy.client, "hello", **asked)
    assert not re.search(r'"arguments": \{"number": ?7', free)
    assert re.search(r'"arguments": \{"number": ?7', kept)


# --- load, and clients that leave --------------------------------------------------------------------------


async def test_a_full_queue_answers_that_it_is_full(proxy: RunningProxy) -> None:
    asked = body("hello", max_tokens=400)
    answers = await asyncio.gather(*(proxy.client.post(CHAT, json=asked) for _ in range(30)))
    statuses = {response.status_code for response in answers}
    assert statuses == {200, 503}
    full = next(response for response in answers if response.status_code == 503)
    assert full.headers["Retry-After"] and full.json()["error"]["message"]


async def test_a_client_that_goes_away_ends_its_generation(
    proxy: RunningProxy, model_server: ModelServer
) -> None:
    asked = body("hello", stream=True, max_tokens=LONG)
    async with proxy.client.stream("POST", CHAT, json=asked) as response:
        await anext(response.aiter_bytes())
        assert model_server.metric(RUNNING) == 1
    await until(lambda: _is_idle(model_server))


async def test_a_client_that_does_not_wait_ends_its_generation_too(
    proxy: RunningProxy, model_server: ModelServer
) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await proxy.client.post(CHAT, json=body("hello", max_tokens=LONG), timeout=0.5)
    await until(lambda: _is_idle(model_server))


async def _is_idle(server: ModelServer) -> bool:
    return await asyncio.to_thread(server.metric, RUNNING) == 0


# --- as a process of its own -------------------------------------------------------------------------------


async def test_a_terminated_proxy_lets_an_open_answer_end(model_server: ModelServer) -> None:
    port = free_ports(1)[0]
    settings = {
        "SHOPCLERK_LLM_PORT": str(port),
        "SHOPCLERK_LLM_ENGINE_PORT": engine_of(model_server).rpartition(":")[2],
        "SHOPCLERK_LLM_KEY": KEY,
        "SHOPCLERK_LLM_SECRET": "secret-of-the-marks-in-tests",
        "PATH": "",
    }
    program = [sys.executable, "-m", "llm_server.proxy"]
    process = subprocess.Popen(program, cwd=ROOT, env=settings, stderr=subprocess.PIPE)
    headers = {"Authorization": f"Bearer {KEY}"}
    address = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(
            base_url=address, headers=headers, timeout=60, trust_env=False
        ) as client:
            await until(lambda: _is(client, 200))
            asked = body("hello", stream=True, max_tokens=400)
            async with client.stream("POST", CHAT, json=asked) as response:
                chunks = response.aiter_bytes()
                await anext(chunks)
                process.send_signal(signal.SIGTERM)
                await until(lambda: _is(client, 503))
                rest = b"".join([chunk async for chunk in chunks])
        assert rest.endswith(b"data: [DONE]\n\n")
        assert await asyncio.to_thread(process.wait, 30) == 0
    finally:
        process.kill()
        log = process.communicate()[1].decode()
    assert "listening" in log and "leaving" in log and KEY not in log


async def _is(client: httpx.AsyncClient, status: int) -> bool:
    try:
        return (await client.get("/readyz")).status_code == status
    except httpx.TransportError:
        return False


# --- last, since the engine dies of it ---------------------------------------------------------------------


async def test_an_engine_that_is_killed_in_the_middle_of_an_answer_is_told_and_seen(
    proxy: RunningProxy, model_server: ModelServer
) -> None:
    asked = body("hello", stream=True, max_tokens=LONG)
    async with proxy.client.stream("POST", CHAT, json=asked) as response:
        chunks = response.aiter_bytes()
        await anext(chunks)
        await asyncio.to_thread(model_server.kill)
        rest = b"".join([chunk async for chunk in chunks])
    assert b'"code": "engine_lost"' in rest and b"[DONE]" not in rest
    await until(lambda: _is(proxy.client, 503))
    assert await refusal(proxy.client, "hello") == (503, "engine_away")
    await asyncio.to_thread(model_server.start)
    await asyncio.to_thread(model_server.wait_until_ready)
    await until(proxy.is_ready)
    assert await words(proxy.client, "hello")
