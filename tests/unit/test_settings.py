"""What a program says whose settings cannot be used."""

from __future__ import annotations

import pytest

from support.settings import read_settings


def _refused(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    for name, value in variables.items():
        monkeypatch.setenv(f"SHOPCLERK_{name}", value)
    with pytest.raises(SystemExit) as stopped:
        read_settings()
    return str(stopped.value)


def test_every_wrong_setting_is_named_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    told = _refused(monkeypatch, PORT="abc", MESSAGES_PER_MINUTE="0")
    assert told.splitlines()[0] == "These settings cannot be used:"
    assert "SHOPCLERK_PORT: " in told and "SHOPCLERK_MESSAGES_PER_MINUTE: " in told


def test_a_wrong_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    told = _refused(monkeypatch, MODE="production", CHANNEL_SECRET="hunter2")
    assert "SHOPCLERK_CHANNEL_SECRET must be set to at least 16 characters" in told
    assert "hunter2" not in told


def test_an_address_that_is_none_says_how_one_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Write http://host:8000/v1" in _refused(monkeypatch, LLM_URL="localhost")
    assert "Write https://shop.example" in _refused(monkeypatch, LLM_URL="", ORIGINS="shop.example")
