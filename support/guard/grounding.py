"""Whether an answer speaks of what its sources speak of at all. Beside the claim gate, which checks figures,
states and promises: this finds the sentence that claims none of these and is still from nowhere.

    grounded("Returns take 7 days [1]. Long live the marmot.", ["Returns\\nWithin 7 days ..."], "when?")
    ->  "Returns take 7 days [1]."

A sentence is a stray if next to none of its words stand in the sources. What a model was told to say by a
document, a picture or a customer, its own instructions, an insult, somebody's name: none of these is in a
passage about postage. Only for answers that are worded from passages: advice on taste has words of its own.
Pure text, a fraction of a millisecond.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from support.guard.sentences import sentences

# Found on evals/data/claims.dev.jsonl, where the least of a true sentence from passages is 0.2.
LEAST_SHARE = 0.15
_CITED = re.compile(r"\[\d{1,2}\]")
_FIGURE = re.compile(r"\d")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[a-z][a-z'’-]{3,}")
# Of a Latin word, what its forms have in common: return, returns, returned.
_STEM = 5
# Words that any sentence may have, and courtesy.
_EMPTY = re.compile(
    r"您好|你好|当然|不?可以的?|不行|不能|不用|是的|好的|没有|请问|请您?|谢谢|感谢|抱歉|不好意思|希望|有帮助|对您|如果|"
    r"需要|随时|告诉我|为您|"
    r"\b(?:with|from|that|this|then|than|they|them|their|there|here|your|yours|have|will|would|could|should|about|"
    r"into|onto|over|under|after|before|when|where|which|while|what|also|just|only|very|much|more|most|some|such|"
    r"both|each|other|these|those|been|being|does|were|please|thanks?|thank|hello|sorry|sure|okay|happy|help|helps|"
    r"assist|welcome|glad|hope|questions?|know|anything|else|need|never|always|certainly|unfortunately)\b"
)


def grounded(answer: str, sources: Sequence[str], asked: str, *, least: float = LEAST_SHARE) -> str | None:
    """The answer without its strays; None where nothing else is left.

    `least` is the share of its words that a sentence must have from the sources; 0 asks for any word at all.
    Where the customer has `asked` in another language than the sources are in, an answer cannot be told, and
    comes back as it is.
    """
    if _is_chinese([asked]) != _is_chinese(sources):
        return answer
    known = frozenset(_words(sources))
    parts = sentences(answer)
    kept = [one for one in parts if not _is_stray(one, known, least)]
    if len(kept) == len(parts):
        return answer
    return "".join(kept).strip() if any(map(_says_something, kept)) else None


def _says_something(sentence: str) -> bool:
    plain = _CITED.sub("", sentence)
    return bool(_FIGURE.search(plain) or _words([plain]))


def _is_stray(sentence: str, known: frozenset[str], least: float) -> bool:
    plain = _CITED.sub("", sentence)
    if _FIGURE.search(plain):
        return False  # a claim, which the claim gate looks at
    words = _words([plain])
    found = sum(one in known for one in words)
    return bool(words) and (not found or found < least * len(words))


def _is_chinese(texts: Iterable[str]) -> bool:
    """Whether most of it is; a Latin word has about five letters where Chinese has two characters."""
    whole = "".join(texts)
    han = sum(map(len, _HAN.findall(whole)))
    return han * 2 >= sum(char.isascii() and char.isalpha() for char in whole)


def _words(texts: Iterable[str]) -> list[str]:
    """Pairs of Chinese characters and beginnings of Latin words, as often as they stand there."""
    found: list[str] = []
    for text in texts:
        plain = _EMPTY.sub(" ", text.lower())
        found += [run[at : at + 2] for run in _HAN.findall(plain) for at in range(len(run) - 1)]
        found += [word[:_STEM] for word in _LATIN.findall(plain)]
    return found
