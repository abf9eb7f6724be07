"""Links to pictures: what opens, what has run out, what was made up."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from support.picture_links import LASTS, Expired, Forged, PictureLinks
from tests.builders import NOW

ONE, OTHER = "a" * 32, "b" * 32
SECRET = "secret-of-all-gateways"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def links(clock: Clock) -> PictureLinks:
    return PictureLinks(SECRET, clock)


def test_a_fresh_link_opens_its_picture(links: PictureLinks) -> None:
    links.check(ONE, links.of(ONE))


def test_it_opens_with_every_gateway_that_shares_the_secret(links: PictureLinks, clock: Clock) -> None:
    PictureLinks(SECRET, clock).check(ONE, links.of(ONE))


def test_it_opens_no_other_picture(links: PictureLinks) -> None:
    with pytest.raises(Forged):
        links.check(OTHER, links.of(ONE))


def test_it_opens_until_a_quarter_of_an_hour_is_over(links: PictureLinks, clock: Clock) -> None:
    link = links.of(ONE)
    clock.now += LASTS
    links.check(ONE, link)
    clock.now += timedelta(seconds=1)
    with pytest.raises(Expired):
        links.check(ONE, link)


def test_a_later_time_cannot_be_written_into_it(links: PictureLinks, clock: Clock) -> None:
    earlier = links.of(ONE)
    clock.now += timedelta(hours=1)
    later, signature = links.of(ONE).partition(".")[0], earlier.partition(".")[2]
    with pytest.raises(Forged):
        links.check(ONE, f"{later}.{signature}")


@pytest.mark.parametrize("link", ["", ".", "x", "aSu3Xw.k2Zr8V", "图片", "a" * 100])
def test_what_was_made_up_opens_nothing(links: PictureLinks, link: str) -> None:
    with pytest.raises(Forged):
        links.check(ONE, link)


def test_a_link_that_another_secret_signed_opens_nothing(links: PictureLinks, clock: Clock) -> None:
    with pytest.raises(Forged):
        links.check(ONE, PictureLinks("another-secret", clock).of(ONE))


def test_without_a_secret_nobody_can_sign(clock: Clock) -> None:
    with pytest.raises(Forged):
        PictureLinks("", clock).check(ONE, PictureLinks("", clock).of(ONE))
