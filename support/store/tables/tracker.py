"""Rasa's own table of events, as `SQLTrackerStore` of Rasa 3.6 makes it: where conversations go on after a
restart.

No migration of ours makes it: Rasa does, at its start, in the same database on PostgreSQL and in a file of
its own beside SQLite. Here for those who keep, move or erase what it holds.
"""

from __future__ import annotations

import sqlalchemy as sa

tracker_metadata = sa.MetaData()
tracker_events = sa.Table(
    "events",
    tracker_metadata,
    sa.Column("id", sa.Integer, sa.Sequence("events_seq", optional=True), primary_key=True),
    sa.Column("sender_id", sa.String(255), nullable=False, index=True),
    sa.Column("type_name", sa.String(255), nullable=False),
    sa.Column("timestamp", sa.Float),
    sa.Column("intent_name", sa.String(255)),
    sa.Column("action_name", sa.String(255)),
    sa.Column("data", sa.Text),
)
