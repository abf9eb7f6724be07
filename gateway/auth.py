"""Who may use what is not for customers: the shop's staff, and our own processes on this machine."""

from __future__ import annotations

import hmac
import ipaddress

from fastapi import Request

from gateway.door import TheDoor
from gateway.errors import Refusal


def bearer(request: Request) -> str:
    """The token of `Authorization: Bearer`; empty when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def is_staff(request: Request, door: TheDoor) -> bool:
    return same(bearer(request), door.shop.settings.staff_token.get_secret_value())


def staff_only(request: Request, door: TheDoor) -> None:
    """A dependency of routes."""
    if not is_staff(request, door):
        raise Refusal("not_staff")


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def same(given: str, secret: str) -> bool:
    """Compared in constant time; a secret that is not set matches nothing."""
    return bool(secret) and hmac.compare_digest(given.encode(), secret.encode())
