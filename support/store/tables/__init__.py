"""The database schema, as SQLAlchemy Core tables. Alembic's migrations are compared with it by a test.

Amounts are integers in minor units beside a currency; times are UTC; ids of the shop's own records are the
strings that the shop imported. Only `support.store` imports SQLAlchemy.

    from support.store import tables as t
    sa.select(t.orders)
"""

from support.store.tables.analytics import *  # noqa: F403
from support.store.tables.answer_marks import *  # noqa: F403
from support.store.tables.base import UtcDateTime as UtcDateTime
from support.store.tables.base import metadata as metadata
from support.store.tables.conversations import *  # noqa: F403
from support.store.tables.customers import *  # noqa: F403
from support.store.tables.desk import *  # noqa: F403
from support.store.tables.events import *  # noqa: F403
from support.store.tables.evidence import *  # noqa: F403
from support.store.tables.model_calls import *  # noqa: F403
from support.store.tables.privacy import *  # noqa: F403
from support.store.tables.review import *  # noqa: F403
from support.store.tables.shop import *  # noqa: F403
from support.store.tables.training import *  # noqa: F403
