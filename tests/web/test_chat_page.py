"""The chat page in a real browser against the whole running system."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Route,
    ViewportSize,
    expect,
)

from support.bootstrap import Shop
from tests.stack import Stack

PHONE: ViewportSize = {"width": 390, "height": 844}
NARROW: ViewportSize = {"width": 360, "height": 640}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
_ANSWER_MS = 30_000


@dataclass(frozen=True)
class Chat:
    """The page as a customer uses it."""

    page: Page
    context: BrowserContext

    @property
    def messages(self) -> Locator:
        return self.page.locator("#log .message")

    @property
    def answers(self) -> Locator:
        return self.page.locator("#log .message:not(.mine)")

    async def say(self, text: str) -> None:
        field = self.page.get_by_role("textbox", name=re.compile("输入消息|Your message"))
        await field.fill(text)
        await field.press("Enter")

    async def ask(self, text: str) -> None:
        """Say something and wait for the answer to it."""
        before = await self.answers.count()
        await self.say(text)
        await expect(self.answers.nth(before)).to_be_visible(timeout=_ANSWER_MS)
        await expect(self.page.locator("#typing")).to_be_hidden(timeout=_ANSWER_MS)

    async def conversation_id(self) -> str:
        return str(await self.page.evaluate("localStorage.getItem('shopclerk.conversation')"))


@pytest.fixture
def size() -> ViewportSize:
    return PHONE


@pytest_asyncio.fixture
async def chat(stack: Stack, browser: Browser, size: ViewportSize) -> AsyncIterator[Chat]:
    """A Chinese customer's page. Nothing that the browser complains about goes unnoticed."""
    context = await browser.new_context(viewport=size, locale="zh-CN", has_touch=size["width"] < 500)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    await page.goto(stack.gateway_url)
    await expect(page.locator("#welcome")).to_be_visible()
    yield Chat(page, context)
    await context.close()
    # Refused and cut requests are what some tests are about; Chromium reports each.
    assert [one for one in complaints if not one.startswith("Failed to load resource")] == []


async def test_a_message_is_answered_and_its_text_is_shown(chat: Chat) -> None:
    await chat.ask("你好")
    await expect(chat.messages.first).to_have_text("你好")
    await expect(chat.page.locator("#welcome")).to_be_hidden()


async def test_an_idea_of_the_first_screen_is_sent_by_a_tap(chat: Chat) -> None:
    await chat.page.get_by_role("button", name="几天内可以退货？").tap()
    await expect(chat.answers.first).to_be_visible(timeout=_ANSWER_MS)


async def test_a_citation_opens_its_passage(chat: Chat) -> None:
    await chat.ask("几天内可以退货？")
    await chat.page.get_by_role("button", name=re.compile("^查看资料")).first.click()
    sheet = chat.page.get_by_role("dialog")
    await expect(sheet.get_by_role("heading")).not_to_be_empty()
    await expect(chat.page.locator("#passage-text")).to_have_text(re.compile(".{20,}"))
    await chat.page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()


async def test_an_answer_from_the_documents_is_judged_by_a_thumb_that_can_be_taken_back(chat: Chat) -> None:
    await chat.ask("几天内可以退货？")
    up, down = (chat.page.get_by_role("button", name=name, exact=True) for name in ("有帮助", "没帮助"))
    await up.click()
    await expect(up).to_have_attribute("aria-pressed", "true")
    await down.click()
    await expect(up).to_have_attribute("aria-pressed", "false")
    await chat.page.reload()
    await expect(down).to_have_attribute("aria-pressed", "true", timeout=_ANSWER_MS)
    await down.click()
    await expect(down).to_have_attribute("aria-pressed", "false")
    await chat.page.reload()
    await expect(down).to_have_attribute("aria-pressed", "false", timeout=_ANSWER_MS)


async def test_a_quick_reply_is_sent_as_the_customers_words(chat: Chat) -> None:
    await chat.ask("转人工")
    await expect(chat.page.locator("#status")).to_have_attribute("data-holder", "queue")
    await chat.page.get_by_role("button", name="返回助手").click()
    await expect(chat.page.locator("#status")).to_have_attribute("data-holder", "bot", timeout=_ANSWER_MS)
    await expect(chat.page.locator(".message.mine").last).to_have_text("返回助手")
    await expect(chat.page.get_by_role("button", name="返回助手")).to_have_count(0)


# --- pictures ----------------------------------------------------------------------------------------------


async def test_a_picture_from_the_file_chooser_is_previewed_sent_and_answered(
    chat: Chat, stack: Stack
) -> None:
    async with chat.page.expect_file_chooser() as chooser:
        await chat.page.get_by_role("button", name="添加图片").click()
    await (await chooser.value).set_files(_screenshot(stack))
    await expect(chat.page.locator("#tray li:not(:has(progress))")).to_have_count(1, timeout=_ANSWER_MS)
    await chat.page.get_by_role("button", name="发送", exact=True).click()
    await expect(chat.answers.first).to_be_visible(timeout=_ANSWER_MS)
    await chat.page.reload()
    sent = chat.page.locator(".message.mine img")
    await expect(sent).to_be_visible()
    assert await sent.evaluate("(image) => image.naturalWidth") > 100
    await expect(chat.page.locator(".message.mine")).to_have_text("")


@pytest.mark.parametrize("by", ["paste", "drop"])
async def test_a_picture_comes_in_by_paste_and_by_drop(chat: Chat, stack: Stack, by: str) -> None:
    data = list(_screenshot(stack).read_bytes())
    await chat.page.evaluate(
        """([by, data]) => {
            const files = new DataTransfer();
            files.items.add(new File([new Uint8Array(data)], "order.png", { type: "image/png" }));
            const target = document.getElementById("text");
            const event = by === "paste"
                ? new ClipboardEvent("paste", { clipboardData: files, bubbles: true, cancelable: true })
                : new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true });
            target.dispatchEvent(event);
        }""",
        [by, data],
    )
    await expect(chat.page.locator("#tray li:not(:has(progress))")).to_have_count(1, timeout=_ANSWER_MS)
    await chat.page.get_by_role("button", name="移除这张图片").click()
    await expect(chat.page.locator("#tray li")).to_have_count(0)


async def test_enter_before_a_picture_is_there_sends_it_once_it_is(chat: Chat, assistant: Stack) -> None:
    arrives = asyncio.Event()

    async def upload(route: Route) -> None:
        await arrives.wait()
        await route.continue_()

    await chat.page.route("**/api/chat/attachments", upload)
    await chat.page.set_input_files("#file", assistant.shop_folder / "faults" / "broken-mug.jpg")
    await chat.say("杯子碎了")
    await expect(chat.page.get_by_role("button", name="发送")).to_have_attribute("aria-busy", "true")
    await expect(chat.messages).to_have_count(0)
    arrives.set()
    await expect(chat.answers.first).to_be_visible(timeout=_ANSWER_MS)
    await expect(chat.messages.first.locator("img")).to_be_visible()


async def test_what_is_sent_while_the_page_still_loads_goes_once_the_conversation_is_shown(
    chat: Chat, assistant: Stack
) -> None:
    await chat.say("你好")
    await expect(chat.answers).to_have_count(1, timeout=_ANSWER_MS)
    arrives = asyncio.Event()

    async def history(route: Route) -> None:
        await arrives.wait()
        await route.continue_()

    await chat.page.route("**/api/chat/conversations/*/messages", history)
    await chat.page.reload()
    await chat.page.set_input_files("#file", assistant.shop_folder / "faults" / "broken-mug.jpg")
    await chat.say("杯子碎了")
    await expect(chat.page.get_by_role("button", name="发送")).to_have_attribute("aria-busy", "true")
    arrives.set()
    said = chat.page.locator("#log .message.mine")
    await expect(said).to_have_count(2, timeout=_ANSWER_MS)
    await expect(said.first).to_contain_text("你好")
    await expect(said.last).to_contain_text("杯子碎了")
    await expect(said.last.locator("img")).to_be_visible()
    await expect(chat.messages.last).not_to_have_class(re.compile("mine"), timeout=_ANSWER_MS)


async def test_a_file_that_is_no_picture_is_refused_in_the_customers_language(
    chat: Chat, tmp_path: Path
) -> None:
    text = tmp_path / "order.png"
    text.write_text("this is a text")
    await chat.page.set_input_files("#file", text)
    await expect(chat.page.get_by_role("alert")).to_have_text(
        re.compile("不是可识别的图片"), timeout=_ANSWER_MS
    )
    await expect(chat.page.locator("#tray li")).to_have_count(0)


async def test_a_picture_over_the_limit_is_refused_before_it_is_sent(chat: Chat, tmp_path: Path) -> None:
    large = tmp_path / "large.jpg"
    large.write_bytes(b"\xff\xd8\xff" + b"\x00" * 10_000_001)
    await chat.page.set_input_files("#file", large)
    await expect(chat.page.get_by_role("alert")).to_have_text(re.compile("图片超过 10 MB"))


def _screenshot(stack: Stack) -> Path:
    return min((stack.shop_folder / "screenshots").glob("*.png"))


# --- language, size, keyboard ------------------------------------------------------------------------------


async def test_the_language_is_switched_and_remembered(chat: Chat, stack: Stack) -> None:
    await expect(chat.page).to_have_title(stack.settings.shop_name)
    await chat.page.get_by_role("button", name="Switch to English").click()
    await expect(chat.page).to_have_title(stack.settings.shop_name_en)
    await chat.page.reload()
    await expect(chat.page.get_by_role("heading", name="Hello, how can we help?")).to_be_visible()
    await expect(chat.page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("size", [NARROW, PHONE, DESKTOP], ids=["360", "390", "1280"])
async def test_everything_fits_the_screen(chat: Chat, size: ViewportSize) -> None:
    await chat.ask("几天内可以退货？")
    await chat.ask("200元以内的白色连衣裙")
    assert await chat.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for name in ("发送", "添加图片", "评价服务"):
        box = await chat.page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size["width"]
        assert box["y"] + box["height"] <= size["height"]
        assert min(box["width"], box["height"]) >= 40
    await expect(chat.messages.last).to_be_in_viewport()


async def test_all_controls_have_names_and_new_messages_are_announced(chat: Chat) -> None:
    await chat.ask("几天内可以退货？")
    nameless = await chat.page.eval_on_selector_all(
        "button, textarea, input:not([hidden]), [role=log]",
        "(nodes) => nodes.filter((n) => !n.ariaLabel && !n.textContent.trim()).map((n) => n.outerHTML)",
    )
    assert nameless == []
    await expect(chat.page.get_by_role("log")).to_have_attribute("aria-live", "polite")


# --- what must not be lost ---------------------------------------------------------------------------------


async def test_the_conversation_is_there_after_a_reload_until_a_new_one_is_started(chat: Chat) -> None:
    await chat.ask("你好")
    await chat.page.reload()
    await expect(chat.messages.first).to_have_text("你好")
    await expect(chat.answers.first).to_be_visible()
    before = await chat.conversation_id()
    chat.page.on("dialog", lambda dialog: dialog.accept())
    await chat.page.get_by_role("button", name="开始新对话").click()
    await expect(chat.page.locator("#welcome")).to_be_visible()
    assert await chat.conversation_id() != before


async def test_what_was_written_offline_is_sent_once_when_the_network_is_back(chat: Chat, shop: Shop) -> None:
    await chat.context.set_offline(True)
    await chat.say("你好")
    await expect(chat.page.get_by_role("button", name="重新发送")).to_be_visible()
    await chat.context.set_offline(False)
    await expect(chat.answers.first).to_be_visible(timeout=_ANSWER_MS)
    await expect(chat.page.get_by_role("button", name="重新发送")).to_be_hidden()
    async with shop.store.reading() as unit:
        kept = await unit.conversations.last_messages(await chat.conversation_id())
    assert [message.text for message in kept] == ["你好"]


async def test_what_the_server_could_not_keep_is_sent_again_without_the_customer(
    chat: Chat, shop: Shop
) -> None:
    error = {"code": "unavailable", "message": "Once more, please.", "message_zh": "请稍后重新发送。"}
    refusal = {"status": 503, "json": {"error": error}}
    await chat.page.route("**/api/chat/messages", lambda route: route.fulfill(**refusal), times=2)
    await chat.say("你好")
    await expect(chat.page.get_by_text("请稍后重新发送。")).to_be_visible()
    await expect(chat.answers.first).to_be_visible(timeout=_ANSWER_MS)
    async with shop.store.reading() as unit:
        kept = await unit.conversations.last_messages(await chat.conversation_id())
    assert [message.text for message in kept] == ["你好"]


async def test_an_unsent_message_survives_a_reload(chat: Chat) -> None:
    await chat.page.route("**/api/chat/messages", lambda route: route.abort())
    await chat.say("你好")
    await expect(chat.page.get_by_role("button", name="重新发送")).to_be_visible()
    await chat.page.unroute("**/api/chat/messages")
    await chat.page.reload()
    await chat.page.get_by_role("button", name="重新发送").click()
    await expect(chat.answers.first).to_be_visible(timeout=_ANSWER_MS)


# --- people ------------------------------------------------------------------------------------------------


async def test_a_persons_words_appear_by_themselves_and_only_as_text(chat: Chat, stack: Stack) -> None:
    await chat.ask("转人工")
    await _staff(chat, stack, "take", person="小林")
    await expect(chat.page.locator("#status-text")).to_have_text("小林 正在为您服务")
    words = "<img src=x onerror=alert(1)> **请放心** https://example.com/a"
    await _staff(chat, stack, "reply", person="小林", text=words)
    bubble = chat.answers.last.locator(".bubble")
    await expect(bubble).to_have_text("<img src=x onerror=alert(1)> 请放心 https://example.com/a")
    await expect(bubble.locator("strong")).to_have_text("请放心")
    await expect(bubble.get_by_role("link")).to_have_attribute("href", "https://example.com/a")
    await expect(bubble.locator("img")).to_have_count(0)
    await _staff(chat, stack, "give-back", person="小林")
    await expect(chat.page.locator("#status")).to_have_attribute("data-holder", "bot")


async def _staff(chat: Chat, stack: Stack, verb: str, **body: str) -> None:
    queue = f"{stack.gateway_url}/api/staff/handovers"
    headers = stack.staff_headers
    status = "waiting" if verb == "take" else "taken"
    listed = await (await chat.context.request.get(f"{queue}?status={status}", headers=headers)).json()
    conversation_id = await chat.conversation_id()
    number = next(one["id"] for one in listed if one["conversation_id"] == conversation_id)
    response = await chat.context.request.post(f"{queue}/{number}/{verb}", headers=headers, data=body)
    assert response.ok


async def test_a_low_rating_is_kept_and_offers_a_person(chat: Chat, shop: Shop) -> None:
    await chat.ask("你好")
    await chat.page.get_by_role("button", name="评价服务").click()
    await chat.page.get_by_role("radio", name="2 星").check(force=True)
    await chat.page.get_by_role("textbox", name=re.compile("补充")).fill("等太久")
    await chat.page.get_by_role("button", name="提交评价").click()
    await expect(chat.page.get_by_role("button", name="转人工")).to_be_visible()
    async with shop.store.reading() as unit:
        assert await unit.ratings.of_conversation(await chat.conversation_id()) == [(2, "等太久")]
