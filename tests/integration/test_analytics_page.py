"""The page of the analytics over HTTP: its range, its tables, its CSV, and what it refuses."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest_asyncio

from desk.figures import SHEETS
from support.store import Store
from tests.desks import Colleague, staffed
from tests.doors import OpenDoor
from tests.figures import Facts

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


@pytest_asyncio.fixture
async def facts(door: OpenDoor) -> AsyncIterator[Facts]:
    store = Store(door.settings.database_url)
    yield Facts(store)
    await store.close()


@pytest_asyncio.fixture
async def rita(door: OpenDoor) -> AsyncIterator[Colleague]:
    async with staffed(door, "rita", "reviewer") as colleague:
        yield colleague


async def rows(rita: Colleague, name: str, query: str = "") -> list[list[str]]:
    """A CSV as a spreadsheet reads it."""
    answer = await rita.get(f"/desk/analytics/csv/{name}?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_an_empty_shop_is_told_what_is_missing(rita: Colleague) -> None:
    page = (await rita.get("/desk/analytics")).text
    assert "No conversations in these days" in page
    assert "SHOPCLERK_LLM_URL" in page
    assert "<canvas" not in page


async def test_the_page_shows_the_figures_and_their_change(rita: Colleague, facts: Facts) -> None:
    for number in range(3):
        await facts.talk(f"new-{number}", NOW - HOUR)
    for number in range(2):
        await facts.talk(f"old-{number}", NOW - timedelta(days=8))
    page = (await rita.get("/desk/analytics?days=7")).text
    tile = page[page.index("Conversations</span>") :][:200]
    assert re.search(r"<strong class=\"number\">3</strong>\s*<span class=\"change\">\+50%", tile)


async def test_a_range_that_cannot_be_had_is_explained(rita: Colleague) -> None:
    explained = {
        "days=3": "Choose 7, 30 or 90 days",
        "days=-1": "Choose 7, 30 or 90 days",
        "from=yesterday&to=today": "Write a date as",
        "from=0001-01-01&to=2024-01-01": "Write a date as",
        "from=2024-05-02&to=2024-05-01": "end before they begin",
        "from=2990-01-01&to=2990-01-02": "end before they begin",
        "from=2020-01-01&to=2024-01-01": "366 days at a time",
    }
    for query, words in explained.items():
        page = await rita.get(f"/desk/analytics?{query}")
        assert (page.status_code, words in page.text) == (422, True), query
        assert (await rita.get(f"/desk/analytics/csv/volume?{query}")).status_code == 409, query


async def test_a_range_of_ones_own_keeps_to_its_days(rita: Colleague, facts: Facts) -> None:
    await facts.talk("a", datetime(2024, 5, 2, 4, tzinfo=UTC))
    await facts.talk("b", datetime(2024, 5, 4, 4, tzinfo=UTC))
    found = await rows(rita, "volume", "from=2024-05-01&to=2024-05-03")
    assert found[1:] == [["2024-05-01", "0", "0"], ["2024-05-02", "1", "0"], ["2024-05-03", "0", "0"]]


async def test_a_csv_is_named_in_the_readers_language(rita: Colleague, facts: Facts) -> None:
    await facts.talk("a", NOW - HOUR)
    assert (await rows(rita, "languages"))[:2] == [
        ["Language", "Conversations", "Share"],
        ["Chinese", "1", "1.0"],
    ]
    await rita.post("/desk/me", language="zh", name="Rita")
    assert (await rows(rita, "languages"))[:2] == [["语言", "会话", "占比"], ["中文", "1", "1.0"]]


async def test_what_customers_write_is_no_formula(rita: Colleague, facts: Facts) -> None:
    await facts.said("a", NOW - HOUR, text='=HYPERLINK("http://x","y")', answered=False)
    assert (await rows(rita, "questions"))[1][0] == '\'=HYPERLINK("http://x","y")'


async def test_a_question_is_handed_out_without_who_asked_it(rita: Colleague, facts: Facts) -> None:
    await facts.talk("a", NOW - HOUR)
    await facts.said("a", NOW - HOUR, text="我叫李雷，电话13812345678，能送到海外吗", answered=False)
    assert (await rows(rita, "questions"))[1][0] == "我叫[姓名]，电话[手机号]，能送到海外吗"


async def test_every_table_can_be_had(rita: Colleague) -> None:
    headers = {name: (await rows(rita, name))[0] for name in SHEETS}
    assert [name for name, header in headers.items() if len(header) < 2] == []


async def test_there_is_no_other_table(rita: Colleague) -> None:
    assert (await rita.get("/desk/analytics/csv/customers")).status_code == 404


async def test_a_question_is_shown_as_it_was_written_and_leads_to_its_conversation(
    rita: Colleague, facts: Facts
) -> None:
    await facts.talk("talk-1", NOW - HOUR)
    await facts.said("talk-1", NOW - HOUR, text="<script>alert(1)</script>", answered=False)
    page = (await rita.get("/desk/analytics")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert 'href="/desk/review/talk-1"' in page


async def test_names_from_outside_do_not_end_the_charts_data(rita: Colleague, facts: Facts) -> None:
    await facts.talk("a", NOW - HOUR, channel="</script><script>alert(1)</script>")
    assert "<script>alert" not in (await rita.get("/desk/analytics")).text
