"""The YAML file of a fine-tuning run: what it may hold, and what is said about mistakes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from llm_server import Trouble
from llm_server.finetune import config
from llm_server.finetune.config import Config

EXAMPLE = Path(config.__file__).with_name("example.yml")
LEAST = {"name": "winter", "base": "Qwen/Qwen3-VL-8B-Instruct", "method": "sft"}


def run_of(folder: Path, **keys: Any) -> Config:
    path = folder / "run.yml"
    path.write_text(yaml.safe_dump(LEAST | keys), encoding="utf-8")
    return config.read(path)


def complaint(folder: Path, **keys: Any) -> str:
    with pytest.raises(Trouble) as trouble:
        run_of(folder, **keys)
    return str(trouble.value)


def test_three_keys_are_enough(tmp_path: Path) -> None:
    assert run_of(tmp_path).finished == Path("var/adapters/winter")


def test_the_example_is_a_run_and_shows_every_default() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    shown = yaml.safe_load(re.sub(r"^# (?=\w+: )", "", text, flags=re.MULTILINE))
    least = {key: shown[key] for key in LEAST}
    assert shown.pop("beta") == Config.model_validate(least).beta
    assert Config.model_validate(shown) == Config.model_validate(least)
    assert shown.keys() == Config.model_fields.keys() - {"adapters", "beta"}


def test_preferences_are_learnt_in_smaller_steps_than_answers(tmp_path: Path) -> None:
    assert run_of(tmp_path, method="dpo").learning_rate < run_of(tmp_path, method="sft").learning_rate


def test_a_learning_rate_may_be_written_with_an_exponent(tmp_path: Path) -> None:
    assert run_of(tmp_path, learning_rate="2e-5").learning_rate == 2e-5  # which YAML reads as text


def test_a_key_that_there_is_not_is_named_with_the_nearest(tmp_path: Path) -> None:
    assert "lerning_rate: there is no such key; did you mean learning_rate?" in complaint(
        tmp_path, lerning_rate=1e-4
    )


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    said = complaint(tmp_path, rank=17, epochs=0, method="ppo")
    assert "rank: " in said and "epochs: " in said and "method: " in said


@pytest.mark.parametrize("key", LEAST)
def test_what_is_missing_is_explained(tmp_path: Path, key: str) -> None:
    path = tmp_path / "run.yml"
    path.write_text(yaml.safe_dump({name: value for name, value in LEAST.items() if name != key}))
    with pytest.raises(Trouble, match=f"{key}: missing. [A-Z]"):
        config.read(path)


@pytest.mark.parametrize("name", ["Winter", "a b", "winter=2", "a,b", "../up", ""])
def test_a_name_that_could_not_be_served_is_refused(tmp_path: Path, name: str) -> None:
    assert "name: small letters, digits" in complaint(tmp_path, name=name)


def test_kto_needs_several_rows_in_a_batch(tmp_path: Path) -> None:
    assert "set batch to 2 or more" in complaint(tmp_path, method="kto", batch=1)


def test_beta_is_refused_where_it_would_do_nothing(tmp_path: Path) -> None:
    assert "beta belongs to kto and dpo" in complaint(tmp_path, beta=0.2)


def test_a_missing_file_points_to_the_example(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match=r"does not exist\. Copy llm_server/finetune/example\.yml"):
        config.read(tmp_path / "none.yml")


@pytest.mark.parametrize("text", ["a: [", "just words", ""])
def test_what_is_no_yaml_of_keys_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Trouble, match=r"run\.yml (is not readable as YAML|has to hold)"):
        config.read(path)
