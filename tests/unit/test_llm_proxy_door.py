"""The guard proxy's routes, keys, headers, log and metrics, before a scripted engine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import httpx
import pytest

from llm_server.proxy import Limits
from tests.fakes_engine import DONE, FakeEngine, word
from tests.proxies import (
    CHAT,
    ENGINE_KEY,
    KEY,
    OTHER,
    RunningProxy,
    drawn,
    question,
    running_proxy,
    shown,
    until,
)


def error(answer: httpx.Response) -> tuple[int, str]:
    """Status and code, of an error in OpenAI's shape."""
    shape = answer.json()["error"]
    assert sorted(shape) == ["code", "message", "type"]
    return answer.status_code, shape["code"]


# --- routes and keys ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("POST", "/invocations"), ("POST", "/tokenize"), ("POST", "/detokenize"), ("GET", "/openapi.json")),
        *(("GET", "/docs"), ("GET", "/version"), ("GET", "/health"), ("GET", "/load"), ("GET", "/")),
        *(("POST", "/v1/completions"), ("POST", "/v1/responses"), ("POST", "/v1/load_lora_adapter")),
        *(
            ("POST", "/v1/chat/completions/"),
            ("POST", "/v1//chat/completions"),
            ("POST", "/V1/chat/completions"),
        ),
        *(
            ("GET", "/v1/chat/completions"),
            ("OPTIONS", "/v1/models"),
            ("POST", "/metrics"),
            ("POST", "/pause"),
        ),
    ],
)
async def test_what_is_not_on_the_list_is_not_there(
    engine: FakeEngine, proxy: RunningProxy, method: str, path: str
) -> None:
    assert error(await proxy.client.request(method, path, json=question("x"))) == (404, "not_found")
    assert engine.history == []


@pytest.mark.parametrize("header", ["", "Bearer wrong", f"Bearer {KEY}x", f"Basic {KEY}", "Bearer"])
async def test_without_a_key_of_ours_nothing_reaches_the_engine(
    engine: FakeEngine, proxy: RunningProxy, header: str
) -> None:
    for method, path in (("POST", CHAT), ("GET", "/v1/models")):
        answer = await proxy.client.request(
            method, path, json=question("x"), headers={"Authorization": header}
        )
        assert error(answer) == (401, "invalid_api_key")
    assert engine.history == []


async def test_the_engine_gets_its_own_key_and_no_header_of_the_client(
    engine: FakeEngine, proxy: RunningProxy
) -> None:
    headers = {"X-Data-Parallel-Rank": "1", "Cookie": "a=b", "X-Request-ID": "my-request.1"}
    await proxy.client.post(CHAT, json=question("x"), headers=headers)
    got = engine.history[0].headers
    assert (got["Authorization"], got["X-Request-ID"]) == (f"Bearer {ENGINE_KEY}", "my-request.1")
    assert "Cookie" not in got and "X-Data-Parallel-Rank" not in got


async def test_tenants_have_salts_of_their_own(engine: FakeEngine, proxy: RunningProxy) -> None:
    await proxy.chat()
    await proxy.client.post(CHAT, json=question("hello"), headers=OTHER)
    assert engine.history[0].body["cache_salt"] != engine.history[1].body["cache_salt"]


async def test_models_are_listed_without_the_paths_of_their_files(proxy: RunningProxy) -> None:
    answer = await proxy.client.get("/v1/models")
    assert [model["id"] for model in answer.json()["data"]] == ["fake"]
    assert "root" not in answer.text and "weights" not in answer.text


async def test_embeddings_and_ranking_are_passed_on(engine: FakeEngine, proxy: RunningProxy) -> None:
    for path, body in (
        ("/v1/embeddings", {"model": "m", "input": "text"}),
        ("/v1/rerank", {"model": "m", "query": "when?", "documents": ["now"]}),
    ):
        assert (await proxy.client.post(path, json=body)).status_code == 200
        assert (engine.history[-1].path, engine.history[-1].body) == (path, body)


# --- speech ------------------------------------------------------------------------------------------------

SPEECH = "/v1/audio/transcriptions"


async def test_a_recording_is_passed_on(engine: FakeEngine, proxy: RunningProxy) -> None:
    answer = await proxy.client.post(SPEECH, files={"file": b"RIFF"}, data={"model": "asr", "language": "zh"})
    assert answer.status_code == 200
    assert engine.history[0].form == {"file": b"RIFF", "model": b"asr", "language": b"zh"}


async def test_a_form_with_another_field_is_refused(engine: FakeEngine, proxy: RunningProxy) -> None:
    form = {"model": "asr", "vllm_xargs": "{}"}
    assert error(await proxy.client.post(SPEECH, files={"file": b"RIFF"}, data=form)) == (
        400,
        "field_refused",
    )
    assert error(await proxy.client.post(SPEECH, files={"model": b"asr"})) == (400, "field_invalid")
    assert error(await proxy.client.post(SPEECH, json={})) == (415, "not_a_form")
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert error(await proxy.client.post(SPEECH, content=b"nothing", headers=broken)) == (400, "not_a_form")
    assert engine.history == []


async def test_a_recording_may_be_so_long(engine: FakeEngine) -> None:
    async with running_proxy(engine.url, limits=Limits(audio=100)) as proxy:
        assert error(await proxy.client.post(SPEECH, files={"file": b"x" * 101})) == (413, "too_large")


# --- bodies ------------------------------------------------------------------------------------------------


async def test_a_body_may_be_so_large_whether_it_says_so_or_not(engine: FakeEngine) -> None:
    async def in_pieces() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b" " * 100

    async with running_proxy(engine.url, limits=Limits(body=1000)) as proxy:
        headers = {"Content-Type": "application/json"}
        for body in (b" " * 1001, in_pieces()):
            answer = await proxy.client.post(CHAT, content=body, headers=headers)
            assert error(answer) == (413, "too_large")
        assert (await proxy.chat()).status_code == 200
    assert len(engine.history) == 1


@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "text/plain"}, {"Content-Type": "application/json", "Content-Encoding": "gzip"}],
)
async def test_only_plain_json_is_read(proxy: RunningProxy, headers: dict[str, str]) -> None:
    assert error(await proxy.client.post(CHAT, content=b"{}", headers=headers)) == (415, "not_json")


async def test_a_body_that_never_arrives_is_not_waited_for(engine: FakeEngine) -> None:
    async def stuck() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)

    async with running_proxy(engine.url, upload_s=0.1) as proxy:
        answer = await proxy.client.post(CHAT, content=stuck(), headers={"Content-Type": "application/json"})
        assert error(answer) == (408, "too_slow")


async def test_a_large_picture_is_checked_aside_and_arrives_whole(
    engine: FakeEngine, proxy: RunningProxy
) -> None:
    data = drawn(600, 500, "PNG") + bytes(2_000_000)
    assert (await proxy.chat([shown(data)])).status_code == 200
    url = engine.history[0].body["messages"][0]["content"][0]["image_url"]["url"]
    assert url.partition(",")[2] == shown(data)["image_url"]["url"].partition(",")[2]


# --- request ids, log, metrics -----------------------------------------------------------------------------


async def test_a_requests_id_comes_back_also_with_a_refusal(proxy: RunningProxy) -> None:
    for body in (question("x"), {}):
        answer = await proxy.client.post(CHAT, json=body, headers={"X-Request-ID": "abc-1"})
        assert answer.headers["X-Request-ID"] == "abc-1"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a=1 status=200"])
async def test_an_id_that_would_confuse_the_log_is_replaced(proxy: RunningProxy, given: str) -> None:
    answer = await proxy.client.post(CHAT, json=question("x"), headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] != given
    assert len(answer.headers["X-Request-ID"]) == 32


async def test_a_request_leaves_one_line_without_what_was_said(
    proxy: RunningProxy, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="llm_server.proxy")
    content = [shown(drawn(9, 9)), {"type": "text", "text": "my secret address"}]
    await proxy.client.post(CHAT, json=question(content, stream=True), headers={"X-Request-ID": "abc-2"})
    (line,) = [record.getMessage() for record in caplog.records if "abc-2" in record.getMessage()]
    assert "id=abc-2 tenant=shop route=/v1/chat/completions status=200 refused=-" in line
    assert f"out={len(word('O') + word('K') + DONE)} images=1" in line
    assert "secret" not in caplog.text and KEY not in caplog.text


async def test_requests_and_refusals_are_counted(proxy: RunningProxy) -> None:
    await proxy.chat()
    await proxy.chat(guided_json={})
    labels = 'tenant="shop"}'
    assert await proxy.metric(f'shopclerk_llm_requests_total{{route="{CHAT}",status="200",{labels}') == 1
    assert await proxy.metric(f'shopclerk_llm_requests_total{{route="{CHAT}",status="400",{labels}') == 1
    assert await proxy.metric('shopclerk_llm_refused_total{reason="field_refused"}') == 1
    assert await proxy.metric(f'shopclerk_llm_first_byte_seconds_count{{route="{CHAT}",{labels}') == 2


async def test_open_answers_are_shown_while_they_are_open(engine: FakeEngine, proxy: RunningProxy) -> None:
    engine.enqueue(word("a"), 5.0, DONE)
    async with proxy.client.stream("POST", CHAT, json=question("x", stream=True)) as answer:
        await anext(answer.aiter_bytes())
        assert await proxy.metric("shopclerk_llm_open_requests") == 1
    await until(lambda: _none_open(proxy))


async def _none_open(proxy: RunningProxy) -> bool:
    return await proxy.metric("shopclerk_llm_open_requests") == 0


async def test_the_engines_metrics_are_read_at_the_same_place(proxy: RunningProxy) -> None:
    assert "vllm:num_requests_running 0" in (await proxy.client.get("/metrics")).text


async def test_metrics_are_for_this_machine_and_for_the_shop(proxy: RunningProxy) -> None:
    far = {"X-Forwarded-For": "203.0.113.9"}
    assert (await proxy.client.get("/metrics", headers={**far, **OTHER})).status_code == 401
    assert (await proxy.client.get("/metrics", headers=far)).status_code == 200
    assert (await proxy.client.get("/metrics", headers=OTHER)).status_code == 200


# --- whether it is ready -----------------------------------------------------------------------------------


async def test_it_is_ready_while_the_engine_is_well(engine: FakeEngine, proxy: RunningProxy) -> None:
    await until(proxy.is_ready)
    engine.well = False
    await until(lambda: _is_down(proxy))
    assert (await proxy.client.get("/healthz")).status_code == 200
    assert await proxy.metric("shopclerk_llm_engine_up") == 0
    engine.well = True
    await until(proxy.is_ready)


async def _is_down(proxy: RunningProxy) -> bool:
    answer = await proxy.client.get("/readyz")
    return answer.status_code == 503 and answer.json()["parts"] == {"engine": "down"}


async def test_what_people_should_know_is_told(proxy: RunningProxy) -> None:
    proxy.options.notes.append("adapter winter answers as its base does")
    await until(proxy.is_ready)
    answer = await proxy.client.get("/readyz")
    assert answer.json() == {"status": "ok", "parts": {"engine": "ok"}, "notes": proxy.options.notes}
