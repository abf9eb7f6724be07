"""What Prometheus may count. One registry a front door, so that several can live in one process (tests)."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.05, 0.1, 0.2, 0.5, 1, 2, 3, 5, 8, 13, 20, 30)


class Meters:
    """Counters of this process, and gauges that are set when they are read."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.messages = Counter(
            "shopclerk_messages",
            "Customers' messages by outcome: answered, to_person, left_queue, rescued, duplicate",
            ["outcome"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "shopclerk_answer_seconds",
            "From a message's arrival to its answer, waiting included",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.uploads = Counter(
            "shopclerk_uploads", "Pictures by outcome: kept, or why not", ["outcome"], registry=self.registry
        )
        self.handovers = Gauge(
            "shopclerk_handovers", "Open handovers: waiting, taken", ["status"], registry=self.registry
        )
        self.events = Gauge(
            "shopclerk_queued_events",
            "Rasa's events in the database's queue, waiting to be projected for review",
            registry=self.registry,
        )
        self.events_late = Gauge(
            "shopclerk_queued_events_seconds", "How long the first of them has waited", registry=self.registry
        )
        self.listeners = Gauge(
            "shopclerk_event_listeners", "Pages that listen for events", registry=self.registry
        )

    def text(self) -> bytes:
        return generate_latest(self.registry)
