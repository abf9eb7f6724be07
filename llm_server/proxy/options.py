"""What the guard proxy is told when it starts: whom it guards, whom it lets in, and how much of what.

`Options` are made by whoever starts it, from settings or in a test. Sizes are bytes, times are seconds.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

SHORTEST_SECRET = 16
SHOP = "shop"  # the tenant of the shop's own key, and of everyone where there are no keys


@dataclass(frozen=True)
class Limits:
    """How much one request may hold and ask for."""

    body: int = 24_000_000
    audio: int = 25_000_000  # what vLLM itself takes of a recording
    tokens: int = 4096
    default_tokens: int = 1024  # for a request that names no number
    json_tokens: int = 2048  # a grammar can keep a model from ever finishing; this does it
    images: int = 4
    image: int = 10_000_000
    pixels: int = 20_000_000
    texts: int = 512  # of one request for embeddings, or documents to rank


@dataclass(frozen=True)
class Options:
    """`keys` lead to the names of tenants; a tenant may have several, while one replaces the other. No keys
    let everyone in, on the loopback only. ValueError where this would leave the engine open.
    """

    engine_url: str  # http://127.0.0.1:8001
    engine_key: str = field(repr=False)
    keys: Mapping[str, str] = field(repr=False)
    secret: str = field(repr=False)  # of the marks on caches: the same after a restart, known to nobody else
    host: str = "127.0.0.1"
    port: int = 8000
    limits: Limits = field(default_factory=Limits)
    # Silence of a stream, and the length of any request. vLLM sends a comment every 15 s where told to.
    idle_s: float = 60
    total_s: float = 600
    upload_s: float = 60
    health_s: float = 1  # between two looks at the engine
    # Leaving: how long routers may take to see it, then how long open requests may take to finish.
    notice_s: float = 5
    drain_s: float = 45
    # Shown by /readyz, such as an adapter that does nothing; may be filled while it serves.
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if len(self.secret) < SHORTEST_SECRET:
            raise ValueError(f"the secret of the model server needs {SHORTEST_SECRET} characters or more")
        if not all(self.keys):
            raise ValueError("a tenant of the model server has an empty key")
        if not self.keys and not is_loopback(self.host):
            raise ValueError(f"listening on {self.host} needs a key for the model server")


def is_loopback(address: str) -> bool:
    """Whether only this machine can be at this address."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
