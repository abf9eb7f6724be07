"""What reviewers do, on both databases: states, labels, flags, the inbox, saved filters; and undo for all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.review.filters import BadFilter, Filters
from support.services import desk, review
from support.services.projection import refresh_changed
from support.services.review import NotPossible
from support.store import Store
from support.store.review import ReviewedMessage
from tests.records import NOW
from tests.review_talks import Talk

LATER = NOW + timedelta(minutes=1)


async def message(store: Store, place: int = 0, conversation_id: str = "t1") -> ReviewedMessage:
    async with store.reading() as unit:
        return (await unit.review.messages_of(conversation_id))[place]


async def ids(store: Store, filters: Filters) -> list[str]:
    page = await review.list_conversations(store, filters)
    return [row.conversation.conversation_id for row in page.rows]


async def unsure(store: Store) -> ReviewedMessage:
    """A message that the model was unsure of."""
    await (
        Talk("t1").say("那个弄一下", intent="cancel_order", confidence=0.3).answer("哪一单？").project(store)
    )
    return await message(store)


async def sure(store: Store) -> ReviewedMessage:
    await Talk("t1").say("退款", intent="refund").answer("哪一件？").project(store)
    return await message(store)


# --- states ------------------------------------------------------------------------------------------------


async def test_a_state_is_shown_and_filtered_by_at_once(store: Store) -> None:
    await sure(store)
    await review.set_state(store, "t1", "reviewed", "mei", NOW)
    assert await ids(store, Filters(state="reviewed")) == ["t1"]
    assert await ids(store, Filters(state="unreviewed")) == []


async def test_undo_of_a_state_brings_back_the_one_before(store: Store) -> None:
    await sure(store)
    await review.set_state(store, "t1", "saved", "mei", NOW)
    change = await review.set_state(store, "t1", "reviewed", "mei", NOW)
    undone = await review.undo(store, change, "mei", LATER)
    assert (undone.conversation_id, undone.what) == ("t1", "state")
    assert await ids(store, Filters(state="saved")) == ["t1"]


async def test_a_change_is_undone_once(store: Store) -> None:
    await sure(store)
    change = await review.set_state(store, "t1", "reviewed", "mei", NOW)
    await review.undo(store, change, "mei", LATER)
    with pytest.raises(NotPossible, match="undone_already"):
        await review.undo(store, change, "mei", LATER)


async def test_what_somebody_has_changed_since_is_not_undone(store: Store) -> None:
    await sure(store)
    change = await review.set_state(store, "t1", "reviewed", "mei", NOW)
    await review.set_state(store, "t1", "saved", "lin", LATER)
    with pytest.raises(NotPossible, match="changed_since"):
        await review.undo(store, change, "mei", LATER)
    assert await ids(store, Filters(state="saved")) == ["t1"]


@pytest.mark.parametrize(
    ("conversation_id", "state", "code"),
    [("t1", "done", "bad_state"), ("t2", "saved", "unknown_conversation")],
)
async def test_a_state_that_cannot_be_set_is_refused(
    store: Store, conversation_id: str, state: str, code: str
) -> None:
    await sure(store)
    with pytest.raises(NotPossible, match=code):
        await review.set_state(store, conversation_id, state, "mei", NOW)


async def test_a_change_that_was_never_made_is_not_undone(store: Store) -> None:
    with pytest.raises(NotPossible, match="unknown_change"):
        await review.undo(store, 1, "mei", NOW)


# --- labels ------------------------------------------------------------------------------------------------


async def test_a_label_that_an_agent_put_on_at_the_desk_is_found_by_the_review(store: Store) -> None:
    await sure(store)
    async with store.writing() as unit:
        await unit.handovers.open("t1", "asked", {}, NOW)
    await desk.add_label(store, "mei", "t1", "物流", NOW)
    async with store.writing() as unit:
        await refresh_changed(unit)
    assert await ids(store, Filters(label="物流")) == ["t1"]
    await desk.remove_label(store, "mei", "t1", "物流", NOW)
    async with store.writing() as unit:
        await refresh_changed(unit)
    assert await ids(store, Filters(label="物流")) == []


async def test_a_label_is_shown_filtered_by_and_offered(store: Store) -> None:
    await sure(store)
    await review.label(store, "t1", " 语气  不好 ", "mei", NOW)
    page = await review.list_conversations(store, Filters(label="语气 不好"))
    assert [row.conversation.labels for row in page.rows] == [["语气 不好"]]
    assert await review.values(store, "label") == ["语气 不好"]


async def test_a_label_is_taken_off_and_put_back(store: Store) -> None:
    await sure(store)
    await review.label(store, "t1", "bug", "mei", NOW)
    change = await review.unlabel(store, "t1", "bug", "mei", NOW)
    assert await ids(store, Filters(label="bug")) == []
    await review.undo(store, change, "mei", LATER)
    assert await ids(store, Filters(label="bug")) == ["t1"]


async def test_undo_of_a_label_that_was_there_before_leaves_it(store: Store) -> None:
    await sure(store)
    await review.label(store, "t1", "bug", "mei", NOW)
    again = await review.label(store, "t1", "bug", "lin", NOW)
    await review.undo(store, again, "lin", LATER)
    assert await ids(store, Filters(label="bug")) == ["t1"]


@pytest.mark.parametrize("label", ["", "   ", "x" * 41, "a\0b", "a\u202eb"])
async def test_a_label_that_nobody_could_read_is_refused(store: Store, label: str) -> None:
    await sure(store)
    with pytest.raises(NotPossible, match="bad_label"):
        await review.label(store, "t1", label, "mei", NOW)


# --- flags -------------------------------------------------------------------------------------------------


async def test_a_flagged_message_waits_in_the_inbox_and_marks_its_conversation(store: Store) -> None:
    await review.flag(store, (await sure(store)).id, "答非所问", "mei", NOW)
    flagged = (await review.inbox(store)).messages[0]
    assert (flagged.flagged_by, flagged.flagged_why, flagged.flagged_at) == ("mei", "答非所问", NOW)
    assert await ids(store, Filters(flagged=True)) == ["t1"]
    assert await ids(store, Filters(flagged=False)) == []


async def test_a_flag_is_taken_away_again(store: Store) -> None:
    found = await sure(store)
    await review.flag(store, found.id, "", "mei", NOW)
    await review.unflag(store, found.id, "mei", NOW)
    assert (await review.inbox(store)).messages == ()
    assert await ids(store, Filters(flagged=True)) == []


@pytest.mark.parametrize("taken_away", [False, True])
async def test_undo_of_a_flag(store: Store, taken_away: bool) -> None:
    found = await sure(store)
    change = await review.flag(store, found.id, "why", "mei", NOW)
    if taken_away:
        change = await review.unflag(store, found.id, "mei", NOW)
    await review.undo(store, change, "mei", LATER)
    after = await message(store)
    assert (after.flagged_by, after.flagged_at) == (("mei", LATER) if taken_away else (None, None))
    assert after.state == ("open" if taken_away else "sure")


async def test_a_message_that_the_model_was_unsure_of_stays_in_the_inbox_without_its_flag(
    store: Store,
) -> None:
    found = await unsure(store)
    await review.flag(store, found.id, "", "mei", NOW)
    await review.unflag(store, found.id, "mei", NOW)
    assert [one.id for one in (await review.inbox(store)).messages] == [found.id]


# --- the inbox ---------------------------------------------------------------------------------------------


async def test_the_inbox_has_what_the_model_was_unsure_of_newest_first(store: Store) -> None:
    talk = Talk("t1").say("一", confidence=0.3).say("二", confidence=0.9).not_understood("三")
    await talk.say("四", confidence=0.59).project(store)
    page = await review.inbox(store)
    assert [one.text for one in page.messages] == ["四", "三", "一"]
    assert (page.total, page.total_is_more, page.next) == (3, False, None)


async def test_the_inbox_is_narrowed_by_intent_and_language(store: Store) -> None:
    talk = Talk("t1").say("一", intent="refund", confidence=0.3)
    await talk.say("two", intent="refund", confidence=0.3, language="en").not_understood("三").project(store)
    assert [one.text for one in (await review.inbox(store, intent="refund", language="en")).messages] == [
        "two"
    ]


async def test_pages_of_the_inbox_follow_each_other(store: Store) -> None:
    talk = Talk("t1")
    for number in range(7):
        talk.say(str(number), confidence=0.3)
    await talk.project(store)
    first = await review.inbox(store, limit=4)
    second = await review.inbox(store, limit=4, before=first.next)
    assert [one.text for one in (*first.messages, *second.messages)] == list("6543210")
    assert (second.total, second.next) == (None, None)


async def test_a_broken_place_in_the_inbox_is_refused(store: Store) -> None:
    with pytest.raises(BadFilter):
        await review.inbox(store, before="x")


async def test_what_is_confirmed_leaves_the_inbox(store: Store) -> None:
    await review.confirm(store, (await unsure(store)).id, "mei", NOW)
    assert (await review.inbox(store)).messages == ()
    (done,) = (await review.inbox(store, state="confirmed")).messages
    assert (done.handled_by, done.handled_at, done.corrected_intent) == ("mei", NOW, None)


async def test_what_is_relabelled_has_its_right_intent(store: Store) -> None:
    await review.relabel(store, (await unsure(store)).id, "refund", "mei", NOW)
    (done,) = (await review.inbox(store, state="relabelled")).messages
    assert (done.intent, done.corrected_intent) == ("cancel_order", "refund")


async def test_what_is_deleted_leaves_the_inbox_and_stays_in_the_story(store: Store) -> None:
    await review.delete(store, (await unsure(store)).id, "mei", NOW)
    assert (await review.inbox(store)).messages == ()
    assert (await message(store)).state == "deleted"


async def test_undo_of_a_decision_brings_the_message_back(store: Store) -> None:
    found = await unsure(store)
    change = await review.relabel(store, found.id, "refund", "mei", NOW)
    undone = await review.undo(store, change, "mei", LATER)
    assert undone.message_id == found.id
    assert (await review.inbox(store)).messages == (found,)


async def test_a_decision_that_was_changed_since_is_not_undone(store: Store) -> None:
    found = await unsure(store)
    change = await review.confirm(store, found.id, "mei", NOW)
    await review.relabel(store, found.id, "refund", "lin", LATER)
    with pytest.raises(NotPossible, match="changed_since"):
        await review.undo(store, change, "mei", LATER)


@pytest.mark.parametrize("intent", ["", "Refund", "refund{", "退款", "a" * 65, "../x", "refund\n"])
async def test_an_intent_that_rasa_could_not_have_is_refused(store: Store, intent: str) -> None:
    found = await unsure(store)
    with pytest.raises(NotPossible, match="bad_intent"):
        await review.relabel(store, found.id, intent, "mei", NOW)


async def test_a_message_that_is_not_there_is_refused(store: Store) -> None:
    with pytest.raises(NotPossible, match="unknown_message"):
        await review.confirm(store, 1, "mei", NOW)


# --- saved filters -----------------------------------------------------------------------------------------


async def test_a_saved_filter_is_its_owners(store: Store) -> None:
    await review.save_filter(store, "mei", "退款", {"intent": "refund"}, NOW)
    await review.save_filter(store, "lin", "mine", {}, NOW)
    assert [(one.name, one.query) for one in await review.saved_filters(store, "mei")] == [
        ("退款", {"intent": "refund"})
    ]


async def test_saving_under_the_same_name_replaces(store: Store) -> None:
    await review.save_filter(store, "mei", "退款", {"intent": "refund"}, NOW)
    await review.save_filter(store, "mei", " 退款 ", {"outcome": "refund"}, NOW)
    assert [one.query for one in await review.saved_filters(store, "mei")] == [{"outcome": "refund"}]


async def test_a_filter_is_deleted_by_its_owner_only(store: Store) -> None:
    await review.save_filter(store, "mei", "退款", {}, NOW)
    (saved,) = await review.saved_filters(store, "mei")
    with pytest.raises(NotPossible, match="unknown_filter"):
        await review.delete_filter(store, "lin", saved.id)
    await review.delete_filter(store, "mei", saved.id)
    assert await review.saved_filters(store, "mei") == []


async def test_a_filter_without_a_name_is_refused(store: Store) -> None:
    with pytest.raises(NotPossible, match="bad_name"):
        await review.save_filter(store, "mei", " ", {}, NOW)
