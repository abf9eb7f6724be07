"""The model's addresses and shares, as people write them into `.env`."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from support.settings import Settings


def settings(**given: str) -> Settings:
    return Settings.model_validate({"llm_model": "base"} | given)


@pytest.mark.parametrize(
    ("written", "urls"),
    [
        ("", ()),
        ("http://a:8000/v1", ("http://a:8000/v1",)),
        (" http://a:8000/v1/ ,https://b/v1,", ("http://a:8000/v1", "https://b/v1")),
    ],
)
def test_addresses_stand_between_commas(written: str, urls: tuple[str, ...]) -> None:
    assert settings(llm_url=written).llm_urls == urls


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("localhost:8000", "address 1"),
        ("http://a/v1;http://b/v1 http://c", "address 1"),
        ("http://a/v1,ftp://b/v1", "address 2"),
        ("http:///v1", "address 1"),
        ("http://a:80x/v1", "Port"),
        ("http://me:hunter2@a/v1", "SHOPCLERK_LLM_KEY"),
        ("http://a/v1,http://a/v1/", "twice"),
    ],
)
def test_an_address_that_is_none_is_named_without_its_secrets(written: str, told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(llm_url=written)
    assert told in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "shares"),
    [
        ("", {}),
        ("base=90,winter=10", {"base": 90, "winter": 10}),
        (" base = 90% , winter = 10% ", {"base": 90, "winter": 10}),
        ("base=0,org/winter-8b:v2=1.5", {"base": 0, "org/winter-8b:v2": 1.5}),
    ],
)
def test_shares_are_weights_by_name(written: str, shares: dict[str, float]) -> None:
    assert settings(model_shares=written).shares == shares


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("winter=10", "must name base"),
        ("base", "'base'"),
        ("=90", "'=90'"),
        ("base=much", "'base=much'"),
        ("base=-1,winter=2", "'base=-1'"),
        ("base=inf", "'base=inf'"),
        ("base=1,base=2", "'base=2'"),
        ("base=0,winter=0", "nothing"),
    ],
)
def test_a_share_that_is_none_is_named(written: str, told: str) -> None:
    with pytest.raises(ValidationError, match="SHOPCLERK_MODEL_SHARES") as caught:
        settings(model_shares=written)
    assert told in str(caught.value)
