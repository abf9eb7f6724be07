"""Reads one document of any supported format into headed sections of plain text.

Contract: `read(path)` gives a `Document`, or raises `Unreadable` with a sentence for the person who keeps
the shop's documents: what is wrong and what to do. Lists keep their dashes and numbers; a table row is
written with its column names ("Level: Silver; Points: ×1.2"), so that a quoted passage makes sense alone.
"""

from __future__ import annotations

import csv
import io
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docx
import pypdf
import yaml
from bs4 import BeautifulSoup, Tag
from docx.table import Table
from markdown_it import MarkdownIt

from support.knowledge.passages import Unreadable
from support.knowledge.text import display_width, join


@dataclass
class Section:
    """What stands under one heading; the heading is empty before the first one."""

    heading: str
    paragraphs: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Document:
    """`language` is what its author wrote, or empty.

    `answers`: sections are questions with answers. `wordings`: questions with the article, and perhaps its
    section, that answers them.
    """

    title: str
    language: str
    sections: list[Section]
    answers: bool = False
    wordings: bool = False


# Heading level, or 0 for a paragraph; and its text.
_Block = tuple[int, str]
# Their words help whoever keeps the documents; other libraries' tell of their insides.
_TELLING = (OSError, csv.Error, yaml.YAMLError)
# It writes what it stumbles over in a file, besides raising it or getting over it.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def read(path: Path) -> Document:
    """The document at `path`; its suffix decides how it is read."""
    try:
        document = READERS[path.suffix.lower()](path)
    except Unreadable:
        raise
    except Exception as error:
        # Readers of damaged files raise whatever comes up in them: XML, compression, indexing, recursion.
        kind = path.suffix[1:].upper()
        raise Unreadable(
            f"cannot be read as {kind} ({_why(error)}); save it again as {kind} or remove it"
        ) from error
    if not any(section.paragraphs for section in document.sections):
        raise Unreadable("has no text; write some or remove the file")
    return document


def _why(error: Exception) -> str:
    """In one line, and without the path that the file has on this machine."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    telling = isinstance(error, _TELLING) and str(error)
    return " ".join(str(error).split()) if telling else "it is damaged or not complete"


def _text(path: Path) -> str:
    """UTF-8, or what Excel and Notepad write on a Chinese Windows."""
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("is neither UTF-8 nor GB 18030 text; save it as UTF-8")


def _markdown(path: Path) -> Document:
    text = _text(path)
    meta: Any = {}
    if match := re.match(r"---\s*\n(.*?)\n---\s*(?:\n|$)", text, re.DOTALL):
        meta, text = yaml.safe_load(match[1]), text[match.end() :]
    if not isinstance(meta, dict):
        raise Unreadable("has front matter that is not `key: value` lines; correct it or remove it")
    html = MarkdownIt("commonmark").enable("table").render(text)
    title, sections = _sections(_html_blocks(BeautifulSoup(html, "html.parser")))
    return Document(str(meta.get("title") or title), str(meta.get("language") or ""), sections)


def _html(path: Path) -> Document:
    soup = BeautifulSoup(_text(path), "html.parser")
    for tag in soup(["script", "style", "nav", "template", "noscript"]):
        tag.decompose()
    title, sections = _sections(_html_blocks(soup.body or soup))
    named = soup.title.get_text(strip=True) if soup.title else ""
    # Its lang attribute is no evidence: most pages have whatever the editor's template had.
    return Document(title or named, "", sections)


_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_CONTAINERS = ("ul", "ol", "table", "p", "div", "section", "article", "main", "blockquote", *_HEADINGS)


def _html_blocks(root: Tag) -> Iterator[_Block]:
    blocks = root.find_all([*_HEADINGS, "p", "li", "table", "pre", "div", "dt", "dd"])
    for tag in blocks or [root]:
        if tag.name == "table":
            yield from ((0, row) for row in _rows(tag))
        elif tag.name == "li":
            yield 0, _mark(tag) + _flat(tag)
        elif tag.find_parent(["li", "table"]):
            continue
        elif tag.name in _HEADINGS:
            yield int(tag.name[1]), _flat(tag)
        elif tag.name != "div" or not tag.find([*_CONTAINERS, "li", "pre", "dt"]):
            yield 0, _flat(tag)


def _rows(table: Tag) -> Iterator[str]:
    """The rows below the first one, which names the columns."""
    rows = [[_flat(cell) for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")]
    yield from (_row(rows[0], row) for row in rows[1:])


def _mark(item: Tag) -> str:
    if item.parent is None or item.parent.name != "ol":
        return "- "
    return f"{len(item.find_previous_siblings('li')) + int(str(item.parent.get('start') or 1))}. "


def _flat(tag: Tag) -> str:
    """The text of a tag in one line, without the lists nested in it: those come as items of their own."""
    nested = {id(text) for inner in tag.find_all(["ul", "ol"]) for text in inner.find_all(string=True)}
    pieces = [str(text) for text in tag.find_all(string=True) if id(text) not in nested]
    return re.sub(r"\s+", " ", "".join(pieces)).strip()


def _row(header: Sequence[str], cells: Sequence[str]) -> str:
    if len(header) != len(cells):
        return "; ".join(filter(None, cells))
    return "; ".join(
        f"{name}: {cell}" if name else cell for name, cell in zip(header, cells, strict=True) if cell
    )


def _sections(blocks: Iterable[_Block]) -> tuple[str, list[Section]]:
    """The first level-1 heading as the title, and the sections below. Deeper headings keep those above
    them.
    """
    title, path, sections = "", {}, [Section("")]  # type: str, dict[int, str], list[Section]
    for level, text in blocks:
        if not text:
            continue
        if level == 0:
            sections[-1].paragraphs.append(text)
        elif level == 1 and not title:
            title = text
        else:
            path = {above: heading for above, heading in path.items() if above < level} | {level: text}
            sections.append(Section(" / ".join(path.values())))
    return title, [section for section in sections if section.paragraphs]


def _docx(path: Path) -> Document:
    document = docx.Document(str(path))
    title, sections = _sections(_docx_blocks(document))
    return Document(title or document.core_properties.title, "", sections)


def _docx_blocks(document: Any) -> Iterator[_Block]:
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            rows = [[cell.text.strip() for cell in row.cells] for row in block.rows]
            yield from ((0, _row(rows[0], row)) for row in rows[1:])
            continue
        style = block.style.name or ""
        text = re.sub(r"\s+", " ", block.text).strip()
        if match := re.fullmatch(r"Heading (\d)", style):
            yield int(match[1]), text
        elif style == "Title":
            yield 1, text
        else:
            yield 0, f"- {text}" if text and style.startswith("List") else text


def _pdf(path: Path) -> Document:
    reader = pypdf.PdfReader(path)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("is protected by a password; save it without one")
    lines = [line for page in reader.pages for line in _pdf_lines(page)]
    if not lines:
        raise Unreadable(
            "has no text layer; it is probably a scan: run text recognition on it, or type it as .md"
        )
    title, sections = _sections(_pdf_blocks(lines))
    metadata = reader.metadata.title if reader.metadata else None
    return Document(title or metadata or "", "", sections)


def _pdf_lines(page: pypdf.PageObject) -> list[tuple[float, str]]:
    """Font size and text of each line of a page, as near as a PDF knows its lines."""
    lines: list[tuple[float, str]] = [(0.0, "")]

    def visit(text: str, _: Any, matrix: list[float], __: Any, size: float) -> None:
        height = round(size * abs(matrix[3] or matrix[0] or 1), 1)
        for number, piece in enumerate(text.split("\n")):
            if number:
                lines.append((0.0, ""))
            if piece.strip():
                lines[-1] = (max(lines[-1][0], height), lines[-1][1] + piece)

    page.extract_text(visitor_text=visit)
    return [(size, text.strip()) for size, text in lines if text.strip()]


def _pdf_blocks(lines: Sequence[tuple[float, str]]) -> Iterator[_Block]:
    """Larger type than most of the text is a heading; a line that is cut short or ends a sentence ends a
    paragraph.
    """
    sizes: Counter[float] = Counter()
    for size, text in lines:
        sizes[size] += len(text)
    body = sizes.most_common(1)[0][0]
    larger = sorted({size for size in sizes if size >= body * 1.12}, reverse=True)
    full = max(display_width(text) for size, text in lines if size not in larger)
    running: list[str] = []
    for size, text in lines:
        if size in larger:
            yield 0, join(running)
            running = []
            yield larger.index(size) + 1, text
        else:
            running.append(text)
            if text[-1] in "。！？；：.!?;:" or display_width(text) < full * 0.7:
                yield 0, join(running)
                running = []
    yield 0, join(running)


def _csv(path: Path) -> Document:
    """Questions with answers, or questions with the name of the article that answers them."""
    rows = csv.DictReader(io.StringIO(_text(path)))
    columns = set(rows.fieldnames or ())
    second = "article" if "article" in columns and "answer" not in columns else "answer"
    if missing := {"question", second} - columns:
        raise Unreadable(
            f"lacks the column {' and '.join(sorted(missing))}; the first line must name the columns"
        )
    more = ("language", "heading")
    sections = [
        Section(row["question"].strip(), [(row.get(name) or "").strip() for name in (second, *more)])
        for row in rows
        if row["question"] and row[second]
    ]
    return Document("", "", sections, answers=second == "answer", wordings=second == "article")


READERS: dict[str, Callable[[Path], Document]] = {
    ".md": _markdown,
    ".html": _html,
    ".htm": _html,
    ".pdf": _pdf,
    ".docx": _docx,
    ".csv": _csv,
}
