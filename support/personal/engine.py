"""Presidio over our own table, with the recognisers that it brings: slower, and finds more.

    [one.kind for one in find("ring +91 98765 43210")]

For what leaves the shop (data sets and their check), where a second costs nothing. Importing it takes a
second and 100 MB, so only commands that run by themselves do. No language model is loaded or needed: Presidio
gets an engine that reads nothing, and every recogniser works on the text alone. Its recogniser of e-mail
addresses is left out: it asks the internet for the list of top-level domains.

Contract: where one of our shapes and one of Presidio's find something in the same place, ours counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, cast, get_args

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    IbanRecognizer,
    PhoneRecognizer,
)
from spacy.tokens import Doc
from spacy.vocab import Vocab

from support.personal import spans
from support.personal.shapes import Kind
from support.personal.spans import Finding

# Where customers write from, as far as numbers without a country code go.
_REGIONS = ("CN", "HK", "GB", "US", "CA", "AU", "SG", "DE", "FR", "IN")
_LANGUAGE = "en"  # Presidio wants one; nothing here depends on it
_THEIRS: dict[str, Kind] = {
    "PHONE_NUMBER": "phone",
    "IBAN_CODE": "iban",
    "CREDIT_CARD": "bank_card",
}
_OURS = "SHOPCLERK_"
_NOTHING = Doc(Vocab())


class _NoLanguage(NlpEngine):
    """Stands where Presidio expects a language model."""

    def load(self) -> None:
        """There is nothing to load."""

    def is_loaded(self) -> bool:
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        return NlpArtifacts([], _NOTHING, [], [], self, language)

    def process_batch(
        self, texts: Iterable[str], language: str, *_: Any, **__: Any
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        return ((text, self.process_text(text, language)) for text in texts)

    def is_stopword(self, word: str, language: str) -> bool:
        return False

    def is_punct(self, word: str, language: str) -> bool:
        return False

    def get_supported_entities(self) -> list[str]:
        return []

    def get_supported_languages(self) -> list[str]:
        return [_LANGUAGE]


class Shapes(EntityRecognizer):
    """Our table, as Presidio asks for it: an entity for each kind."""

    def __init__(self) -> None:
        kinds = [f"{_OURS}{kind}" for kind in get_args(Kind)]
        super().__init__(supported_entities=kinds, supported_language=_LANGUAGE, name="Shopclerk")

    def load(self) -> None:
        """The table is code."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        return [
            RecognizerResult(f"{_OURS}{one.kind}", one.start, one.end, one.score) for one in spans.find(text)
        ]


@cache
def analyzer() -> AnalyzerEngine:
    """One a process."""
    phones = PhoneRecognizer(supported_regions=_REGIONS, leniency=1)
    theirs = [phones, IbanRecognizer(), CreditCardRecognizer()]
    registry = RecognizerRegistry(recognizers=[Shapes(), *theirs], supported_languages=[_LANGUAGE])
    return AnalyzerEngine(registry, _NoLanguage(), supported_languages=[_LANGUAGE])


def find(text: str) -> list[Finding]:
    """As `spans.find`, and what Presidio finds besides."""
    found = [_finding(result) for result in analyzer().analyze(text, _LANGUAGE)]
    taken = [one for one, ours in found if ours]
    for one in (one for one, ours in found if not ours):
        if not any(one.start < other.end and other.start < one.end for other in taken):
            taken.append(one)
    return sorted(taken)


def _finding(result: RecognizerResult) -> tuple[Finding, bool]:
    """Ours or one of Presidio's, and whether it is ours."""
    entity: str = result.entity_type
    ours = entity.startswith(_OURS)
    kind = cast(Kind, entity.removeprefix(_OURS)) if ours else _THEIRS[entity]
    return Finding(result.start, result.end, kind, result.score), ours
