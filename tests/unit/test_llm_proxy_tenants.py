"""Who is let in, what keeps tenants apart, and options that would leave the door open."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from llm_server.proxy import Options
from llm_server.proxy.__main__ import options
from llm_server.proxy.tenants import Marks, Tenants
from llm_server.settings import Settings

TENANTS = Tenants({"key-one": "shop", "key-new": "shop", "schlüssel": "other"})


@pytest.mark.parametrize(
    ("header", "tenant"),
    [
        ("Bearer key-one", "shop"),
        ("bearer key-new", "shop"),
        ("Bearer schlüssel", "other"),
        ("Bearer key-two", ""),
        ("Bearer ", ""),
        ("Basic key-one", ""),
        ("key-one", ""),
        ("", ""),
        ("Bearer \udcff", ""),
    ],
)
def test_a_key_names_its_tenant(header: str, tenant: str) -> None:
    assert TENANTS.named(header) == tenant


def test_without_any_key_everyone_is_the_shop() -> None:
    assert Tenants({}).named("") == "shop"


def test_marks_differ_by_tenant_content_use_and_secret() -> None:
    one, two = Marks("secret-number-one"), Marks("secret-number-two")
    made = [one.salt("a"), one.salt("b"), two.salt("a"), one.picture("a", b""), one.picture("a", b"x")]
    assert len({*made, one.picture("b", b"x"), two.picture("a", b"x")}) == 7


def test_marks_are_the_same_after_a_restart_and_such_as_vllm_takes() -> None:
    assert Marks("secret-number-one").salt("a") == Marks("secret-number-one").salt("a")
    assert set(Marks("secret-number-one").salt("a")) <= set("0123456789abcdef")


def made(**changed: Any) -> Options:
    chosen: dict[str, Any] = {
        "engine_url": "http://127.0.0.1:8001",
        "engine_key": "engine",
        "keys": {"key": "shop"},
        "secret": "long-enough-a-secret",
    }
    return Options(**(chosen | changed))


@pytest.mark.parametrize(
    "changed", [{"secret": "short"}, {"keys": {"": "shop"}}, {"keys": {}, "host": "0.0.0.0"}]
)
def test_options_that_would_leave_the_engine_open_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        made(**changed)


def test_on_the_loopback_no_key_is_needed() -> None:
    assert made(keys={}).keys == {}


def test_secrets_do_not_show() -> None:
    assert not {"engine-key-x", "key-x", "long-enough-a-secret"} & set(
        repr(made(engine_key="engine-key-x", keys={"key-x": "shop"})).replace("'", " ").split()
    )


class _Settings(Settings):
    """Without the `.env` of whoever runs the tests."""

    model_config = SettingsConfigDict(env_file=None)


def test_settings_become_options() -> None:
    found = options(
        _Settings(
            llm_key=SecretStr("key-of-the-shop-1234"),
            llm_tenants=SecretStr("other:key-of-the-other-1234"),
            llm_secret=SecretStr("secret-of-the-marks-1234"),
            llm_port=8123,
        ),
        "engine",
    )
    assert found.keys == {"key-of-the-shop-1234": "shop", "key-of-the-other-1234": "other"}
    assert (found.port, found.engine_url, found.engine_key) == (8123, "http://127.0.0.1:8001", "engine")
