"""Conversation review in a real browser, against a running system of its own that may be retrained.

The dialogue's files are a copy: nothing here writes into the checkout.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, Page, Route, ViewportSize, expect

from support.training.model_files import ModelFolder
from tests.desks import PASSWORD, hire
from tests.stack import Stack, running_stack
from tests.training_rig import copy_project, real_model
from tests.web.test_chat_page import DESKTOP, PHONE

# No training data comes near it, so that the model has it wrong.
WRONG, MEANT = "米粒们归仓没", "refund_status"
# Validation and training, on a machine that does other things too.
_WORK_MS = 300_000


@pytest.fixture(scope="module")
def system(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running system on a copy of the dialogue's files; it starts with this checkout's model."""
    folder = tmp_path_factory.mktemp("reviewed")
    project, models = copy_project(folder / "project"), ModelFolder(folder / "models")
    with models.scratch():
        name = real_model(models)
    models.activate(name, str(models.listed()[0].fingerprint))
    with running_stack(folder, stack, dialogue=project, models=models.folder) as running:
        asyncio.run(hire(running.settings, "mei", "reviewer"))
        yield running


@dataclass(frozen=True)
class Reviewer:
    """Somebody at the desk. Nothing that the browser complains about goes unnoticed."""

    page: Page
    system: Stack
    complaints: list[str]

    async def open(self, path: str) -> None:
        await self.page.goto(f"{self.system.gateway_url}/desk{path}")

    async def findings(self) -> list[str]:
        """What axe-core calls serious or critical on the open page."""
        found = await Axe().run(self.page)
        return [
            f"{one['id']}: {node['html'][:120]}"
            for one in found.response["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]


async def _enter(browser: Browser, system: Stack, size: ViewportSize, scheme: str = "light") -> Reviewer:
    context = await browser.new_context(
        viewport=size,
        locale="en-GB",
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
    page.on("dialog", lambda dialog: dialog.accept())
    await page.goto(f"{system.gateway_url}/desk/sign-in?then=/desk/review")
    await page.fill("[name=login]", "mei")
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.primary")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Conversation review")
    return Reviewer(page, system, complaints)


def _is_complaint(said: ConsoleMessage) -> bool:
    # A page that is not there yet is asked for until it is.
    return said.type == "error" and not said.text.startswith("Failed to load resource")


@pytest_asyncio.fixture
async def mei(browser: Browser, system: Stack) -> AsyncIterator[Reviewer]:
    entered = await _enter(browser, system, DESKTOP)
    yield entered
    assert entered.complaints == []


async def said(system: Stack, *texts: str) -> str:
    """A customer's conversation, once review has heard of it."""
    conversation_id = uuid.uuid4().hex
    async with httpx.AsyncClient(base_url=system.gateway_url, timeout=60, trust_env=False) as client:
        for text in texts:
            body = {"conversation_id": conversation_id, "text": text}
            assert (await client.post("/api/chat/messages", json=body)).status_code == 200
    return conversation_id


async def shown_in_review(mei: Reviewer, conversation_id: str) -> None:
    """Open the conversation's whole story, which the projector makes within a second or two."""
    unheard = mei.page.locator(".understood:not(:has(.guess))")
    for _ in range(100):
        await mei.open(f"/review/{conversation_id}")
        if await mei.page.locator("[data-state]").count() and not await unheard.count():
            return
        await mei.page.wait_for_timeout(200)
    raise AssertionError("review has not heard of the conversation")


async def test_a_reviewer_turns_a_wrong_message_into_an_example_and_the_bot_does_it_right(
    mei: Reviewer,
) -> None:
    page = mei.page
    await shown_in_review(mei, await said(mei.system, "你好", WRONG))
    turn = page.locator("article.turn", has_text=WRONG)
    assert MEANT not in await turn.locator(".guess").inner_text()

    # The right intent, chosen by keyboard alone; it becomes an example as well.
    await turn.get_by_role("button", name="Relabel").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#picker")).to_be_visible()
    await expect(page.locator(f"#picker [data-intent={MEANT}]")).to_be_visible(timeout=30_000)
    await page.keyboard.type("refund arrives")
    await page.keyboard.press("Enter")
    await expect(turn.locator(".verdict")).to_have_text(f"mei made it {MEANT}")

    await mei.open("/review/examples")
    await expect(page.locator(".diff .added").last).to_have_text(re.compile(WRONG))
    await page.get_by_role("button", name="Export 1 into data/nlu").click()
    await expect(page.get_by_text("1 written. Rasa’s validation passed.")).to_be_visible(timeout=_WORK_MS)
    await expect(page.get_by_text("Nothing waits.")).to_be_visible()

    await page.get_by_role("link", name="Now train a model").click()
    await page.wait_for_load_state()
    await page.get_by_role("button", name="Train a model").click()
    await expect(page.locator("#run .tail")).not_to_be_empty(timeout=_WORK_MS)
    await expect(page.get_by_text(re.compile("^Trained 2"))).to_be_visible(timeout=_WORK_MS)
    await page.get_by_role("button", name="Use").first.click()
    await expect(page.get_by_text(re.compile("is in use; the change took"))).to_be_visible(timeout=_WORK_MS)

    await mei.open("/talk")
    await page.get_by_label("Say something as a customer would").fill(WRONG)
    await page.keyboard.press("Enter")
    await expect(page.locator(".trial-guess code")).to_have_text(MEANT, timeout=30_000)
    await expect(page.locator("#tracker .ranking li").first).to_contain_text(MEANT)


async def test_the_inbox_is_worked_through_by_keyboard_and_undone(mei: Reviewer) -> None:
    words = ["几天内可以退货？", "运费怎么算"]
    page, current = mei.page, mei.page.locator("[data-unsure][aria-current] .unsure-words")
    for one in words:
        # Whatever the model makes of them: what is flagged waits in the inbox.
        await shown_in_review(mei, await said(mei.system, one))
        await page.get_by_role("button", name="Flag").click()
        await page.get_by_label("What should a colleague look at?").fill("Is this all?")
        await page.keyboard.press("Enter")
        await expect(page.locator(".verdict.flagged")).to_have_text("mei: Is this all?")
    await mei.open("/review/inbox")
    await expect(current).to_have_text(words[1])
    await page.keyboard.press("s")
    await expect(current).to_have_text(words[0])
    await page.keyboard.press("x")
    await page.keyboard.press("x")  # too quick: not for the one that comes next either
    await expect(page.locator("[data-unsure]", has_text=words[0])).to_have_count(0)
    await expect(page.locator("[data-unsure]", has_text=words[1])).to_have_count(1)
    await page.keyboard.press("u")
    await expect(page.locator("[data-unsure]", has_text=words[0])).to_have_count(1)


async def test_an_answer_is_judged_and_made_better_by_keyboard_and_undone(mei: Reviewer) -> None:
    page = mei.page
    await shown_in_review(mei, await said(mei.system, "几天内可以退货？"))
    await page.wait_for_load_state()
    answer = page.locator("[data-answer]")
    await page.keyboard.press("a")
    await page.keyboard.press("y")
    await expect(answer.locator(".verdict")).to_have_text("mei: right")
    await expect(answer.get_by_role("button", name="Right")).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("b")
    field = page.get_by_label("A better answer")
    await expect(field).to_be_focused()
    await expect(field).to_have_value(re.compile("退货"))
    await field.fill("签收后七天内可以退货。")
    await page.keyboard.press("Control+Enter")
    await expect(answer.locator(".better")).to_have_text("签收后七天内可以退货。")

    async def slowly(route: Route) -> None:
        await asyncio.sleep(1)
        await route.continue_()

    await page.route("**/review/undo", slowly)
    await page.keyboard.press("u")
    await expect(answer.locator(".better")).to_have_count(0)
    await expect(answer.locator(".verdict")).to_have_text("mei: right")


async def test_that_the_documents_do_not_say_needs_no_words(mei: Reviewer) -> None:
    page = mei.page
    await shown_in_review(mei, await said(mei.system, "几天内可以退货？"))
    await page.get_by_role("button", name="Write a better one").click()
    await page.get_by_role("button", name="The documents do not say").click()
    await expect(page.locator("[data-answer] .better")).to_have_text("The documents do not say")


async def test_filters_stand_in_the_address_and_the_back_button_undoes_them(mei: Reviewer) -> None:
    await shown_in_review(mei, await said(mei.system, "几天内可以退货？"))
    page = mei.page
    await mei.open("/review")
    await page.get_by_label("Words that were said").fill("退货")
    await page.get_by_role("button", name="Find").click()
    await expect(page.locator("mark").first).to_have_text("退货")
    assert re.search(r"/desk/review\?text=[^&]+$", page.url)
    await page.go_back()
    await expect(page.locator(".chip")).to_have_count(0)


async def test_a_conversation_is_walked_to_opened_and_marked_by_keyboard(mei: Reviewer) -> None:
    await shown_in_review(mei, await said(mei.system, "你好"))
    page = mei.page
    await mei.open("/review")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-state=unreviewed]")).to_have_attribute("aria-pressed", "true")
    await page.wait_for_load_state()  # the words stand before the scripts that hear the keys have run
    await page.keyboard.press("r")
    await expect(page.locator("[data-state=reviewed]")).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("u")
    await expect(page.locator("[data-state=unreviewed]")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_axe_finds_nothing_serious_and_everything_fits(
    browser: Browser, system: Stack, size: ViewportSize, scheme: str
) -> None:
    mei = await _enter(browser, system, size, scheme)
    talk = await said(system, "你好", "运费怎么算", f"{WRONG}哟")
    await shown_in_review(mei, talk)
    added: dict[str, str | float | bool] = {"text": f"{WRONG}{size['width']}{scheme}", "intent": MEANT}
    csrf = await mei.page.evaluate("JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRF-Token']")
    await mei.page.request.post(
        f"{system.gateway_url}/desk/review/examples/add", form=added, headers={"X-CSRF-Token": csrf}
    )
    found: dict[str, list[str]] = {}
    for path in (
        "/review?text=运费&state=unreviewed",
        f"/review/{talk}",
        "/review/inbox",
        "/review/examples",
        "/models",
        "/talk",
        "/guests",
    ):
        await mei.open(path)
        found[path] = await mei.findings()
        if not await mei.page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            found[path].append("wider than the screen")
    assert {path: one for path, one in found.items() if one} == {}
    assert mei.complaints == []
