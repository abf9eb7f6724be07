"""Turns a shop's documents into passages: pieces of an article short enough to quote and to fit a prompt.

A passage is what stands under one heading, or a part of it of about 400 Chinese characters or 180 English
words, cut between paragraphs or, failing that, between sentences. It keeps the article's title and its
heading. A row of a question-and-answer table is one passage, marked as a vetted answer. A row of a table of
questions and articles is a known wording: it leads to its article and is never shown.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from support import lazy
from support.knowledge.text import detect_language

if TYPE_CHECKING:
    from support.knowledge import formats
else:
    formats = lazy.module("support.knowledge.formats")  # with the readers of PDF and DOCX: for imports

_CHINESE_CHARACTERS = 400
_CHARACTERS_OF_A_WORD = _CHINESE_CHARACTERS / 180
_SENTENCE = re.compile(r"[^。！？.!?]+(?:[。！？]+|[.!?]+(?=\s|$)|[.!?]|$)\s*")


class Unreadable(Exception):
    """A document that cannot be used; the message says what to do about it."""


@dataclass(frozen=True)
class Passage:
    """`id` is `article.language#n`; `source` is the file's name; `score` is 0 to 1 where the passage was
    searched for.
    """

    id: str
    article: str
    title: str
    heading: str
    text: str
    language: str
    source: str
    score: float = 0.0
    vetted_answer: bool = False
    asked_as: bool = False

    @property
    def in_full(self) -> str:
        """The text with what it stands under, for a model that reads it alone."""
        return f"{self.title}\n{self.heading}\n{self.text}"

    def scored(self, score: float) -> Passage:
        return replace(self, score=round(score, 4))


@dataclass(frozen=True)
class Problem:
    """A document that was left out, and what to do about it."""

    file: str
    message: str


def documents(folder: Path) -> dict[str, Path]:
    """The readable documents of a folder and its subfolders, by their name relative to it."""
    found = sorted(
        path for path in folder.rglob("*") if path.suffix.lower() in formats.READERS and path.is_file()
    )
    return {
        path.relative_to(folder).as_posix(): path for path in found if not path.name.startswith((".", "~$"))
    }


def content_hash(path: Path) -> str:
    """Identifies what a file says; equal hashes mean that nothing need be read again."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def passages_of(path: Path, source: str) -> list[Passage]:
    """All passages of one file. Raises `Unreadable`."""
    document = formats.read(path)
    article, named_language = _article_and_language(path)
    if document.answers:
        return list(_answers(document, article, named_language, source))
    if document.wordings:
        return list(_wordings(document, article, named_language, source))
    text = "\n".join(paragraph for section in document.sections for paragraph in section.paragraphs)
    language = _known(document.language) or named_language or detect_language(text)
    pieces = [
        (section.heading, piece) for section in document.sections for piece in pieces_of(section.paragraphs)
    ]
    return [
        Passage(
            f"{article}.{language}#{n}", article, document.title or article, heading, text, language, source
        )
        for n, (heading, text) in enumerate(pieces, 1)
    ]


def pieces_of(paragraphs: list[str]) -> Iterator[str]:
    """Paragraphs joined up to the length of a passage, long ones cut between sentences."""
    piece, size = "", 0.0
    for paragraph in paragraphs:
        for number, part in enumerate(_parts(paragraph)):
            length = _length(part)
            if piece and size + length > _CHINESE_CHARACTERS:
                yield piece
                piece, size = "", 0.0
            joint = "" if not piece else "\n" if number == 0 else "" if detect_language(part) == "zh" else " "
            piece, size = piece + joint + part, size + length
    if piece:
        yield piece


def _parts(paragraph: str) -> list[str]:
    if _length(paragraph) <= _CHINESE_CHARACTERS:
        return [paragraph]
    return [sentence.strip() for sentence in _SENTENCE.findall(paragraph) if sentence.strip()]


def _length(text: str) -> float:
    """Length in Chinese characters; an English word counts for as many as fill the same room in a passage."""
    words = re.findall(r"[A-Za-z0-9][\w.,'-]*", text)
    han = len(re.findall(r"[\u3400-\u9fff]", text))
    return han + len(words) * _CHARACTERS_OF_A_WORD


def _answers(document: formats.Document, article: str, file_language: str, source: str) -> Iterator[Passage]:
    for number, section in enumerate(document.sections, 1):
        answer, row_language, _ = section.paragraphs
        language = _known(row_language) or file_language or detect_language(section.heading + answer)
        yield Passage(
            id=f"{article}.{language}#{number}",
            article=article,
            title=section.heading,
            heading="",
            text=answer,
            language=language,
            source=source,
            vetted_answer=True,
        )


def _wordings(document: formats.Document, file: str, file_language: str, source: str) -> Iterator[Passage]:
    for number, section in enumerate(document.sections, 1):
        article, row_language, heading = section.paragraphs
        language = _known(row_language) or file_language or detect_language(section.heading)
        name = f"{file}.{language}#{number}"
        yield Passage(name, article, section.heading, heading, "", language, source, asked_as=True)


def _article_and_language(path: Path) -> tuple[str, str]:
    """`returns.zh.md` is the Chinese version of the article `returns`."""
    stem, _, suffix = path.stem.rpartition(".")
    language = _known(suffix)
    return (stem, language) if stem and language else (path.stem, "")


def _known(language: str) -> str:
    code = language.lower().replace("_", "-").split("-")[0]
    return code if code in ("zh", "en") else ""


__all__ = ["Passage", "Problem", "Unreadable", "content_hash", "documents", "passages_of", "pieces_of"]
