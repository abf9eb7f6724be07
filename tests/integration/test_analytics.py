"""Each measure of the analytics against data that was counted by hand, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from support.period import Period
from support.services import analytics
from support.services.analytics import Definition
from support.store import Store
from support.store.analytics import Speed
from tests.builders import NOW, demo_policy
from tests.figures import Facts

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONTH = Period.ending(30, SHANGHAI, NOW)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
# Long enough ago that everything about it can be told.
THEN = NOW - 20 * DAY


@pytest.fixture
def facts(store: Store) -> Facts:
    return Facts(store)


async def traffic(store: Store, period: Period = MONTH) -> analytics.Traffic:
    async with store.reading() as unit:
        return await analytics.traffic_of(unit, period)


async def resolution(store: Store, period: Period = MONTH) -> analytics.Resolution:
    async with store.reading() as unit:
        return await analytics.resolution_of(unit, period, NOW)


async def people(store: Store) -> analytics.People:
    async with store.reading() as unit:
        return await analytics.people_of(unit, MONTH, demo_policy().handoff, NOW)


# --- days --------------------------------------------------------------------------------------------------


async def test_days_are_those_of_the_shop(store: Store, facts: Facts) -> None:
    for name, moment in {"a": "15:59:59.999999", "b": "16:00:00", "c": "15:59:59"}.items():
        day = 14 if name == "c" else 13
        await facts.talk(name, datetime.fromisoformat(f"2024-05-{day}T{moment}+00:00"))
        await facts.said(name, datetime.fromisoformat(f"2024-05-{day}T{moment}+00:00"))
    counted = await traffic(store, Period(date(2024, 5, 12), date(2024, 5, 15), SHANGHAI, NOW))
    assert [(one.day.day, one.conversations, one.messages) for one in counted.days] == [
        (12, 0, 0),
        (13, 1, 1),
        (14, 2, 2),
        (15, 0, 0),
    ]


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        # 23 hours in March, 25 in October.
        (date(2024, 3, 31), "2024-03-30T23:00:00Z", "2024-03-31T21:59:59Z"),
        (date(2024, 10, 27), "2024-10-26T22:00:00Z", "2024-10-27T22:59:59Z"),
    ],
)
async def test_days_on_which_clocks_change_have_all_their_hours(
    store: Store, facts: Facts, day: date, first: str, last: str
) -> None:
    begins, ends = datetime.fromisoformat(first), datetime.fromisoformat(last)
    second = timedelta(seconds=1)
    for number, moment in enumerate((begins - second, begins, ends, ends + second)):
        await facts.talk(f"t{number}", moment)
    later = datetime(2025, 1, 1, tzinfo=UTC)
    counted = await traffic(store, Period(day - DAY, day + DAY, ZoneInfo("Europe/Berlin"), later))
    assert [one.conversations for one in counted.days] == [1, 2, 1]


async def test_what_lies_outside_the_period_does_not_count(store: Store, facts: Facts) -> None:
    await facts.talk("before", MONTH.since - MINUTE)
    await facts.talk("within", MONTH.since)
    await facts.said("before", MONTH.since)
    counted = await traffic(store)
    assert (counted.conversations, counted.messages) == (1, 1)


# --- volume, intents, containment --------------------------------------------------------------------------


async def test_testers_and_those_who_said_nothing_count_nowhere(store: Store, facts: Facts) -> None:
    await facts.talk("guest", THEN, is_test=True, channel="guest", handed_over_at=THEN)
    await facts.said("guest", THEN, answered=False)
    await facts.handover("guest", THEN, (60, "person"))
    await facts.rating("guest", THEN, 1)
    await facts.decision("guest", THEN, "approve", 100)
    await facts.call(THEN, 100, 200, conversation_id="guest")
    await facts.talk("silent", THEN, customer_messages=0)
    counted = await traffic(store)
    async with store.reading() as unit:
        assert await analytics.questions_of(unit, MONTH) == []
        assert (await analytics.ratings_of(unit, MONTH)).count == 0
        assert (await analytics.money_of(unit, MONTH)).decisions == []
        assert (await analytics.model_of(unit, MONTH)).calls == 0
    assert (counted.conversations, counted.messages) == (0, 0)
    assert (await people(store)).opened == 0
    assert (await resolution(store)).asked == 0


async def test_languages_and_channels_are_parts_of_the_conversations(store: Store, facts: Facts) -> None:
    for number, (language, channel) in enumerate(
        [("zh", "web"), ("zh", "wechat"), ("en", "web"), ("zh", "web")]
    ):
        await facts.talk(f"t{number}", THEN, language=language, channel=channel)
    counted = await traffic(store)
    assert [(one.name, one.count, one.share) for one in counted.languages] == [
        ("zh", 3, 0.75),
        ("en", 1, 0.25),
    ]
    assert [(one.name, one.count) for one in counted.channels] == [("web", 3), ("wechat", 1)]


async def test_intents_have_their_share_and_the_mean_confidence(store: Store, facts: Facts) -> None:
    await facts.said("a", THEN, intent="refund", confidence=0.8)
    await facts.said("a", THEN, intent="refund", confidence=0.6)
    await facts.said("a", THEN, intent="picture", confidence=None)
    await facts.said("a", THEN, intent="", confidence=None, answered=None)  # said to a person
    found = (await traffic(store)).intents
    assert [(one.name, one.count) for one in found] == [("refund", 2), ("picture", 1)]
    assert [one.share for one in found] == pytest.approx([2 / 3, 1 / 3])
    assert found[0].confidence == pytest.approx(0.7)
    assert found[1].confidence is None


async def test_containment_is_of_conversations_with_a_question(store: Store, facts: Facts) -> None:
    await facts.talk("kept", THEN)
    await facts.talk("unanswered", THEN, outcome="unanswered")
    await facts.talk("chat", THEN, outcome="small_talk")
    # A handover counts although nobody came, and a person's words count without one.
    await facts.talk("asked", THEN, outcome="handed_over", handed_over_at=THEN, handover_reason="asked")
    await facts.talk("told", THEN, person_messages=1)
    counted = await traffic(store)
    assert (counted.asked, counted.contained, counted.containment) == (4, 2, 0.5)
    assert [(one.name, one.count, one.share) for one in counted.handovers] == [
        ("", 1, 0.25),
        ("asked", 1, 0.25),
    ]


async def test_without_anything_there_is_no_share(store: Store) -> None:
    counted = await traffic(store)
    assert (counted.containment, counted.unanswered_share, counted.intents) == (None, None, [])
    assert len(counted.days) == 30


async def test_unanswered_leaves_out_small_talk_and_what_people_answer(store: Store, facts: Facts) -> None:
    await facts.said("a", THEN, answered=False)
    await facts.said("a", THEN, answered=True)
    await facts.said("a", THEN, intent="thank", answered=False)
    await facts.said("a", THEN, intent="", answered=None)
    counted = await traffic(store)
    assert (counted.unanswered, counted.unanswered_share) == (1, 0.5)


# --- resolution --------------------------------------------------------------------------------------------


async def test_who_left_silently_counts_after_a_day_and_never_with_a_handover(
    store: Store, facts: Facts
) -> None:
    await facts.talk("left", THEN)
    await facts.talk("gave-up", THEN, outcome="unanswered")
    await facts.talk("mid-form", THEN, outcome="unfinished")
    await facts.talk("handed-over", THEN, outcome="handed_over", handed_over_at=THEN)
    await facts.talk("an-hour-ago", NOW - HOUR)
    await facts.talk("small-talk", THEN, outcome="small_talk")
    found = await resolution(store)
    assert found.asked == 5
    assert found.left == Definition(countable=4, met=3, without_person=3, not_yet=1)
    assert found.abandoned == 2


async def test_a_good_last_rating_confirms_and_a_bad_one_outweighs_thanks(store: Store, facts: Facts) -> None:
    await facts.talk("good", THEN, rating=4)
    await facts.talk("good-with-a-person", THEN, rating=5, outcome="handed_over", handed_over_at=THEN)
    await facts.talk("middling", THEN, rating=3)
    await facts.talk("bad", THEN, rating=1)
    await facts.said("bad", THEN)
    await facts.said("bad", THEN + MINUTE, intent="thank")
    found = (await resolution(store)).confirmed
    assert found == Definition(countable=4, met=2, without_person=1, not_yet=0)


@pytest.mark.parametrize(
    ("messages", "outcome", "confirmed"),
    [
        (["ask_knowledge", "thank"], "answered", True),
        (["thank", "ask_knowledge"], "answered", False),
        (["greet", "thank"], "answered", False),
        (["ask_knowledge", "affirm"], "answered", False),
        (["ask_knowledge", "thank", "refund"], "unfinished", False),
        (["ask_knowledge", "thank", "ask_product"], "unanswered", False),
    ],
)
async def test_thanks_confirm_only_after_an_answer_and_with_nothing_left_open(
    store: Store, facts: Facts, messages: list[str], outcome: str, confirmed: bool
) -> None:
    await facts.talk("a", THEN, outcome=outcome)
    for number, intent in enumerate(messages):
        await facts.said("a", THEN + number * MINUTE, intent=intent)
    assert (await resolution(store)).confirmed.met == int(confirmed)


async def test_thanks_for_no_answer_confirm_nothing(store: Store, facts: Facts) -> None:
    await facts.talk("a", THEN)
    await facts.said("a", THEN, answered=False)
    await facts.said("a", THEN + MINUTE, intent="thank")
    assert (await resolution(store)).confirmed.met == 0


async def test_no_contact_again_is_countable_after_seven_days(store: Store, facts: Facts) -> None:
    await facts.talk("long-ago", NOW - 8 * DAY)
    await facts.talk("lately", NOW - 6 * DAY)
    found = (await resolution(store)).not_again
    assert found == Definition(countable=1, met=1, without_person=1, not_yet=1)


@pytest.mark.parametrize(("days_later", "stayed_away"), [(0.01, False), (6.9, False), (7.1, True)])
async def test_another_conversation_of_a_known_customer_is_contact_again(
    store: Store, facts: Facts, days_later: float, stayed_away: bool
) -> None:
    await facts.talk("a", THEN, customer_id="C1")
    await facts.talk("b", THEN + days_later * DAY, customer_id="C1", outcome="small_talk")
    await facts.talk("somebody-else", THEN + DAY, customer_id="C2", outcome="small_talk")
    assert (await resolution(store)).not_again.met == int(stayed_away)


@pytest.mark.parametrize(
    ("silence", "stayed_away"), [(2 * HOUR, True), (30 * HOUR, False), (6 * DAY, False), (8 * DAY, True)]
)
async def test_going_on_in_the_same_conversation_after_a_silence_is_contact_again(
    store: Store, facts: Facts, silence: timedelta, stayed_away: bool
) -> None:
    await facts.talk("a", THEN, last_customer_at=THEN + silence + MINUTE)
    for moment in (THEN, THEN + silence, THEN + silence + MINUTE):
        await facts.said("a", moment)
    assert (await resolution(store)).not_again.met == int(stayed_away)


async def test_abandonment_is_never_success(store: Store, facts: Facts) -> None:
    for outcome in ("unanswered", "unfinished", "open"):
        await facts.talk(outcome, THEN, outcome=outcome)
    await facts.talk("disappointed", THEN, rating=2)
    found = await resolution(store)
    assert (found.confirmed.met, found.not_again.met, found.not_again.countable) == (0, 0, 4)


# --- people ------------------------------------------------------------------------------------------------


async def test_times_run_from_the_handover_to_being_taken_and_to_a_persons_words(
    store: Store, facts: Facts
) -> None:
    opened = datetime(2024, 5, 6, 4, 0, tzinfo=UTC)  # a Monday at noon: people are there
    await facts.handover("a", opened, (120, "person"), (720, "bot"))
    await facts.told("a", opened + MINUTE)  # the assistant's own words
    await facts.told("a", opened + 3 * MINUTE, **{"from": "Mei"})
    await facts.told("a", opened + 9 * MINUTE, **{"from": "Mei"})
    found = await people(store)
    assert (found.opened, found.left, found.waiting) == (1, 0, 0)
    assert found.until_taken == analytics.Spread(1, 120, 120)
    assert found.first_answer == found.first_answer_open == analytics.Spread(1, 180, 180)
    assert found.handling == analytics.Spread(1, 600, 600)
    assert [(one.below, one.wall) for one in found.classes if one.wall] == [(300, 1)]


async def test_time_back_in_the_queue_is_not_handling(store: Store, facts: Facts) -> None:
    steps = ((60, "person"), (160, "queue"), (1000, "person"), (1030, "person"), (1050, "closed"))
    await facts.handover("a", THEN, *steps)
    assert (await people(store)).handling.median == 150


async def test_outside_opening_hours_only_the_wall_clock_runs(store: Store, facts: Facts) -> None:
    """The demo shop's people come at nine and leave at ten in the evening."""
    evening = datetime(2024, 5, 6, 13, 50, tzinfo=UTC)  # 21:50 in Shanghai
    morning = datetime(2024, 5, 7, 1, 5, tzinfo=UTC)  # 9:05 the next day
    await facts.handover("a", evening, ((morning - evening).total_seconds(), "person"))
    await facts.told("a", morning, **{"from": "Mei"})
    found = await people(store)
    assert found.first_answer.median == (morning - evening).total_seconds()
    assert found.first_answer_open.median == 15 * 60
    assert found.until_taken_open.median == 15 * 60


async def test_who_waits_and_who_went_back_to_the_assistant(store: Store, facts: Facts) -> None:
    await facts.handover("waits", THEN)
    await facts.handover("left", THEN, (300, "bot"), closed_why="left")
    found = await people(store)
    assert (found.opened, found.waiting, found.left) == (2, 1, 1)
    assert found.handling == analytics.Spread(0, None, None)


async def test_words_of_a_later_handover_answer_no_earlier_one(store: Store, facts: Facts) -> None:
    await facts.handover("a", THEN, (300, "bot"), closed_why="left")
    await facts.handover("a", THEN + DAY, (60, "person"))
    await facts.told("a", THEN + DAY + 2 * MINUTE, **{"from": "Mei"})
    assert (await people(store)).first_answer == analytics.Spread(1, 120, 120)


async def test_medians_and_tails_are_by_nearest_rank(store: Store, facts: Facts) -> None:
    for number, seconds in enumerate((10, 20, 30, 40, 50, 60, 70, 80, 90, 1000)):
        await facts.handover(f"t{number}", THEN, (seconds, "person"))
    found = (await people(store)).until_taken
    assert (found.count, found.median, found.p90) == (10, 50, 90)


# --- ratings, questions, money, model ----------------------------------------------------------------------


async def test_a_conversations_last_rating_counts(store: Store, facts: Facts) -> None:
    for conversation, score in (("a", 1), ("a", 5), ("b", 4)):
        await facts.rating(conversation, THEN, score)
    async with store.reading() as unit:
        found = await analytics.ratings_of(unit, MONTH)
    assert (found.scores, found.mean) == ({1: 0, 2: 0, 3: 0, 4: 1, 5: 1}, 4.5)


async def test_questions_that_are_worded_alike_are_one_group(store: Store, facts: Facts) -> None:
    asked = [
        "你们有实体店吗",
        "你们有实体店吗",
        "请问有没有实体店？",
        "能开专票吗",
        "do you offer gift wrapping?",
    ]
    asked += ["Is gift wrapping possible", "什么时候发货", "什么时候退款"]
    for number, text in enumerate(asked):
        language = "en" if text.isascii() else "zh"
        await facts.said(f"t{number}", THEN + number * MINUTE, text=text, answered=False, language=language)
    await facts.said("a", THEN, text="[图片]", intent="picture", answered=False)
    await facts.said("a", THEN, text="已答复", answered=True)
    async with store.reading() as unit:
        found = await analytics.questions_of(unit, MONTH)
    assert [(one.count, one.wordings) for one in found] == [(3, 2), (2, 2), (1, 1), (1, 1), (1, 1)]
    assert [one.text for one in found[0].samples] == ["你们有实体店吗", "请问有没有实体店？"]
    assert (found[0].last_at, found[0].languages) == (THEN + 2 * MINUTE, ["zh"])
    assert found[0].samples[0].conversation_id in ("t0", "t1")


async def test_refunds_are_counted_by_rule_and_outcome_and_summed_by_currency(
    store: Store, facts: Facts
) -> None:
    await facts.decision("a", THEN, "approve", 7900)
    await facts.decision("a", THEN, "approve", 100)
    await facts.decision("a", THEN, "refuse", 5000)
    await facts.decision("a", THEN, "review", 9000, rule="over-limit")
    await facts.decision("a", THEN, "approve", 9000, rule="over-limit", action="review")
    await facts.decision("a", THEN, "approve", 0, action="cancel", rule="unpaid")
    dollars = {"amount_minor": 1250, "currency": "USD"}
    await facts.decision("a", THEN, "approve", 0, action="cancel", rule="unsent", result=dollars)
    await facts.decision("a", THEN, "differs", 0, action="screenshot", result={})
    async with store.reading() as unit:
        found = await analytics.money_of(unit, MONTH)
    assert [(one.minor, one.currency) for one in found.given_back] == [(17000, "CNY"), (1250, "USD")]
    assert found.by_rule[0] == ("refund", "seven-days", {"approve": 2, "refuse": 1})
    assert [(one[0], one[1]) for one in found.by_rule[1:]] == [
        ("cancel", "unpaid"),
        ("cancel", "unsent"),
        ("refund", "over-limit"),
        ("review", "over-limit"),
    ]


async def test_the_models_times_are_by_day_and_over_all(store: Store, facts: Facts) -> None:
    for first, total in ((100, 900), (300, 500), (200, 700)):
        await facts.call(THEN, first, total)
    await facts.call(THEN + DAY, 1000, 2000, "withdrawn", purpose="product")
    await facts.call(THEN + DAY, None, 8000, "first_token_timeout")
    await facts.call(THEN + DAY, 50, 60, purpose="summary")
    async with store.reading() as unit:
        found = await analytics.model_of(unit, MONTH)
    assert found.first.all == Speed(4, 200, 1000)
    assert found.total.all == Speed(4, 700, 2000)
    assert found.first.by_day == {
        date(2024, 4, 30): Speed(3, 200, 300),
        date(2024, 5, 1): Speed(1, 1000, 1000),
    }
    assert [(one.name, one.ok, one.withdrawn, one.failed) for one in found.purposes] == [
        ("answer", 3, 0, 1),
        ("product", 0, 1, 0),
        ("summary", 1, 0, 0),
    ]


async def test_models_stand_side_by_side(store: Store, facts: Facts) -> None:
    for first in (100, 300, 200):
        await facts.call(THEN, first, 500, model="base", prompt_tokens=100, cached_tokens=50)
    await facts.call(THEN, None, 8000, "first_token_timeout", model="base")
    await facts.call(THEN, 50, 60, purpose="summary", model="base", prompt_tokens=900)
    await facts.call(THEN, 900, 950, "withdrawn", model="winter")
    await facts.call(THEN, 700, 950, "no_answer", purpose="product", model="winter")
    async with store.reading() as unit:
        found = await analytics.model_of(unit, MONTH)
    assert found.variants == [
        analytics.Variant("base", 5, 0, 0, Speed(3, 200, 300), 0.5),
        analytics.Variant("winter", 2, 1, 1, Speed(2, 700, 900), None),
    ]


async def test_without_a_model_there_are_no_times(store: Store) -> None:
    async with store.reading() as unit:
        found = await analytics.model_of(unit, MONTH)
    assert (found.first.all, found.total.by_day, found.calls, found.variants) == (None, {}, 0, [])
