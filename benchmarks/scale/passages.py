"""Made-up articles in two languages, ready for the index, and what customers would ask of them.

Sentences are drawn from a pool, so that they need not all be cut anew: cutting a million passages takes
twenty minutes, and how fast that goes is measured apart (`cut_per_s`). Each article has some rare words of
its own, as articles on a product or a promotion have.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from benchmarks.scale.words import Language, Lexicon
from support.knowledge import Passage
from support.knowledge.ranking import Analyser, Tokens
from support.knowledge.rows import Entry

SECTIONS = 3
_SENTENCES, _SENTENCES_A_PASSAGE = 60_000, 9
_WORDS_A_SENTENCE = {"zh": (5, 10), "en": (6, 14)}
_OPENINGS: dict[Language, tuple[str, ...]] = {
    "zh": ("", "", "", "请问", "你好，", "我想问一下", "想了解", "麻烦看看"),
    "en": ("", "", "", "hi, ", "how about ", "can you tell me about ", "what is the ", "i need "),
}
_ENDINGS: dict[Language, tuple[str, ...]] = {
    "zh": ("", "怎么办", "可以吗", "要多久", "是多少", "呢？"),
    "en": ("", "?", " please", " thanks", " how long", " how much"),
}
_JOINT, _STOP = {"zh": "", "en": " "}, {"zh": "。", "en": ". "}
# Of a title's words, so many are names and models.
_RARE = 0.7
_Sentence = tuple[str, list[str]]


class Articles:
    """Articles by number: the same number is the same article, whoever asks."""

    def __init__(self, analyser: Analyser, seed: int = 1) -> None:
        self._analyser, self._seed = analyser, seed
        rng = Random(seed)
        self._lexicons: dict[Language, Lexicon] = {"zh": Lexicon("zh", rng), "en": Lexicon("en", rng)}
        self._pools: dict[Language, list[_Sentence]] = {
            language: [self._sentence(language, rng) for _ in range(_SENTENCES)]
            for language in self._lexicons
        }

    def entries(self, passages: int) -> Iterator[Entry]:
        """About so many, article after article."""
        for number in range(passages // (2 * SECTIONS)):
            for language in ("zh", "en"):
                yield from self._article(number, language)

    def questions(self, passages: int, count: int) -> list[tuple[str, Language]]:
        """Of 3 to 12 words each, half of them in each language, each about some passage there is."""
        rng = Random(self._seed + 1)
        return [
            self._question(rng.randrange(passages // (2 * SECTIONS)), "zh" if number % 2 else "en", rng)
            for number in range(count)
        ]

    def cut_per_s(self, sample: int = 2_000) -> float:
        """How many passages a core cuts in a second."""
        passages = [entry.passage for entry in self.entries(sample)]
        begun = time.process_time()
        for passage in passages:
            self._analyser.tokens(passage)
        return len(passages) / (time.process_time() - begun)

    def _article(self, number: int, language: Language) -> Iterator[Entry]:
        rng = Random(f"{self._seed} {number} {language}")
        title, name = self._named(language, 3, rng), f"a{number}"
        for place in range(1, SECTIONS + 1):
            heading, own = self._named(language, 2, rng), self._named(language, 2, rng)
            sentences = rng.choices(self._pools[language], k=_SENTENCES_A_PASSAGE)
            passage = Passage(
                id=f"{name}.{language}#{place}",
                article=name,
                title=title,
                heading=heading,
                text=own + "".join(text for text, _ in sentences),
                language=language,
                source=f"{name}.{language}.md",
            )
            head, body = self._analyser.tokens(replace(passage, text=own))
            tokens = Tokens(head, [*body, *(token for _, cut in sentences for token in cut)])
            yield Entry(passage, tokens, f"stamp {number}", SECTIONS)

    def _question(self, number: int, language: Language, rng: Random) -> tuple[str, Language]:
        passage = rng.choice(list(self._article(number, language))).passage
        about = rng.sample(passage.title.split(), rng.randint(1, 3))
        about += rng.sample(passage.heading.split(), rng.randint(0, 2))
        about += self._lexicons[language].draw(rng.randint(2, 7))
        rng.shuffle(about)
        said = _JOINT[language].join(about)
        return rng.choice(_OPENINGS[language]) + said + rng.choice(_ENDINGS[language]), language

    def _named(self, language: Language, count: int, rng: Random) -> str:
        """Words of a title: most of them few articles have."""
        lexicon = self._lexicons[language]
        common = lexicon.words[: lexicon.frequent]
        return " ".join(rng.choice(lexicon.words if rng.random() < _RARE else common) for _ in range(count))

    def _sentence(self, language: Language, rng: Random) -> _Sentence:
        said = self._lexicons[language].draw(rng.randint(*_WORDS_A_SENTENCE[language]))
        text = _JOINT[language].join(said) + _STOP[language]
        passage = Passage("", "", "", "", text, language, "")
        return text, self._analyser.tokens(passage).body
