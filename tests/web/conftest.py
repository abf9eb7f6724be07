"""The browser of the tests of pages: Debian's Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

# Rasa, a database that is written to and a chain of requests stand behind much of what is waited for.
expect.set_options(timeout=30_000)


@pytest.fixture
def browser_arguments() -> list[str]:
    """What else the browser is started with."""
    return []


@pytest_asyncio.fixture
async def browser(browser_arguments: list[str]) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        # Containers run as root, where Chromium's sandbox cannot.
        arguments = ["--no-sandbox", *browser_arguments]
        opened = await playwright.chromium.launch(executable_path=_chromium(), args=arguments)
        yield opened
        await opened.close()


def _chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    missing = "NOT TESTED: no Chromium here (Debian: apt install chromium)"
    if os.environ.get("CI"):
        pytest.fail(missing, pytrace=False)
    pytest.skip(missing)
