"""What Prometheus may count of the model's calls. One registry a shop: several can live in one process.

Calls are made by the action server and, for summaries, by the gateway; the gateway's `/metrics` shows both,
told apart by the label `process`.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

_SECONDS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 13, 20)


class ModelMeters:
    """Counters of this process. What is counted is told by `support.services.model_calls`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        of = ["purpose", "model"]
        self.calls = Counter(
            "shopclerk_model_calls",
            "Calls by what became of them: ok, trimmed, withdrawn, no_answer, or why they failed",
            [*of, "endpoint", "outcome"],
            registry=self.registry,
        )
        self.tokens = Counter(
            "shopclerk_model_tokens",
            "Tokens by kind: prompt, cached (those of the prompt that the prefix cache served), completion",
            [*of, "kind"],
            registry=self.registry,
        )
        self.first_token = Histogram(
            "shopclerk_model_first_token_seconds",
            "From the call to the first token, where one came",
            of,
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.total = Histogram(
            "shopclerk_model_call_seconds",
            "From the call to its end, whatever that was",
            of,
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.content = Counter(
            "shopclerk_content",
            "What the content filter found, by kind: in customers' words (in), in the model's answers (out)",
            ["direction", "kind"],
            registry=self.registry,
        )
        self.claims = Counter(
            "shopclerk_claims",
            "Claims in the model's answers, by kind and by what the claim gate found: stated, theirs (the "
            "customer's own figure), or why they may not be said",
            ["kind", "verdict"],
            registry=self.registry,
        )
        self.cached_answers = Counter(
            "shopclerk_cached_answers",
            "Questions by whether the answer cache had their answer: hit, miss, skip (not to be cached)",
            ["outcome"],
            registry=self.registry,
        )

    def text(self) -> str:
        """In Prometheus's format."""
        return generate_latest(self.registry).decode()
