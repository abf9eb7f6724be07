"""Fixtures that several kinds of tests share: databases, the services, and the whole running system.

Where a service does not listen, its tests are skipped with a reason that pytest prints at the end; where the
environment says CI, that is a failure instead. `make services` starts all of them.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from support.bootstrap import Shop, open_shop
from support.store import Store
from support.store.migrate import migrate
from tests.fakes_model import FakeModel
from tests.stack import Stack, running_stack
from tools import servers

# Tests say what they need; the settings of whoever runs them must not leak in.
for _name in [name for name in os.environ if name.startswith("SHOPCLERK_")]:
    if not _name.startswith("SHOPCLERK_TEST_"):
        del os.environ[_name]

_numbers = itertools.count()
_DROPS = 20


@pytest.hookimpl(tryfirst=True)  # the workers read the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers (`make test` has two), what is slow to start is started in one of them.

    On a build server, which nobody watches, what runs real processes and browsers is tried twice. The summary
    names what was (RERUN): a race to be found, in the test or in the product.
    """
    unwatched = bool(os.environ.get("CI"))
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_shares(item)))
        if unwatched and "unit" not in item.path.parts:
            item.add_marker(pytest.mark.flaky(reruns=1))


def _shares(item: pytest.Item) -> str:
    """What a test has in common with others that run in the same worker: a running system, or its file."""
    wanted = getattr(item, "fixturenames", ())
    return next((name for name in ("started_model_server", "stack") if name in wanted), item.path.name)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole system with the demo shop, on SQLite and without a model. One for all tests."""
    with running_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest_asyncio.fixture
async def shop(stack: Stack) -> AsyncIterator[Shop]:
    """The records of the running system, to look at what it did."""
    opened = open_shop(stack.settings)
    yield opened
    await opened.close()


# --- the whole system with a model -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model() -> Iterator[FakeModel]:
    """A model server that says what a test tells it to."""
    with FakeModel() as server:
        yield server


@pytest.fixture(scope="module")
def assistant(stack: Stack, model: FakeModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A second system, like `stack`, but with the model."""
    folder = tmp_path_factory.mktemp("assistant")
    with running_stack(folder, shop_of=stack, llm_url=model.base_url, llm_model="scripted") as running:
        yield running


@pytest_asyncio.fixture
async def records(assistant: Stack) -> AsyncIterator[Shop]:
    """What that system wrote."""
    opened = open_shop(assistant.settings)
    yield opened
    await opened.close()


# --- services ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A PostgreSQL database whose role may create others."""
    return _address("postgres")


@pytest.fixture(scope="session")
def redis_url() -> str:
    return _address("redis")


@pytest.fixture(scope="session")
def amqp_url() -> str:
    return _address("amqp")


def _address(service: str) -> str:
    if servers.listens(service):
        return servers.url(service)
    missing = f"NOT TESTED: {service} does not listen where expected; `make services` starts it"
    if os.environ.get("CI"):
        pytest.fail(missing, pytrace=False)
    pytest.skip(missing)


# --- a fresh database, on both kinds -----------------------------------------------------------------------


@pytest_asyncio.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An empty shop in `database_url`."""
    opened = Store(database_url)
    yield opened
    await opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database with the current schema: the test runs once on each kind."""
    yield from _database(request, tmp_path / "shop.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A second one, for what goes from one database to another."""
    yield from _database(request, tmp_path / "other.db")


def _database(request: pytest.FixtureRequest, file: Path) -> Iterator[str]:
    """A copy of a migrated one, so that a test does not pay for the migrations."""
    if request.param == "sqlite":
        migrated: Path = request.getfixturevalue("_migrated_sqlite")
        shutil.copy(migrated, file)
        yield f"sqlite+aiosqlite:///{file}"
        return
    template: str = request.getfixturevalue("_migrated_postgres")
    name = f"{make_url(template).database}_{next(_numbers)}"
    _administer(f"CREATE DATABASE {name} TEMPLATE {make_url(template).database}")
    yield make_url(template).set(database=name).render_as_string(hide_password=False)
    _drop(name)


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "shop.db"
    asyncio.run(_migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def _migrated_postgres(postgres_url: str) -> Iterator[str]:
    """A migrated database to copy, with a name of its own for every test run."""
    url = make_url(postgres_url)
    template = url.set(database=f"{url.database}_{os.getpid()}")
    _administer(f"CREATE DATABASE {template.database}")
    address = template.render_as_string(hide_password=False)
    asyncio.run(_migrate(address))
    yield address
    _drop(str(template.database))


async def _migrate(url: str) -> None:
    opened = Store(url)
    await migrate(opened)
    await opened.close()


def _drop(name: str) -> None:
    """Remove a database; its autovacuum worker, which our role must not stop, ends by itself."""
    for _ in range(_DROPS):
        try:
            return _administer(f"DROP DATABASE {name} WITH (FORCE)")
        except sa.exc.DBAPIError as error:
            if "must be a member of the role" not in str(error):
                raise
            time.sleep(1)
    raise RuntimeError(f"{name} stayed in use")


def _administer(statement: str) -> None:
    """Run a statement that no transaction may hold, from the database that is never a template."""

    async def execute() -> None:
        engine = create_async_engine(servers.url("postgres"), isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(sa.text(statement))
        await engine.dispose()

    asyncio.run(execute())
