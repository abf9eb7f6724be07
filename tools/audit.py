"""Known vulnerabilities in what the locks install: `python -m tools.audit`, a part of `make check`.

Asks PyPI's advisories about every pin of every lock (pip-audit). What is found fails the check, unless
`requirements/accepted.yml` says why it does no harm here. A pin that the service does not know, or a service
that cannot be reached, is said in so many words: no answer is no all-clear. With SHOPCLERK_AUDIT=required, as
a build server with a network should have it, that fails too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import yaml

from tools.environments import ROOT, Trouble
from tools.lock import FOLDER, NAMES

_WITHIN_S = 240
_OPTIONS = ("--disable-pip", "--no-deps", "--format", "json", "--progress-spinner", "off")
# Of packages that nobody answered for, so many are named.
_NAMED = 5


@dataclass(frozen=True)
class Accepted:
    """Packages of one lock whose advisories are known, and why they do no harm here."""

    lock: str
    packages: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Finding:
    """One advisory against one pin; `accepted` is the reason why it may stay, or empty."""

    lock: str
    package: str
    advisory: str
    fixed_in: str
    accepted: str = ""

    def __str__(self) -> str:
        fix = f"fixed in {self.fixed_in}" if self.fixed_in else "no fixed version"
        return f"requirements/{self.lock}.txt: {self.package}: {self.advisory} ({fix})"


def findings(lock: str, report: Mapping[str, Any], accepted: Sequence[Accepted]) -> Iterator[Finding]:
    """What a report of pip-audit has against a lock."""
    reasons = {name: one.why for one in accepted if one.lock == lock for name in one.packages}
    for pin in report["dependencies"]:
        for found in pin.get("vulns", ()):
            yield Finding(
                lock,
                f"{pin['name']} {pin['version']}",
                found["id"],
                ", ".join(found["fix_versions"]),
                reasons.get(pin["name"], ""),
            )


def unanswered(report: Mapping[str, Any]) -> list[str]:
    """The packages that nobody could say anything about."""
    return [pin["name"] for pin in report["dependencies"] if "skip_reason" in pin]


def read_accepted(text: str) -> list[Accepted]:
    return [
        Accepted(one["lock"], tuple(one["packages"]), one["why"].strip())
        for one in yaml.safe_load(text)["accepted"]
    ]


def _report(lock: str) -> Mapping[str, Any] | None:
    """What pip-audit says; None when it could not ask."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", f"requirements/{lock}.txt", *_OPTIONS]
    try:
        ran = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=_WITHIN_S
        )
        report: Mapping[str, Any] = json.loads(ran.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return None
    return report


def audit() -> None:
    """Print what was found; Trouble for what nobody has accepted."""
    accepted = read_accepted((FOLDER / "accepted.yml").read_text(encoding="utf-8"))
    with ThreadPoolExecutor(len(NAMES)) as at_once:
        reports = dict(zip(NAMES, at_once.map(_report, NAMES), strict=True))
    found = [one for lock, report in reports.items() if report for one in findings(lock, report, accepted)]
    for one in found:
        print(f"{one}{': accepted' if one.accepted else ''}")
    if new := [one for one in found if not one.accepted]:
        raise Trouble(
            f"{len(new)} known vulnerabilities: take a fixed version (make lock UPGRADE=1), or write into "
            "requirements/accepted.yml why they do no harm here."
        )
    _tell_gaps(reports)


def _tell_gaps(reports: Mapping[str, Mapping[str, Any] | None]) -> None:
    gaps = list(_gaps(reports))
    for gap in gaps:
        print(f"NOT AUDITED: {gap}")
    if gaps and os.environ.get("SHOPCLERK_AUDIT") == "required":
        raise Trouble("SHOPCLERK_AUDIT=required: every pin has to be audited.")
    if not gaps:
        print("no known vulnerability but the accepted ones")


def _gaps(reports: Mapping[str, Mapping[str, Any] | None]) -> Iterator[str]:
    for lock, report in reports.items():
        if report is None:
            yield f"requirements/{lock}.txt: the advisories could not be asked"
        elif names := unanswered(report):
            of = len(report["dependencies"])
            some = ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
            yield f"requirements/{lock}.txt: no answer for {len(names)} of {of} packages: {some}"


if __name__ == "__main__":
    try:
        audit()
    except Trouble as trouble:
        sys.exit(str(trouble))
