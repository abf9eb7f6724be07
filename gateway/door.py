"""The parts that the routes share, and how a route asks for them."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request

from gateway.keeper import Keeper
from gateway.limits import Limits
from gateway.meters import Meters
from gateway.news import News
from gateway.persons import Persons
from gateway.rasa import Rasa
from gateway.streams import Streams
from gateway.turns import Turns
from support.bootstrap import Shop
from support.picture_links import PictureLinks
from support.training import Training
from support.vision import OcrPool


@dataclass(frozen=True)
class Door:
    """One a process; made and closed by `gateway.app`."""

    shop: Shop
    rasa: Rasa
    turns: Turns
    persons: Persons
    keeper: Keeper
    news: News
    streams: Streams
    limits: Limits
    ocr: OcrPool
    meters: Meters
    training: Training
    links: PictureLinks
    # Set once Rasa and its actions were seen working.
    has_answered: asyncio.Event = field(default_factory=asyncio.Event)


async def _door(request: Request) -> Door:
    return cast(Door, request.app.state.door)


async def _address(request: Request) -> str:
    """The caller's; behind a proxy, what uvicorn made of its header (FORWARDED_ALLOW_IPS)."""
    return request.client.host if request.client else "unknown"


def origin(door: Door, address: str) -> str:
    """The same for all that comes from one address, and no address: a key of ours is in it.

    Empty for an address that is not of the Internet: behind a proxy that does not tell whom it speaks for,
    all customers would have that one, and a few who guess would lock out all others.
    """
    if not _is_global(address):
        return ""
    key = door.shop.settings.channel_secret.get_secret_value().encode()
    return hmac.digest(key, f"origin {address}".encode(), "sha256").hex()[:32]


def _is_global(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False


TheDoor = Annotated[Door, Depends(_door)]
Address = Annotated[str, Depends(_address)]
