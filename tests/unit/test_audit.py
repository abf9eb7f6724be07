"""What becomes of pip-audit's reports: found, accepted, or answered by nobody."""

from __future__ import annotations

from typing import Any

from tools.audit import Accepted, findings, read_accepted, unanswered
from tools.lock import FOLDER, NAMES


def _report(**vulnerabilities: list[str]) -> dict[str, Any]:
    """Of packages and the ids of their advisories, as pip-audit writes it."""
    return {
        "dependencies": [
            {"name": name, "version": "1.0", "vulns": [{"id": one, "fix_versions": ["1.1"]} for one in ids]}
            for name, ids in vulnerabilities.items()
        ]
    }


def test_an_advisory_names_lock_package_and_fixed_version() -> None:
    (found,) = findings("app", _report(jinja2=["CVE-1"], httpx=[]), [])
    assert str(found) == "requirements/app.txt: jinja2 1.0: CVE-1 (fixed in 1.1)"
    assert not found.accepted


def test_an_accepted_package_is_accepted_in_its_lock_only() -> None:
    accepted = [Accepted("rasa", ("keras",), "not used")]
    assert [one.accepted for one in findings("rasa", _report(keras=["CVE-1"]), accepted)] == ["not used"]
    assert [one.accepted for one in findings("app", _report(keras=["CVE-1"]), accepted)] == [""]


def test_a_package_that_nobody_knows_is_no_all_clear() -> None:
    report = _report(httpx=[]) | {}
    report["dependencies"].append({"name": "uv", "skip_reason": "not found"})
    assert unanswered(report) == ["uv"]


def test_every_accepted_package_is_in_its_lock_and_has_a_reason() -> None:
    for one in read_accepted((FOLDER / "accepted.yml").read_text(encoding="utf-8")):
        assert one.lock in NAMES
        pins = (FOLDER / f"{one.lock}.txt").read_text(encoding="utf-8")
        assert [name for name in one.packages if f"\n{name}==" not in pins] == []
        assert len(one.why) > 40
