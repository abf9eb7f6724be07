"""The agents' desk in a real browser: a whole handover with a picture, and what must not be lost."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, Route, ViewportSize, expect

from tests.desks import PASSWORD, hire
from tests.doors import new_conversation
from tests.stack import Stack
from tests.web.test_chat_page import DESKTOP, PHONE, Chat

LIN, WANG = "desk-lin", "desk-wang"
_ANSWER_MS = 30_000
# Counts the tones that a page plays.
_COUNT_TONES = """
const start = OscillatorNode.prototype.start;
window.tones = 0;
OscillatorNode.prototype.start = function (...when) { window.tones += 1; return start.apply(this, when); };
"""


@dataclass(frozen=True)
class Agent:
    """Somebody at the desk. Nothing that the browser complains about goes unnoticed."""

    page: Page
    context: BrowserContext
    url: str

    async def open(self, path: str = "") -> None:
        await self.page.goto(f"{self.url}/desk{path}")
        await expect(self.page.locator("#lines")).to_be_attached()

    async def talk(self, conversation_id: str) -> None:
        await self.open(f"/conversations/{conversation_id}")
        await expect(self.page.locator("#bar")).to_be_visible()

    async def take(self, conversation_id: str) -> None:
        await self.talk(conversation_id)
        await self.page.keyboard.press("t")
        await expect(self.page.locator("#reply-text")).to_be_visible()

    async def replies_wait(self) -> asyncio.Event:
        """What is sent from now on stays on its way until the event is set."""
        sent = asyncio.Event()

        async def late(route: Route) -> None:
            await sent.wait()
            await route.continue_()

        await self.page.route("**/reply", late)
        return sent


SignIn = Callable[..., Coroutine[Any, Any, Agent]]


@pytest.fixture(scope="module")
def desk(stack: Stack) -> Iterator[Stack]:
    """The running system, with two agents."""
    for login in (LIN, WANG):
        asyncio.run(hire(stack.settings, login, "agent"))
    yield stack


@pytest_asyncio.fixture
async def agent(browser: Browser, desk: Stack) -> AsyncIterator[SignIn]:
    """Signs somebody in, in a browser of their own."""
    async with AsyncExitStack() as opened:

        async def sign_in(login: str = LIN, size: ViewportSize = DESKTOP, scheme: Any = "light") -> Agent:
            return await opened.enter_async_context(_signed_in(browser, desk, login, size, scheme))

        yield sign_in


@asynccontextmanager
async def _signed_in(
    browser: Browser, desk: Stack, login: str, size: ViewportSize, scheme: Any
) -> AsyncIterator[Agent]:
    context = await browser.new_context(viewport=size, locale="zh-CN", color_scheme=scheme)
    await context.add_init_script(_COUNT_TONES)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("response", lambda got: complaints.append(got.url) if got.status >= 500 else None)
    page.on("dialog", lambda dialog: dialog.accept())
    await page.goto(f"{desk.gateway_url}/desk")
    await _enter(page, login)
    yield Agent(page, context, desk.gateway_url)
    await context.close()
    # Refused requests are what some tests are about; Chromium and htmx report each.
    assert [
        one for one in complaints if "status of 4" not in one and "Response Status Error" not in one
    ] == []


async def _enter(page: Page, login: str) -> None:
    await page.fill("[name=login]", login)
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.primary")
    await expect(page.locator("#lines")).to_be_attached()


@pytest_asyncio.fixture
async def chat(browser: Browser, desk: Stack) -> AsyncIterator[Chat]:
    """A Chinese customer's page on a phone."""
    context = await browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True)
    page = await context.new_page()
    await page.goto(desk.gateway_url)
    await expect(page.locator("#welcome")).to_be_visible()
    yield Chat(page, context)
    await context.close()


async def waiting(desk: Stack, *texts: str) -> str:
    """A conversation that waits for a person."""
    conversation_id = new_conversation()
    for text in (*texts, "转人工"):
        await says(desk, conversation_id, text)
    return conversation_id


async def says(desk: Stack, conversation_id: str, text: str) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=desk.gateway_url, timeout=60, trust_env=False) as client:
        body = {"conversation_id": conversation_id, "text": text}
        answer = await client.post("/api/chat/messages", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


# --- a whole handover --------------------------------------------------------------------------------------


async def test_a_handover_with_a_picture_from_the_first_word_to_the_way_back(
    desk: Stack, chat: Chat, agent: SignIn
) -> None:
    lin = await agent()
    await lin.open("?tab=waiting")
    photo = desk.shop_folder / "faults" / "broken-mug.jpg"
    await chat.page.set_input_files("#file", photo)
    await expect(chat.page.locator("#tray li:not(:has(progress))")).to_have_count(1, timeout=_ANSWER_MS)
    await chat.ask("收到就是这样")
    await chat.ask("几天内可以退货？")
    await chat.ask("转人工")

    conversation_id = await chat.conversation_id()
    line = lin.page.locator(f'a.line[href*="{conversation_id}"]')
    await expect(line).to_be_visible()
    await line.click()
    await expect(lin.page.locator("#bar")).to_be_visible()
    await lin.page.wait_for_load_state()  # keys work once the page's scripts have run
    await lin.page.keyboard.press("t")
    await expect(chat.page.locator("#status-text")).to_have_text(re.compile("正在为您服务"))

    await lin.page.locator("#story .thumb").first.click()
    large = lin.page.locator("#lightbox img")
    await expect(large).to_be_visible()
    await lin.page.wait_for_function("document.querySelector('#lightbox img').naturalWidth > 300")
    await lin.page.keyboard.press("Escape")

    # The suggested reply is put into the field and sent by nobody but the agent.
    field = lin.page.locator("#reply-text")
    await lin.page.get_by_role("button", name="Put into the reply").click()
    await expect(field).not_to_have_value("")
    assert await chat.page.locator("#log .message .name").count() == 0
    await field.fill("杯子的照片我看到了，马上为您处理。")
    await field.press("Control+Enter")
    await expect(chat.answers.last).to_contain_text("杯子的照片我看到了")
    await expect(field).to_have_value("")

    await chat.say("好的，谢谢")
    await expect(lin.page.locator("#story .said.customer").last).to_contain_text("好的，谢谢")
    await lin.page.locator("#scroller").focus()
    await lin.page.keyboard.press("b")
    await expect(chat.page.locator("#status")).to_have_attribute("data-holder", "bot")
    await expect(lin.page.locator("#bar")).to_have_attribute("data-standing", "over")
    before = await chat.answers.count()
    await chat.say("运费怎么算？")
    await expect(chat.answers.nth(before)).to_be_visible(timeout=_ANSWER_MS)


async def test_the_field_is_emptied_though_it_was_fetched_anew_while_the_words_were_on_their_way(
    desk: Stack, agent: SignIn
) -> None:
    conversation_id = await waiting(desk)
    lin = await agent()
    await lin.take(conversation_id)
    sent = await lin.replies_wait()
    field = lin.page.locator("#reply-text")
    await field.fill("您好，我来帮您看。")
    await field.press("Control+Enter")
    async with lin.page.expect_response("**/part/composer"):
        await lin.page.evaluate("htmx.trigger(document.body, 'desk:composer')")
    await lin.page.wait_for_timeout(300)  # the new form takes the old one's place
    await expect(field).to_have_value("您好，我来帮您看。")
    sent.set()
    await expect(field).to_have_value("")


async def test_words_typed_while_a_reply_is_on_its_way_stay(desk: Stack, agent: SignIn) -> None:
    lin = await agent()
    await lin.take(await waiting(desk))
    sent = await lin.replies_wait()
    field = lin.page.locator("#reply-text")
    await field.fill("您好。")
    await field.press("Control+Enter")
    await field.press_sequentially("请稍等")
    sent.set()
    await expect(field).to_have_value("请稍等")
    await lin.page.reload()
    await expect(field).to_have_value("请稍等")


async def test_of_two_agents_one_has_it_and_the_other_sees_who(desk: Stack, agent: SignIn) -> None:
    conversation_id = await waiting(desk)
    lin, wang = await agent(LIN), await agent(WANG)
    await wang.talk(conversation_id)
    await lin.take(conversation_id)
    await expect(wang.page.locator("#bar")).to_have_attribute("data-standing", "theirs")
    await expect(wang.page.locator("#reply-text")).to_have_count(0)
    await wang.page.fill("#note-text", "我认识这位顾客")
    await wang.page.locator("#note button", has_text="Save the note").click()
    await expect(lin.page.locator("#story .note")).to_contain_text("我认识这位顾客")


async def test_an_agent_cancels_an_order_in_its_dialog_and_the_customer_is_told(
    desk: Stack, agent: SignIn
) -> None:
    bought = desk.guide["zh"]["more"]["late_dispatch"]
    conversation_id = await waiting(desk, f"{bought['order_id']} 到哪了", bought["phone_last4"])
    lin = await agent()
    await lin.take(conversation_id)
    await says(desk, conversation_id, "好的，那就取消吧")
    order = lin.page.locator("#side details", has_text=bought["order_id"]).first
    await order.get_by_role("button", name="Cancel order").click()
    box = lin.page.locator("#money-box")
    await expect(box.get_by_role("button", name="Cancel this order")).to_be_disabled()
    yes = box.get_by_role("combobox")
    await yes.select_option(await yes.locator("option", has_text="那就取消吧").get_attribute("value"))
    await box.get_by_role("button", name="Cancel this order").click()
    await expect(box).to_contain_text("Order cancelled")
    await expect(lin.page.locator("#story .said").last).to_contain_text(bought["order_id"])
    # The dialog opens again, with what is true now.
    await box.get_by_role("button", name="Close").click()
    await order.get_by_role("button", name="Refund").click()
    await expect(box.locator("form, p").first).to_be_visible()


# --- attention ---------------------------------------------------------------------------------------------


async def test_a_new_conversation_rings_and_shows_in_the_title_until_the_agent_looks(
    desk: Stack, agent: SignIn
) -> None:
    lin = await agent()
    await lin.open()
    await lin.page.mouse.click(700, 400)  # browsers allow sound only after a touch
    await waiting(desk)
    await expect(lin.page).to_have_title(re.compile(r"^\(1\) "))
    assert await lin.page.evaluate("window.tones") == 1
    await lin.page.keyboard.press("Shift")
    await expect(lin.page).to_have_title(re.compile(r"^Conversations"))


async def test_without_the_sound_it_is_quiet(desk: Stack, agent: SignIn) -> None:
    lin = await agent()
    await lin.page.evaluate("localStorage.setItem('shopclerk.desk.sound', 'off')")
    await lin.open()
    await lin.page.mouse.click(700, 400)
    await waiting(desk)
    await expect(lin.page).to_have_title(re.compile(r"^\(1\) "))
    assert await lin.page.evaluate("window.tones") == 0


# --- words are not lost ------------------------------------------------------------------------------------


async def test_what_is_being_written_survives_news_a_reload_and_the_end_of_the_session(
    desk: Stack, agent: SignIn
) -> None:
    conversation_id = await waiting(desk)
    lin = await agent()
    await lin.take(conversation_id)
    field = lin.page.locator("#reply-text")
    await field.fill("还没写完的话")
    await says(desk, conversation_id, "还在吗")
    await expect(lin.page.locator("#story")).to_contain_text("还在吗")
    await expect(field).to_have_value("还没写完的话")
    await lin.page.reload()
    await expect(field).to_have_value("还没写完的话")

    await lin.context.clear_cookies()
    await field.press("Control+Enter")
    notice = lin.page.get_by_role("alert").filter(has_text="You have been signed out")
    await expect(notice).to_be_visible()
    await expect(field).to_have_value("还没写完的话")
    await notice.get_by_role("link").click()
    await _enter(lin.page, LIN)
    await expect(field).to_have_value("还没写完的话")


async def test_a_note_of_five_megabytes_is_not_sent_and_not_lost(desk: Stack, agent: SignIn) -> None:
    conversation_id = await waiting(desk)
    lin = await agent()
    await lin.talk(conversation_id)
    await lin.page.evaluate("document.getElementById('note-text').value = 'n'.repeat(5_000_000)")
    await lin.page.locator("#note button", has_text="Save the note").click()
    await expect(lin.page.locator("#note-trouble")).to_contain_text("5000000")
    assert await lin.page.evaluate("document.getElementById('note-text').value.length") == 5_000_000


async def test_a_canned_reply_is_chosen_by_keys_and_not_sent_with_a_variable_left(
    desk: Stack, agent: SignIn
) -> None:
    lin = await agent()
    await lin.take(await waiting(desk))
    field = lin.page.locator("#reply-text")
    chosen = lin.page.locator("#picker [aria-selected=true]")
    await field.press("/")
    await expect(chosen).to_be_visible()
    await field.press_sequentially("sorry")
    await expect(chosen).to_contain_text("/sorry")
    await field.press("Enter")
    await expect(field).to_have_value(re.compile(r"^\{name\}，给您添麻烦了"))
    await field.press("Control+Enter")
    await expect(lin.page.locator("#reply-trouble")).to_contain_text("{name}")
    assert await lin.page.locator("#story .said.person").count() == 0


# --- everybody ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop light", "phone dark"]
)
async def test_axe_finds_nothing_serious(desk: Stack, agent: SignIn, size: ViewportSize, scheme: str) -> None:
    conversation_id = await waiting(desk, "几天内可以退货？")
    lin = await agent(LIN, size, scheme)
    await lin.take(conversation_id)
    findings = []
    for path in ("", f"/conversations/{conversation_id}", "/refunds", "/replies"):
        await lin.page.goto(f"{lin.url}/desk{path}")
        found = await Axe().run(lin.page)
        findings += [
            f"{path} {one['id']}: {node['html'][:120]}"
            for one in found.response["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]
    assert findings == []


async def test_on_a_phone_the_list_leads_to_the_conversation_and_back(desk: Stack, agent: SignIn) -> None:
    conversation_id = await waiting(desk)
    lin = await agent(LIN, PHONE)
    await lin.open("?tab=waiting")
    await lin.page.locator(f'a.line[href*="{conversation_id}"]').click()
    await expect(lin.page.locator("#talk")).to_be_visible()
    await lin.page.wait_for_load_state()
    assert await lin.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await expect(lin.page.locator("#lines")).to_be_hidden()
    await lin.page.get_by_role("button", name="Details").click()
    await expect(lin.page.get_by_role("complementary", name="Details")).to_be_in_viewport()
    await lin.page.locator(".panel-close").click()
    await lin.page.get_by_role("link", name="Back to the list").click()
    await expect(lin.page.locator("#lines")).to_be_visible()
