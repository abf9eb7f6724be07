"""What Prometheus may count of the guard proxy, and the one line that each request leaves in the log.

Neither holds anything of what was said. Time to the first byte is taken here as well as in vLLM, because
pictures can wait to be prepared while vLLM's own queue looks empty.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

log = logging.getLogger("llm_server.proxy")

_SECONDS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300)


@dataclass
class Visit:
    """One request, from its arrival on. `refused` is the code of what went wrong, also in mid-stream."""

    id: str
    route: str
    tenant: str = ""
    status: int = 0
    refused: str = ""
    images: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    first_s: float | None = None
    response: Any = None  # once its headers are sent
    _started: float = field(default_factory=time.perf_counter)

    def sent(self, size: int) -> None:
        """So many bytes of the answer are on their way."""
        if self.first_s is None:
            self.first_s = self.elapsed()
        self.bytes_out += size

    def elapsed(self) -> float:
        return time.perf_counter() - self._started


class Meters:
    """Counters of one proxy, and its log."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        who = ["tenant", "route"]
        self.requests = Counter(
            "shopclerk_llm_requests",
            "Requests by status sent; 499: the client went away first",
            [*who, "status"],
            registry=self.registry,
        )
        self.refused = Counter(
            "shopclerk_llm_refused",
            "Requests refused, and answers broken off, by reason",
            ["reason"],
            registry=self.registry,
        )
        self.first_byte = Histogram(
            "shopclerk_llm_first_byte_seconds",
            "From a request's arrival to the first byte of its answer",
            who,
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.seconds = Histogram(
            "shopclerk_llm_request_seconds",
            "From a request's arrival to the end of its answer",
            who,
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.open = Gauge(
            "shopclerk_llm_open_requests", "Requests that are being answered", registry=self.registry
        )
        self.engine_up = Gauge(
            "shopclerk_llm_engine_up", "1 while the engine says that it is well", registry=self.registry
        )

    def over(self, visit: Visit) -> None:
        """Count a request that has ended, and log it."""
        self.requests.labels(visit.tenant, visit.route, visit.status).inc()
        if visit.refused:
            self.refused.labels(visit.refused).inc()
        if visit.tenant:
            if visit.first_s is not None:
                self.first_byte.labels(visit.tenant, visit.route).observe(visit.first_s)
            self.seconds.labels(visit.tenant, visit.route).observe(visit.elapsed())
        log.info(
            "id=%s tenant=%s route=%s status=%d refused=%s first_ms=%.1f ms=%.1f in=%d out=%d images=%d",
            *(visit.id, visit.tenant or "-", visit.route, visit.status, visit.refused or "-"),
            *((visit.first_s or 0.0) * 1000, visit.elapsed() * 1000),
            *(visit.bytes_in, visit.bytes_out, visit.images),
        )

    def text(self) -> bytes:
        return generate_latest(self.registry)
