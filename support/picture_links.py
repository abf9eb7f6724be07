"""Addresses of customers' pictures that open them for a while: signed, so that nobody can make one.

    link = links.of(attachment_id)          # "aSu3Xw.h7…", valid for a quarter of an hour
    links.check(attachment_id, link)        # Expired, Forged

Who asks for a link has shown that the picture is theirs (they know the conversation's secret id, or are of
the staff); the link itself says nothing about the conversation, so that addresses may stand in logs.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner

LASTS = timedelta(minutes=15)
_SALT = "a customer's picture"


class Forged(ValueError):
    """This picture's link is none of ours."""


class Expired(ValueError):
    """The link was good, and is too old."""


class PictureLinks:
    """Signs with a secret that all gateways share; without one, with a key of this process's own."""

    def __init__(self, secret: str, clock: Callable[[], datetime]) -> None:
        self._signer = _Signer(secret or secrets.token_bytes(32), salt=_SALT)
        self._signer.clock = clock

    def of(self, attachment_id: str) -> str:
        signed = self._signer.sign(attachment_id).decode()
        return signed.removeprefix(f"{attachment_id}.")

    def check(self, attachment_id: str, link: str) -> None:
        """Return when the link opens this picture now."""
        try:
            self._signer.unsign(f"{attachment_id}.{link}", max_age=LASTS.seconds)
        except SignatureExpired as error:
            raise Expired(attachment_id) from error
        except BadSignature as error:
            raise Forged(attachment_id) from error


class _Signer(TimestampSigner):
    """By the clock of the whole application."""

    clock: Callable[[], datetime]

    def get_timestamp(self) -> int:
        return int(self.clock().timestamp())
