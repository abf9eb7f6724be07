"""Who may use what is not for customers: the shop's staff, and our own processes on this machine."""

from __future__ import annotations

import hmac
import ipaddress
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway.door import Door, TheDoor
from gateway.errors import Refusal

# These also document themselves: the OpenAPI page has a field for each. What is missing or wrong is refused
# by the routes, in our words.
_CUSTOMER = HTTPBearer(
    auto_error=False, scheme_name="customer", description="A token signed by the shop's site."
)
_STAFF = HTTPBearer(auto_error=False, scheme_name="staff", description="SHOPCLERK_STAFF_TOKEN")

_Credentials = HTTPAuthorizationCredentials | None


async def _customer(given: Annotated[_Credentials, Depends(_CUSTOMER)]) -> str:
    return given.credentials if given else ""


async def _staff(given: Annotated[_Credentials, Depends(_STAFF)]) -> str:
    return given.credentials if given else ""


# The token of `Authorization: Bearer`; empty when there is none.
CustomerToken = Annotated[str, Depends(_customer)]
StaffToken = Annotated[str, Depends(_staff)]


def is_staff(door: Door, token: str) -> bool:
    return same(token, door.shop.settings.staff_token.get_secret_value())


async def staff_only(door: TheDoor, token: StaffToken) -> None:
    """A dependency of routes."""
    if not is_staff(door, token):
        raise Refusal("not_staff")


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def same(given: str, secret: str) -> bool:
    """Compared in constant time; a secret that is not set matches nothing."""
    return bool(secret) and hmac.compare_digest(given.encode(), secret.encode())
