"""Ranks passages for a question, and decides whether the best one really answers it.

A question becomes weighted terms: words, stems, character pairs, and the concepts of the synonym file. Rare
terms weigh more (inverse document frequency over the shop's own passages). Passages are ordered by the
weighted share of those terms that they cover; a term counts for more in the title or heading than in the
text, and a little where only the rest of the article has it.

A passage's `score` is another number, and not what the order follows: how much of what the question is
about its article covers, from 0 to 1, less where the evidence is thin. It decides whether there is an
answer at all.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from support.knowledge.passages import Passage
from support.knowledge.synonyms import Synonyms
from support.knowledge.text import Cutter, character_pairs

# All numbers here were tuned on evals/data/retrieval_tuning.tsv and on the odd lines of the evaluation's own
# tables; its even lines were kept out.
# What a term is worth by how it was found.
_CONCEPT, _WORD, _PART, _PAIR, _WORD_OF_CONCEPT = 2.0, 0.7, 0.3, 0.1, 0.4
# How far a passage covers a term: in its title or heading; in its text, and again for a repetition or two;
# and as far as the whole article is about it.
_IN_HEAD, _IN_TEXT, _REPEATED, _OF_ARTICLE = 1.0, 0.65, 0.15, 0.4
# A known wording holds little else than what is asked, so it covers more than a passage could.
_WORDING = 0.8
# For the score, in units of the rarest term's weight: how much one word may count, and what evidence is thin.
_AT_MOST, _THIN = 0.75, 0.75
# By this much a section must cover more than an earlier one to be shown in its place.
_CLEARLY = 0.1
# Below this score no passage is an answer.
_ANSWERS = 0.33
# A passage in the customer's other language must be this much better.
OTHER_LANGUAGE = 0.6


class Tokens(NamedTuple):
    """What is indexed of a passage: of its title and heading, and of its text."""

    head: list[str]
    body: list[str]


class Candidate(NamedTuple):
    """A passage with its tokens: those of its head, and how often its text has which. Read for a question, it
    has only those that the question has too.

    `siblings`: how many passages its file has, itself included.
    """

    passage: Passage
    head: frozenset[str]
    body: Mapping[str, int]
    siblings: int


class Ranked(NamedTuple):
    """`order` is what places are given by; it means nothing across two questions."""

    order: float
    score: float
    passage: Passage

    @property
    def scored(self) -> Passage:
        return self.passage.scored(self.score)


@dataclass(frozen=True)
class Terms:
    """A question's terms with their weights, before rarity; `content` are those that say what it is about."""

    weights: Mapping[str, float]
    content: frozenset[str]


@dataclass(frozen=True)
class Statistics:
    """In how many of the shop's passages a question's tokens occur."""

    passages: int
    frequency: Mapping[str, int]

    def idf(self, term: str) -> float:
        """As in BM25; a term that no passage has is as rare as a term that one has."""
        count = self.frequency.get(term, 1)
        return math.log(1 + (self.passages - count + 0.5) / (count + 0.5))

    @property
    def rarest(self) -> float:
        """The greatest idf there is."""
        return self.idf("")

    def knows(self, term: str) -> bool:
        """False for a concept that no passage expresses: the shop does not write of it, so it decides
        nothing.
        """
        return not term.startswith("~") or term in self.frequency


class Analyser:
    """Cuts passages and questions in the same way."""

    def __init__(self, synonyms: Synonyms) -> None:
        self._synonyms = synonyms
        self._cutter = Cutter(synonyms.chinese_phrases)

    def tokens(self, passage: Passage) -> Tokens:
        head = passage.title if passage.asked_as else f"{passage.title}\n{passage.heading}"
        return Tokens(self._all(head), self._all(passage.text))

    def terms(self, question: str) -> Terms:
        found = self._synonyms.find(question)
        concepts = {one.concept for one in found}
        expressed = {word for one in found for word in self._cutter.words(one.phrase, overlapping=True)}
        words = self._cutter.words(question)
        weights = dict.fromkeys(character_pairs(question), _PAIR)
        weights |= dict.fromkeys(self._cutter.words(question, overlapping=True), _PART)
        weights |= {word: _WORD_OF_CONCEPT if word in expressed else _WORD for word in words}
        weights |= dict.fromkeys(concepts, _CONCEPT)
        return Terms(weights, frozenset(concepts | (set(words) - expressed)))

    def _all(self, text: str) -> list[str]:
        words = self._cutter.words(text, overlapping=True)
        known = set(words)
        pairs = [pair for pair in character_pairs(text) if pair not in known]
        return words + pairs + [one.concept for one in self._synonyms.find(text)]


def telling(terms: Terms, statistics: Statistics, count: int) -> list[str]:
    """The terms that say most: what the candidates of a long question are chosen by."""
    return sorted(terms.weights, key=lambda term: -terms.weights[term] * statistics.idf(term))[:count]


def rank(
    terms: Terms, candidates: Sequence[Candidate], statistics: Statistics, language: str
) -> list[Ranked]:
    """The candidates' passages with their scores, best first."""
    weights = {
        term: weight * statistics.idf(term)
        for term, weight in terms.weights.items()
        if statistics.knows(term)
    }
    whole = sum(weights.values()) or 1.0
    articles, content = _articles(candidates, terms.weights), _content(terms, statistics)
    scores = {name: _score(content, shares) for name, shares in articles.items()}
    around = {name: _OF_ARTICLE * _shared(weights, shares) for name, shares in articles.items()}
    ranked = []
    for one in candidates:
        name = _article(one.passage)
        factor = 1.0 if one.passage.language == language else OTHER_LANGUAGE
        factor *= _WORDING if one.passage.asked_as else 1.0
        order = factor * (_covered(weights, one) + around[name]) / whole
        ranked.append(Ranked(order, scores[name], one.passage))
    return sorted(ranked, key=lambda one: one.order, reverse=True)


def _articles(candidates: Iterable[Candidate], terms: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """In what share of the passages of each article, in whatever language, each of the terms occurs."""
    counts: dict[str, dict[str, float]] = defaultdict(dict)
    sizes: dict[str, dict[str, int]] = defaultdict(dict)
    for passage, head, body, siblings in candidates:
        name = _article(passage)
        # A wording says how the article is asked for, not how much of it is about that.
        one = 0 if passage.asked_as else 1
        found = counts[name]
        for term in (terms.keys() & head) | (terms.keys() & body.keys()):
            found[term] = found.get(term, 0) + one
        if not passage.asked_as:
            sizes[name][passage.source] = 1 if passage.vetted_answer else siblings
    for name, found in counts.items():
        if (whole := sum(sizes[name].values())) > 1:
            counts[name] = {term: number / whole for term, number in found.items()}
    return counts


def _article(passage: Passage) -> str:
    """What belongs together: an article in both languages, since concepts have none. A vetted answer stands
    alone.
    """
    return passage.id if passage.vetted_answer else passage.article


def _covered(weights: Mapping[str, float], one: Candidate) -> float:
    """The sum of the weights of the terms, each as far as the passage itself covers it."""
    in_head = weights.keys() & one.head
    in_text = (weights.keys() & one.body.keys()) - in_head
    covered = [weights[term] * _IN_HEAD for term in in_head]
    covered += [weights[term] * (_IN_TEXT + _REPEATED * (min(one.body[term], 3) - 1)) for term in in_text]
    return math.fsum(covered)  # whose result depends on no order


def _shared(weights: Mapping[str, float], article: Mapping[str, float]) -> float:
    """The sum of the weights of the terms, each as far as the article is about it."""
    return math.fsum(weights[term] * share for term, share in article.items() if term in weights)


class _Content(NamedTuple):
    """Of a question's content: each term with its worth and its weight as evidence; what all is worth."""

    terms: list[tuple[str, float, float]]
    worth: float


def _content(terms: Terms, statistics: Statistics) -> _Content:
    found = []
    for term in filter(statistics.knows, terms.content):
        weight, rarity = terms.weights[term], statistics.idf(term) / statistics.rarest
        found.append((term, weight * min(rarity, _AT_MOST), weight * rarity))
    return _Content(found, sum(worth for _, worth, _ in found) or 1.0)


def _score(content: _Content, article: Mapping[str, float]) -> float:
    """The share of the question's content that the article has, times a saturating measure of how much that
    is.
    """
    has = [(worth, evidence) for term, worth, evidence in content.terms if term in article]
    evidence = sum(evidence for _, evidence in has)
    return sum(worth for worth, _ in has) / content.worth * evidence / (evidence + _THIN)


def fuse(rankings: Iterable[Sequence[Ranked]], k: int = 60) -> list[Ranked]:
    """Reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009). A passage keeps its best score."""
    order: dict[str, float] = defaultdict(float)
    best: dict[str, Ranked] = {}
    for ranking in rankings:
        for place, one in enumerate(ranking, 1):
            name = one.passage.id
            order[name] += 1 / (k + place)
            if name not in best or one.score > best[name].score:
                best[name] = one
    fused = [one._replace(order=order[name]) for name, one in best.items()]
    return sorted(fused, key=lambda one: one.order, reverse=True)


def by_article(ranked: Iterable[Ranked]) -> list[list[Ranked]]:
    """The hits of each article together, articles in the order of their best hit."""
    groups: dict[str, list[Ranked]] = defaultdict(list)
    for one in ranked:
        groups[_article(one.passage)].append(one)
    return list(groups.values())


def best_section(terms: Terms, sections: Sequence[Candidate]) -> Passage | None:
    """The passage of one article to show: by what tells its sections apart, else the first.

    A term that every section has (what the article is about) says nothing here; a general question therefore
    gets the article's beginning. Known wordings count as words of the section that they lead to.
    """
    passages = [one for one in sections if not one.passage.asked_as]
    asked: dict[str, set[str]] = defaultdict(set)
    for one in sections:
        if one.passage.asked_as:
            asked[one.passage.heading].update(one.head)
    words = [(one.head, one.body.keys() | asked[one.passage.heading]) for one in passages]
    weights = {
        term: terms.weights[term] * math.log((len(words) + 1) / (count + 0.5))
        for term in terms.content
        if (count := sum(term in head or term in body for head, body in words))
    }
    covered = [
        sum(
            weight * (_IN_HEAD if term in head else _IN_TEXT if term in body else 0.0)
            for term, weight in weights.items()
        )
        for head, body in words
    ]
    best = max(covered, default=0.0)
    good = (one.passage for one, share in zip(passages, covered, strict=True) if share >= best - _CLEARLY)
    return next(good, None)


def is_answer(query: str, hits: Sequence[Passage]) -> bool:
    """Whether the best hit covers enough of the question to be shown as an answer to it."""
    return bool(query.strip()) and bool(hits) and _is_enough(hits[0])


def _is_enough(passage: Passage) -> bool:
    return passage.score >= _ANSWERS


def reordered(found: Sequence[Passage], relevance: Sequence[float]) -> list[Passage]:
    """By relevance, but without changing what `is_answer` says of them.

    Relevance is no certainty: how much of it makes an answer differs from model to model. So those that are
    enough for an answer change places among themselves, and the others likewise, whichever came first.
    """
    first = _is_enough(found[0])
    order = sorted(range(len(found)), key=lambda i: (_is_enough(found[i]) is not first, -relevance[i]))
    return [found[i] for i in order]
