"""What a photo's file and a second photo say: pure rules."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from desk.words import all_words
from support.model import Decision, Outcome
from support.policy import EVIDENCE_RISK
from support.services.evidence import Assessment, Finding, guarded, origin
from support.services.evidence.challenge import findings as of_challenges
from support.services.evidence.challenge import needed, shows
from support.services.evidence.findings import WEIGHTS
from support.store import Challenge
from support.vision import clean
from tests.records import NOW, delivered, item, picture

ORDER = delivered(item("S1", "50.00"), days_ago=3)
APPROVE = Decision(Outcome.APPROVE, "fault-small", {}, {}, ("photo",))


def codes(**metadata: Any) -> set[str]:
    photo = replace(picture("here"), metadata={"format": "JPEG", "frames": 1} | metadata)
    return {one.code for one in origin.findings(photo, ORDER, NOW)}


def exif_time(days_ago: float) -> str:
    return f"{NOW - timedelta(days=days_ago):%Y:%m:%d %H:%M:%S}"


# --- the file ----------------------------------------------------------------------------------------------


def test_a_fresh_photo_from_a_camera_says_nothing() -> None:
    assert codes(camera="Lantern L-7", taken_at=exif_time(1), software="L7XA 14.2") == set()


def test_a_photo_without_metadata_is_nothing_against_anybody() -> None:
    assert codes() == {"no_metadata"}
    assert WEIGHTS["no_metadata"] == 0


@pytest.mark.parametrize("software", ["Adobe Photoshop 25.1 (Windows)", "美图秀秀", "GIMP 2.10"])
def test_an_editor_is_named(software: str) -> None:
    assert codes(camera="L", software=software) == {"edited"}


def test_times_against_the_order() -> None:
    placed = (NOW - ORDER.placed_at).days
    assert codes(camera="L", taken_at=exif_time(placed + 3)) == {"taken_before_order"}
    assert codes(camera="L", taken_at=exif_time(4.5)) == {"taken_before_delivery"}
    assert codes(camera="L", taken_at="0000:00:00 00:00:00") == set()


def test_a_day_is_given_for_clocks_and_zones() -> None:
    assert codes(camera="L", taken_at=exif_time(3.8)) == set()


def test_a_png_without_a_camera_is_a_screenshot() -> None:
    assert codes(format="PNG") == {"screenshot"}
    assert codes(format="PNG", camera="L") == set()


def test_the_mark_of_a_picture_generator_is_read_and_weighs_enough() -> None:
    info = PngInfo()
    info.add_text("parameters", "a broken mug on a table, Steps: 30, Sampler: Euler")
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(buffer, "PNG", pnginfo=info)
    assert clean(buffer.getvalue()).metadata["generator"] == "PNG parameters"
    assert "generated" in codes(generator="PNG parameters")
    assert Assessment((Finding("generated"),)).risk == "high"


def test_content_credentials_of_a_generator_are_read() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(
        buffer, "JPEG", comment=b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    )
    assert clean(buffer.getvalue()).metadata["generator"] == "trainedAlgorithmicMedia"


# --- the sum -----------------------------------------------------------------------------------------------


def test_one_small_hint_is_no_high_risk() -> None:
    assert Assessment((Finding("edited", "a"), Finding("edited", "b"))).risk == "low"


def test_small_hints_add_up() -> None:
    assert Assessment((Finding("edited"), Finding("no_fault_seen"))).risk == "high"


def test_a_passed_second_photo_settles_all_but_a_stolen_one() -> None:
    passed = Finding("challenge_passed")
    assert Assessment((Finding("catalogue_photo"), Finding("edited"), passed)).risk == "low"
    assert Assessment((Finding("other_customers_photo"), passed)).risk == "high"


def test_high_risk_sends_an_approval_to_a_person_and_changes_nothing_else() -> None:
    risky = Assessment((Finding("other_customers_photo"),))
    found = guarded(APPROVE, risky)
    assert (found.outcome, found.rule) == (Outcome.REVIEW, EVIDENCE_RISK)
    for outcome in (Outcome.REFUSE, Outcome.REVIEW):
        assert guarded(replace(APPROVE, outcome=outcome), risky) == replace(APPROVE, outcome=outcome)
    assert guarded(replace(APPROVE, evidence=()), risky).outcome is Outcome.APPROVE


def test_an_assessment_comes_back_from_the_ledger() -> None:
    found = Assessment((Finding("alike", "a", "b", "R1", {"mirrored": "yes"}), Finding("not_compared")))
    assert Assessment.from_json(found.as_json()) == found
    assert Assessment.from_json({"evidence": []}) is None


def test_staff_have_words_for_every_finding_in_both_languages() -> None:
    assert {f"evidence.{code}" for code in WEIGHTS} <= all_words().keys()


# --- the second photo --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines", [["K7MP"], ["k7mp"], ["K 7 M P"], ["K7", "MP"], ["云朵小铺", "K7MP"], ["K7NP"], ["KZMP"]]
)
def test_a_code_is_read_with_one_letter_misread(lines: list[str]) -> None:
    assert shows("K7MP", lines)


@pytest.mark.parametrize("lines", [[], ["K7"], ["7KPM"], ["X7NP"], ["SHIPPED BY K7-NP EXPRESS LOGISTICS"]])
def test_other_words_are_no_code(lines: list[str]) -> None:
    assert not shows("K7MP", lines)


def asked(status: Any = "open", pictures: tuple[str, ...] = ()) -> Challenge:
    return Challenge("here", ORDER.order_id, "K7MP", status, 0, pictures, NOW, NOW + timedelta(hours=2))


def test_a_second_photo_is_asked_for_only_where_it_decides_something() -> None:
    risky, fine = Assessment((Finding("catalogue_photo"),)), Assessment()
    assert needed(APPROVE, risky, None)
    assert needed(APPROVE, risky, asked())
    assert not needed(APPROVE, fine, None)
    assert not needed(replace(APPROVE, outcome=Outcome.REVIEW), risky, None)
    assert not needed(replace(APPROVE, evidence=()), risky, None)
    assert not needed(APPROVE, risky, asked("failed"))


def test_a_code_that_was_asked_for_stays_asked_for() -> None:
    assert [one.code for one in of_challenges([asked("failed", ("b",))], ("clean",))] == ["challenge_failed"]
    assert [one.code for one in of_challenges([asked("passed", ("a", "b"))], ("b",))] == ["challenge_passed"]
    assert list(of_challenges([asked("passed", ("b",))], ("clean",))) == []
