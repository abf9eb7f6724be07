"""Conversation review for the desk: the list, one conversation's story, reviewers' marks, the inbox.

page = await review.list_conversations(store, filters)
change = await review.set_state(store, "conversation", "reviewed", "mei", now)
await review.undo(store, change, "mei", now)
"""

from support.services.review.answers import judge, judged
from support.services.review.inbox import InboxPage, confirm, delete, flag, inbox, relabel, unflag
from support.services.review.listing import Page, Row, list_conversations, values
from support.services.review.marks import (
    LABEL_CHARACTERS,
    NotPossible,
    Undone,
    label,
    set_state,
    undo,
    unlabel,
)
from support.services.review.saved import delete_filter, save_filter, saved_filters
from support.services.review.story import Step, Story, story

__all__ = [
    "LABEL_CHARACTERS",
    "InboxPage",
    "NotPossible",
    "Page",
    "Row",
    "Step",
    "Story",
    "Undone",
    "confirm",
    "delete",
    "delete_filter",
    "flag",
    "inbox",
    "judge",
    "judged",
    "label",
    "list_conversations",
    "relabel",
    "save_filter",
    "saved_filters",
    "set_state",
    "story",
    "undo",
    "unflag",
    "unlabel",
    "values",
]
