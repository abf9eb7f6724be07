"""What a program says whose settings cannot be used, and where the settings are described."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from llm_server.settings import Settings as ModelSettings
from support.settings import Settings, read_settings
from support.variables import unknown

ROOT = Path(__file__).parents[2]


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


def test_every_setting_has_a_line_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^# SHOPCLERK_([A-Z0-9_]+)=", example, re.MULTILINE))
    fields = {*Settings.model_fields, *ModelSettings.model_fields}
    assert {name.upper() for name in fields} - named == set()


def test_every_missing_secret_of_production_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told = _refused(monkeypatch, MODE="production")
    for name in ("CHANNEL_SECRET", "STAFF_TOKEN", "CUSTOMER_TOKEN_SECRET"):
        assert f"  SHOPCLERK_{name} must be set" in told


def test_a_misspelled_setting_stops_the_start_and_the_right_one_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = _refused(monkeypatch, MOD="production", RETENTION_PICTURE_DAYS="30")
    assert "SHOPCLERK_MOD: there is no such setting; did you mean SHOPCLERK_MODE?" in told
    assert "did you mean SHOPCLERK_RETENTION_PICTURES_DAYS?" in told


def test_a_setting_that_is_like_no_other_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    told = _refused(monkeypatch, WOMBAT="1")
    assert "SHOPCLERK_WOMBAT: there is no such setting; .env.example names them all" in told


def test_a_misspelled_setting_is_named_beside_wrong_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    told = _refused(monkeypatch, PROT="80", RASA_PORT="65536")
    assert "did you mean SHOPCLERK_PORT?" in told and "SHOPCLERK_RASA_PORT: " in told


def test_a_misspelled_line_of_the_env_file_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PATH=/x\n# SHOPCLERK_NO=1\nSHOPCLERK_MOD=production\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert "SHOPCLERK_MOD (in .env): there is no such setting" in _refused(monkeypatch)


def test_small_letters_and_the_variables_of_other_programs_are_no_mistakes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(
        "SHOPCLERK_LLM_WEIGHTS=modelscope\nshopclerk_port=8081\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHOPCLERK_TEST_REDIS_URL", "redis://127.0.0.1:6379/0")
    assert read_settings().port == 8081


def test_every_variable_that_the_project_names_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    # A name that goes on, as in SHOPCLERK_RETENTION_..., is none; this file has some that are wrong.
    whole = re.compile(rb"SHOPCLERK_[A-Z0-9_]*[A-Z0-9](?![A-Z0-9_{])")
    for file in files.stdout.splitlines():
        path = ROOT / file
        if path.is_file() and path != Path(__file__):
            for name in whole.findall(path.read_bytes()):
                monkeypatch.setenv(name.decode(), "")
    assert "SHOPCLERK_LLM_WEIGHTS" in os.environ
    assert list(unknown(Settings.model_fields)) == []


def test_every_setting_of_the_machine_with_the_model_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ModelSettings.model_fields:
        monkeypatch.setenv(f"SHOPCLERK_{name.upper()}", "")
    assert list(unknown(Settings.model_fields)) == []


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("postgres://clerk:p%40ss@db:5433/shop", "postgresql+asyncpg://clerk:p%40ss@db:5433/shop"),
        ("postgresql://db/shop", "postgresql+asyncpg://db/shop"),
        ("postgresql+asyncpg:///shop?host=/run", "postgresql+asyncpg:///shop?host=/run"),
        ("sqlite:///shop.db", "sqlite+aiosqlite:///shop.db"),
        ("sqlite+aiosqlite:////srv/shop.db", "sqlite+aiosqlite:////srv/shop.db"),
    ],
)
def test_a_database_is_written_as_people_write_it(
    written: str, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPCLERK_DATABASE_URL", written)
    assert read_settings().database_url == used


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://clerk:hunter2@db/shop", "mysql:// cannot be used"),
        ("clerk:hunter2@db/shop", "no address of a database"),
        ("postgresql://clerk:hunter2@db:70000/shop", "no address of a database"),
        ("postgresql://clerk:hunter2@db:port/shop", "no address of a database"),
        ("postgresql://clerk:hunter2/3@db/shop", "no address of a database"),
        ("postgresql://clerk:hunter2@db", "no address of a database"),
        ("postgresql://clerk:hunter2@db/shop?sslmode=require", "set PGSSLMODE=require"),
        ("sqlite://shop.db", "no address of a database"),
        ("shop.db", "no address of a database"),
    ],
)
def test_an_address_that_is_no_database_is_named_without_its_password(
    url: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = _refused(monkeypatch, DATABASE_URL=url)
    assert "SHOPCLERK_DATABASE_URL: " in told and why in told
    assert "hunter2" not in told
