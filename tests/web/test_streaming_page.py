"""The chat page while an answer is written: words that appear, are withdrawn, survive a lost connection."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from support.bootstrap import Shop
from tests.fakes_model import FakeModel
from tests.stack import Stack
from tests.web.test_chat_page import PHONE

QUESTION = "买完就降价了，差价能退给我吗？"
GOOD = ("可以", "申请", "价格", "保护", "[1]", "，请", "在订单", "页提交", "。")
INVENTED = ("可以申请", "价格保护", "，", "99", " 天内", "退您", " 888", " 元", "[1]", "。")
_ANSWER_MS = 30_000


@dataclass(frozen=True)
class Chat:
    """The page as a customer uses it."""

    page: Page
    context: BrowserContext
    url: str

    @property
    def draft(self) -> Locator:
        return self.page.locator("#draft .bubble")

    @property
    def answers(self) -> Locator:
        return self.page.locator("#log .message:not(.mine)")

    async def say(self, text: str) -> None:
        await self.page.locator("#text").fill(text)
        await self.page.locator("#text").press("Enter")

    async def conversation_id(self) -> str:
        return str(await self.page.evaluate("localStorage.getItem('shopclerk.conversation')"))


@pytest_asyncio.fixture
async def chat(assistant: Stack, browser: Browser) -> AsyncIterator[Chat]:
    context = await browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    await page.goto(assistant.gateway_url)
    yield Chat(page, context, assistant.gateway_url)
    await context.close()
    # A connection that is cut is what a test is about; Chromium reports it.
    assert [one for one in complaints if not one.startswith("Failed to load resource")] == []


async def test_words_appear_as_they_are_written_and_become_the_message(chat: Chat, model: FakeModel) -> None:
    model.enqueue(*GOOD, pause_s=1.0)
    await chat.say(QUESTION)
    await expect(chat.draft).to_have_text(re.compile("^可以申请"), timeout=_ANSWER_MS)
    await expect(chat.page.locator("#typing")).to_be_hidden()
    await expect(chat.answers).to_have_count(0)
    await expect(chat.answers).to_have_count(1, timeout=_ANSWER_MS)
    await expect(chat.answers.locator(".bubble")).to_have_text("可以申请价格保护1，请在订单页提交。")
    await expect(chat.page.locator("#draft")).to_be_hidden()
    await expect(chat.page.get_by_role("button", name=re.compile("^查看资料")).first).to_be_visible()


async def test_a_new_conversation_waits_for_nothing_of_the_old_one(chat: Chat, model: FakeModel) -> None:
    model.enqueue(*GOOD, pause_s=1.0)
    await chat.say(QUESTION)
    await expect(chat.draft).to_have_text(re.compile("^可以申请"), timeout=_ANSWER_MS)
    chat.page.once("dialog", lambda dialog: dialog.accept())
    await chat.page.locator("#new").click()
    await expect(chat.page.locator("#draft")).to_be_hidden()
    await chat.say("你好")
    await expect(chat.answers).to_have_count(1)
    await expect(chat.page.locator("#log")).not_to_contain_text("价格保护")


async def test_a_screen_reader_hears_the_message_once_and_not_each_word(chat: Chat, model: FakeModel) -> None:
    model.enqueue(*GOOD, pause_s=0.2)
    await chat.page.evaluate(
        """() => {
            window.spoken = [];
            const log = document.querySelector("[role=log]");
            new MutationObserver((changes) => {
                const added = changes.flatMap((change) => [...change.addedNodes]);
                window.spoken.push(...added.map((node) => node.textContent));
            }).observe(log, { childList: true, subtree: true, characterData: true });
        }"""
    )
    await chat.say(QUESTION)
    await expect(chat.answers).to_have_count(1, timeout=_ANSWER_MS)
    spoken = [text for text in await chat.page.evaluate("window.spoken") if "价格保护" in text]
    assert len(spoken) == 1
    await expect(chat.page.locator("#draft")).to_have_attribute("aria-hidden", "true")


async def test_words_before_an_invented_figure_are_struck_out_and_the_figure_is_never_seen(
    chat: Chat, model: FakeModel
) -> None:
    await chat.page.evaluate(
        """() => {
            window.seen = "";
            const log = document.querySelector("[role=log]");
            new MutationObserver(() => { window.seen += log.textContent; })
                .observe(log.parentElement, { childList: true, subtree: true, characterData: true });
        }"""
    )
    model.enqueue(*INVENTED, pause_s=0.5)
    await chat.say(QUESTION)
    await expect(chat.draft).to_have_text(re.compile("^可以申请"), timeout=_ANSWER_MS)
    withdrawn = chat.page.locator("#log del")
    await expect(withdrawn).to_have_text(re.compile("^可以申请价格保护"), timeout=_ANSWER_MS)
    await expect(withdrawn).to_have_css("text-decoration-line", "line-through")
    await expect(chat.page.locator("#log .withdrawn")).to_have_text(
        "上面这段不够确定，已撤回，请以下面的答复为准。"
    )
    await expect(chat.answers).to_have_count(2)
    await expect(chat.answers.last).not_to_have_text(re.compile("888"))
    assert "888" not in await chat.page.evaluate("window.seen")
    await chat.page.reload()
    await expect(chat.answers).to_have_count(1)


async def test_the_page_says_that_the_picture_is_looked_at(
    chat: Chat, model: FakeModel, assistant: Stack
) -> None:
    model.enqueue('{"kind": "fault", "description": "杯口有裂纹。", "fault": "", "search": ""}', hang_s=2.5)
    photo = assistant.shop_folder / "faults" / "broken-mug.jpg"
    await chat.page.set_input_files("#file", photo)
    await expect(chat.page.locator("#tray li:not(:has(progress))")).to_have_count(1, timeout=_ANSWER_MS)
    await chat.page.get_by_role("button", name="发送", exact=True).click()
    await expect(chat.page.locator("#doing")).to_have_text("正在看您发来的图片…", timeout=_ANSWER_MS)
    await expect(chat.page.get_by_role("status").filter(has_text="正在看您发来的图片")).to_have_count(1)
    await expect(chat.answers.last).to_contain_text("杯口有裂纹。", timeout=_ANSWER_MS)


async def test_a_connection_lost_in_mid_answer_goes_on_by_itself(
    chat: Chat, model: FakeModel, assistant: Stack
) -> None:
    """The page talks to the gateway through a line that is cut once, after some words."""
    asked = len(model.history)
    async with cut_once(assistant.settings.port) as line:
        page = await chat.context.new_page()
        await page.goto(f"http://127.0.0.1:{line}/")
        model.enqueue(*GOOD, pause_s=0.4)
        await page.locator("#text").fill(QUESTION)
        await page.locator("#text").press("Enter")
        answer = page.locator("#log .message:not(.mine) .bubble")
        await expect(answer).to_have_text("可以申请价格保护1，请在订单页提交。", timeout=_ANSWER_MS)
        await expect(page.locator("#log .mine")).to_have_count(1)
        await expect(page.get_by_role("button", name="重新发送")).to_have_count(0)
    assert len(model.history) == asked + 1


class cut_once:
    """A line to a port of this machine; it is cut when the first word of an answer has gone through."""

    def __init__(self, port: int) -> None:
        self._port, self._cut = port, False
        self._server: asyncio.Server

    async def __aenter__(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aexit__(self, *error: object) -> None:
        assert self._cut, "the line was never cut"
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to_there = await asyncio.open_connection("127.0.0.1", self._port)
        both = [
            asyncio.create_task(self._pass(reader, to_there)),
            asyncio.create_task(self._pass(there, writer)),
        ]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for one in both:
            one.cancel()
        for end in (writer, to_there):
            end.close()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
            if b"event: delta" in data and not self._cut:
                self._cut = True
                return


# --- a person ----------------------------------------------------------------------------------------------


async def with_a_person(chat: Chat, assistant: Stack, *doings: tuple[str, dict[str, str]]) -> None:
    """The customer asks for a person, who takes the conversation and does these things."""
    await chat.say("转人工")
    await expect(chat.page.locator("#status")).to_have_attribute("data-holder", "queue", timeout=_ANSWER_MS)
    conversation_id = await chat.conversation_id()
    async with httpx.AsyncClient(base_url=assistant.gateway_url, trust_env=False) as staff:
        staff.headers.update(assistant.staff_headers)
        waiting = (await staff.get("/api/staff/handovers")).raise_for_status().json()
        number = next(one["id"] for one in waiting if one["conversation_id"] == conversation_id)
        for verb, body in (("take", {}), *doings):
            path = f"/api/staff/handovers/{number}/{verb}"
            (await staff.post(path, json={"person": "小林"} | body)).raise_for_status()


async def test_a_person_who_answers_has_read(chat: Chat, assistant: Stack) -> None:
    await with_a_person(chat, assistant, ("reply", {"text": "您好，我来看。"}))
    await expect(chat.answers.last).to_contain_text("您好，我来看。")
    await expect(chat.page.locator(".mine .seen")).to_have_text("已读")
    await chat.page.reload()
    await expect(chat.page.locator(".mine .seen")).to_have_text("已读")


async def test_what_the_customer_has_seen_is_known_to_the_shop(
    chat: Chat, assistant: Stack, records: Shop
) -> None:
    await with_a_person(chat, assistant, ("reply", {"text": "您好，我来看。"}))
    await expect(chat.answers.last).to_contain_text("您好，我来看。")
    conversation_id = await chat.conversation_id()
    seen = None
    async with asyncio.timeout(30):
        while seen is None:
            async with records.store.reading() as unit:
                seen = (await unit.conversations.read_state(conversation_id)).customer
            await asyncio.sleep(0.05)


async def test_a_closed_conversation_says_so_and_the_assistant_answers_the_next_message(
    chat: Chat, model: FakeModel, assistant: Stack
) -> None:
    await with_a_person(chat, assistant, ("close", {}))
    await expect(chat.page.locator("#status-text")).to_have_text("本次服务已结束")
    model.enqueue(*GOOD)
    await chat.say(QUESTION)
    await expect(chat.answers.last).to_contain_text("可以申请价格保护", timeout=_ANSWER_MS)
    await expect(chat.page.locator("#status")).to_have_attribute("data-holder", "bot")
