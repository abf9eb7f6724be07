"""The chat page's microphone, in a browser that hears a tone; a fake endpoint says what the words were."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from tests.doors import OpenDoor, open_door
from tests.fakes_endpoint import FakeEndpoint, fake_endpoint
from tests.fakes_rasa import FakeRasa
from tests.recordings import tone
from tests.web.test_chat_page import NARROW

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SPEAK = re.compile("^(语音输入|Speak)$")
DONE = re.compile("^(说完了|Done speaking)$")
DISCARD = re.compile("^(取消录音|Discard the recording)$")
_WRITTEN_MS = 20_000
# Taps again as soon as it is recording.
_HASTY = """() => {
    const button = document.getElementById("speak");
    new MutationObserver((_, observer) => {
        if (!button.classList.contains("on")) return;
        observer.disconnect();
        button.click();
    }).observe(button, { attributes: true });
}"""


@dataclass(frozen=True)
class Chat:
    """The page on a small phone."""

    page: Page
    context: BrowserContext

    @property
    def field(self) -> Locator:
        return self.page.locator("#text")

    @property
    def state(self) -> Locator:
        return self.page.locator("#recording")

    @property
    def notice(self) -> Locator:
        return self.page.get_by_role("alert")

    def button(self, name: re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name)

    async def start(self) -> None:
        await self.button(SPEAK).click()
        await expect(self.state).to_have_attribute("data-state", "recording")

    async def speak(self) -> None:
        """Say something for a second or more."""
        await self.start()
        await expect(self.page.locator("#recording-time")).not_to_have_text("0:00")
        await self.button(DONE).click()

    async def dictate(self) -> None:
        """Say something and wait for what becomes of it."""
        await self.speak()
        await expect(self.state).to_be_hidden(timeout=_WRITTEN_MS)


@pytest.fixture
def browser_arguments(tmp_path: Path) -> list[str]:
    file = tmp_path / "microphone.wav"
    file.write_bytes(tone(3.0))
    return ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={file}"]


@pytest.fixture
def rasa() -> Iterator[FakeRasa]:
    with FakeRasa() as server:
        yield server


@pytest_asyncio.fixture
async def endpoint() -> AsyncIterator[FakeEndpoint]:
    async with fake_endpoint() as opened:
        opened.heard = "我的订单到哪了"
        yield opened


@pytest_asyncio.fixture
async def door(
    database_url: str, tmp_path: Path, rasa: FakeRasa, endpoint: FakeEndpoint
) -> AsyncIterator[OpenDoor]:
    speech = {"speech_url": endpoint.base_url, "speech_model": "listener"}
    async with open_door(database_url, tmp_path, rasa, **speech) as opened:
        yield opened


@pytest.fixture
def size() -> ViewportSize:
    return NARROW


@pytest_asyncio.fixture
async def chat(door: OpenDoor, browser: Browser, size: ViewportSize) -> AsyncIterator[Chat]:
    context = await browser.new_context(viewport=size, locale="zh-CN", has_touch=True)
    await context.grant_permissions(["microphone"])
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(str(door.client.base_url))
    await expect(page.locator("#speak")).to_be_visible()  # with the page's listeners
    yield Chat(page, context)
    await context.close()
    assert complaints == []


async def test_what_is_said_stands_in_the_field_and_is_not_sent(chat: Chat, rasa: FakeRasa) -> None:
    await chat.dictate()
    await expect(chat.field).to_have_value("我的订单到哪了")
    await expect(chat.field).to_be_focused()
    await expect(chat.button(SPEAK)).to_be_visible()
    await expect(chat.page.locator("#send")).to_be_enabled()
    assert rasa.heard == []
    await chat.page.locator("#send").click()
    await expect(chat.page.locator("#log .mine .bubble")).to_have_text("我的订单到哪了")


async def test_the_recording_is_wav_of_what_was_said(chat: Chat, endpoint: FakeEndpoint) -> None:
    await chat.dictate()
    (asked,) = endpoint.requests
    with wave.open(io.BytesIO(asked["file"])) as recording:
        assert (recording.getframerate(), recording.getnchannels()) == (16_000, 1)
        assert recording.getnframes() > 0.5 * 16_000
        samples = recording.readframes(recording.getnframes())
    assert len(set(samples)) > 100, "it is not silent"


async def test_words_go_where_the_customer_was_writing(chat: Chat, endpoint: FakeEndpoint) -> None:
    endpoint.heard = "parcel 42"
    await chat.field.fill("where is  please")
    await chat.field.evaluate("field => field.setSelectionRange(9, 9)")
    await chat.dictate()
    await expect(chat.field).to_have_value("where is parcel 42 please")


async def test_what_is_being_said_can_be_discarded(chat: Chat, endpoint: FakeEndpoint) -> None:
    await chat.start()
    await chat.button(DISCARD).click()
    await expect(chat.state).to_be_hidden()
    await expect(chat.button(SPEAK)).to_be_focused()
    await chat.start()
    await chat.page.keyboard.press("Escape")
    await expect(chat.state).to_be_hidden()
    await chat.dictate()
    await expect(chat.field).to_have_value("我的订单到哪了")
    assert len(endpoint.requests) == 1


async def test_discarding_works_while_it_is_written_down_too(chat: Chat, endpoint: FakeEndpoint) -> None:
    endpoint.hang_s = 10.0
    await chat.speak()
    await expect(chat.state).to_have_attribute("data-state", "writing")
    await chat.button(DISCARD).click()
    endpoint.hang_s, endpoint.heard = 0.0, "另一句"
    await chat.dictate()
    await expect(chat.field).to_have_value("另一句")


async def test_a_tap_by_mistake_is_explained(chat: Chat, endpoint: FakeEndpoint) -> None:
    await chat.page.evaluate(_HASTY)
    await chat.button(SPEAK).click()
    await expect(chat.notice).to_contain_text("时间太短了")
    assert endpoint.requests == []


async def test_when_no_words_are_heard_the_page_says_so_in_the_customers_language(
    chat: Chat, endpoint: FakeEndpoint
) -> None:
    endpoint.heard = ""
    await chat.page.locator("#language").click()
    await chat.dictate()
    await expect(chat.notice).to_contain_text("couldn't make out any words")
    await expect(chat.field).to_have_value("")


async def test_when_speech_is_down_the_page_says_what_to_do(chat: Chat, endpoint: FakeEndpoint) -> None:
    endpoint.status = 500
    await chat.dictate()
    await expect(chat.notice).to_contain_text("请打字")
    await expect(chat.button(SPEAK)).to_be_visible()


async def test_without_permission_the_page_says_where_to_give_it(chat: Chat) -> None:
    await chat.context.clear_permissions()
    await chat.button(SPEAK).click()
    await expect(chat.notice).to_contain_text("没有麦克风权限")
    await expect(chat.state).to_be_hidden()


async def test_a_new_conversation_forgets_what_is_being_said(chat: Chat, endpoint: FakeEndpoint) -> None:
    await chat.field.fill("你好")
    await chat.page.locator("#send").click()
    await expect(chat.page.locator("#log .mine")).to_have_count(1)
    await chat.start()
    chat.page.once("dialog", lambda dialog: dialog.accept())
    await chat.page.locator("#new").click()
    await expect(chat.state).to_be_hidden()
    assert endpoint.requests == []


async def test_the_page_is_accessible_and_fits_while_it_listens(chat: Chat) -> None:
    await chat.start()
    await expect(chat.page.locator("#recording-spoken")).to_have_text("正在录音，说完请再点一下")
    found = await Axe().run(chat.page)
    assert found.violations_count == 0, found.generate_report()
    assert await chat.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for name in ("#speak", "#send", "#pick", "#recording-cancel"):
        box = await chat.page.locator(name).bounding_box()
        assert box and box["width"] >= 40 and box["x"] + box["width"] <= NARROW["width"]


async def test_a_shop_without_speech_has_no_microphone(
    database_url: str, tmp_path: Path, rasa: FakeRasa, browser: Browser
) -> None:
    async with open_door(database_url, tmp_path / "quiet", rasa) as quiet:
        page = await browser.new_page()
        await page.goto(str(quiet.client.base_url))
        await expect(page.locator("#ideas button").first).to_be_visible()
        await expect(page.locator("#speak")).to_be_hidden()
        await page.close()
