"""Who asks, and what keeps tenants apart inside the engine.

vLLM answers from its caches whoever asks, and takes an image's `uuid` on trust: a known one gets the cached
image's answer, whatever bytes came with it. So neither value ever comes from a client. Both are made here,
from a secret: the same for the same tenant and content, so that the caches work, and impossible to guess.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256

from llm_server.proxy.options import SHOP


class Tenants:
    """The tenants by their keys."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._known = [(sha256(key.encode()).digest(), name) for key, name in keys.items()]

    def named(self, authorization: str) -> str:
        """The tenant of an Authorization header; empty when it names none. Takes as long for any key."""
        if not self._known:
            return SHOP
        scheme, _, key = authorization.partition(" ")
        given = sha256(key.strip().encode("utf-8", "surrogateescape")).digest()
        found = ""
        for digest, name in self._known:
            if hmac.compare_digest(given, digest):
                found = name
        return found if scheme.lower() == "bearer" else ""


class Marks:
    """What is written on cache entries: HMAC-SHA256, in hexadecimal."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def salt(self, tenant: str) -> str:
        """`cache_salt`: a tenant's prompts share cached beginnings among themselves only."""
        return self._mark(b"salt", tenant)

    def picture(self, tenant: str, data: bytes) -> str:
        """`uuid` of a picture: its bytes decide it."""
        return self._mark(b"picture", tenant, data)

    def _mark(self, use: bytes, tenant: str, data: bytes = b"") -> str:
        mark = hmac.new(self._secret, use + b"\0" + tenant.encode() + b"\0", "sha256")
        mark.update(data)
        return mark.hexdigest()
