"""The settings of the machine with the model, and the secrets that it shares with the assistant."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from llm_server.settings import Settings, with_secrets
from tools import prepare


@pytest.fixture(autouse=True)
def _nobodys_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the `.env` of whoever runs the tests, and with a folder of our own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHOPCLERK_VAR", str(tmp_path))


def test_missing_secrets_are_made_once_and_only_their_owner_may_read_them(tmp_path: Path) -> None:
    first, again = with_secrets(Settings()), with_secrets(Settings())
    assert first == again
    assert len(first.llm_key.get_secret_value()) == 48
    assert first.llm_secret != first.llm_key
    assert stat.S_IMODE((tmp_path / "secrets.env").stat().st_mode) == 0o600


def test_a_chosen_key_is_kept_out_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPCLERK_LLM_KEY", "chosen by the shop")
    assert with_secrets(Settings()).llm_key.get_secret_value() == "chosen by the shop"
    assert "LLM_KEY" not in (tmp_path / "secrets.env").read_text(encoding="utf-8")


def test_the_assistant_on_the_same_machine_finds_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPCLERK_LLM_URL", "http://127.0.0.1:8000/v1, http://localhost:8010/v1")
    before = prepare.development_settings()
    made = with_secrets(Settings())
    after = prepare.development_settings()
    assert before.llm_key.get_secret_value() == ""
    assert after.llm_key == made.llm_key
    assert after.staff_token == before.staff_token


@pytest.mark.parametrize(
    "url", ["", "https://elsewhere.example/v1", "http://127.0.0.1:8000/v1,https://elsewhere.example/v1"]
)
def test_the_key_is_told_to_no_other_server(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPCLERK_LLM_URL", url)
    with_secrets(Settings())
    assert prepare.development_settings().llm_key.get_secret_value() == ""


@pytest.mark.parametrize("missing", ["SHOPCLERK_LLM_KEY", "SHOPCLERK_LLM_SECRET"])
def test_production_refuses_to_start_without_a_secret(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPCLERK_MODE", "production")
    for name in {"SHOPCLERK_LLM_KEY", "SHOPCLERK_LLM_SECRET"} - {missing}:
        monkeypatch.setenv(name, "0123456789abcdef")
    with pytest.raises(ValidationError, match=f"{missing} must have at least 16 characters"):
        Settings()


def test_the_proxy_and_the_engine_cannot_share_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPCLERK_LLM_PORT", "8001")
    with pytest.raises(ValidationError, match="SHOPCLERK_LLM_ENGINE_PORT must differ"):
        Settings()


def test_tenants_have_keys_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPCLERK_LLM_KEY", "the-key-of-this-shop")
    monkeypatch.setenv("SHOPCLERK_LLM_TENANTS", "north:key-of-the-north-shop, south:key-of-the-south-shop")
    expected = {
        "the-key-of-this-shop": "shop",
        "key-of-the-north-shop": "north",
        "key-of-the-south-shop": "south",
    }
    assert Settings().tenants() == expected


@pytest.mark.parametrize("entry", ["north", "north:short", ":key-of-nobody-at-all", "a:the-key-of-this-shop"])
def test_a_tenant_without_a_name_or_a_key_of_its_own_is_refused_without_telling_keys(
    entry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPCLERK_LLM_KEY", "the-key-of-this-shop")
    monkeypatch.setenv("SHOPCLERK_LLM_TENANTS", entry)
    with pytest.raises(ValidationError, match="SHOPCLERK_LLM_TENANTS") as told:
        Settings()
    assert "the-key-of-this-shop" not in str(told.value)
