"""The alarms for Prometheus look at figures that there are, and the operations guide explains each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from gateway.meters import Meters
from support.meters import ModelMeters

DOCS = Path(__file__).parents[2] / "docs"
RULES = [
    rule
    for group in yaml.safe_load((DOCS / "alarms.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alarm_looks_at_figures_that_there_are(rule: dict[str, str]) -> None:
    shown = Meters().text().decode() + ModelMeters().text()
    known = set(re.findall(r"^# TYPE (\w+)", shown, re.MULTILINE))
    figures = re.findall(r"shopclerk_\w+", rule["expr"])
    assert {figure.removesuffix("_bucket") for figure in figures} <= known


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_the_guide_says_what_an_alarm_means(rule: dict[str, str]) -> None:
    guide = (DOCS / "operations.md").read_text(encoding="utf-8")
    first_cells = re.findall(r"^\| (.+?) \|", guide, re.MULTILINE)
    assert any(f"`{rule['alert']}`" in cell for cell in first_cells)
