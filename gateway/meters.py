"""What Prometheus may count. One registry a front door, so that several can live in one process (tests)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

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
        self.answers = Counter(
            "shopclerk_answers",
            "Answers by step of the ladder: model, cached, vetted, passage, flow (records and dialogue), "
            "promise (the answer follows), queue (for a person), refused (not even stored: to be sent again)",
            ["step"],
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
        self.recordings = Counter(
            "shopclerk_recordings",
            "Speech by outcome: written, silent, or why not",
            ["outcome"],
            registry=self.registry,
        )
        self.ladder = Gauge(
            "shopclerk_ladder",
            "1 for the best that a customer can get now, by step: model, documents, flows, queue, none",
            ["step"],
            registry=self.registry,
        )
        self.handovers = Gauge(
            "shopclerk_handovers", "Open handovers: waiting, taken", ["status"], registry=self.registry
        )
        self.identity_tries = Gauge(
            "shopclerk_identity_tries",
            "Failed proofs of identity within the last hour",
            registry=self.registry,
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


class _Joined(Collector):
    """What several processes count under the same names, told apart by the label `process`."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for process, text in self._texts.items():
            for found in text_string_to_metric_families(text):
                family = families.setdefault(found.name, Metric(found.name, found.documentation, found.type))
                for sample in found.samples:
                    family.add_sample(sample.name, sample.labels | {"process": process}, sample.value)
        yield from families.values()


def joined(texts: Mapping[str, str]) -> bytes:
    """One text of those of several processes: Prometheus wants each name described once."""
    registry = CollectorRegistry()
    registry.register(_Joined(texts))
    return generate_latest(registry)
