"""Makes a training set from what people think of the assistant's answers.

    with Folder(path) as folder:
        report = await Export(origin, pictures, folder).run(now, progress)

Memory is bounded: conversations are read some at a time and rows written as they are made; kept are a number
for each row (against repetitions) and a pseudonym for each conversation. Evaluation comes first, then
development, then training, so that a question with the same answer is in one part only, the one farther from
training. Everything is in an order of its own, so that the same feedback makes the same files.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from support.dataset import rows
from support.dataset.cases import Case, Origin, Unusable, cases, opinions
from support.dataset.folder import EVALUATION, Folder, Json
from support.dataset.parts import Part, part_of, pseudonym
from support.personal import Masker
from support.personal.records import of_customer
from support.pictures import PictureStore
from support.review.summary import TEST_CHANNELS
from support.store.learning import Judged
from support.training import text

_AT_ONCE = 200
_ORDER: tuple[Part, ...] = ("evaluation", "dev", "train")
_REFUSALS_SHOWN = 10
_WITHOUT = sorted(TEST_CHANNELS)

# What a row of each kind teaches: a second one that teaches the same is left out.
_LESSONS: Mapping[str, Callable[[rows.Texts, rows.Row], str]] = {
    "sft": lambda words, row: f"sft {words.target}",
    "kto": lambda words, row: f"kto {row['label']} {words.said}",
    "dpo": lambda words, row: f"dpo {words.target} {words.said}",
}

# How many of how many conversations were looked at.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Refusal:
    """A better text that was not taken over, for whoever may mend it."""

    conversation_id: str
    claims: tuple[str, ...]


@dataclass
class Report:
    """What came of an export. `judged` counts opinions by whose they are, `left_out` by why."""

    manifest: Json = field(default_factory=dict)
    judged: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)


class Export:
    """One export into one folder. `pictures` is None where pictures are not to be exported."""

    def __init__(self, origin: Origin, pictures: PictureStore | None, folder: Folder) -> None:
        self._origin, self._pictures, self._folder = origin, pictures, folder
        self._seen: set[str] = set()
        self.report = Report()

    async def run(self, now: datetime, progress: Progress) -> Report:
        for part in _ORDER:
            await self._part(part, progress)
        about = {
            "since": self._origin.since.date().isoformat(),
            "ratings": self._origin.rated,
            "pictures": self._pictures is not None,
            "left_out": dict(sorted(self.report.left_out.items())),
        }
        self.report.manifest = self._folder.finish(now, about)
        return self.report

    async def _part(self, part: Part, progress: Progress) -> None:
        done, total = 0, await count(self._origin)
        async for talk in judged(self._origin):
            if self._belongs(talk) == part:
                await self._conversation(talk, part)
            done += 1
            progress(done + _ORDER.index(part) * total, total * len(_ORDER))

    def _belongs(self, talk: Judged) -> Part:
        """Where an earlier export put it, whoever has become known to be in it since."""
        settled = self._folder.parts.get(pseudonym(talk.conversation_id))
        return settled or part_of(talk.conversation_id, talk.customer_id)

    async def _conversation(self, talk: Judged, part: Part) -> None:
        found = await opinions(self._origin, talk)
        known = await of_customer(self._origin.store, talk.customer_id)
        mask = Masker(talk.conversation_id, known)
        async for opinion, made in cases(self._origin, talk, found):
            self.report.judged[opinion.judge] += 1
            try:
                if isinstance(made, Unusable):
                    raise made
                await self._case(talk, part, made, mask)
            except Unusable as unusable:
                self.report.left_out[unusable.reason] += 1

    async def _case(self, talk: Judged, part: Part, case: Case, mask: Masker) -> None:
        if part == "evaluation" and rows.identity(case) in self._folder.frozen:
            return
        placed = await self._placed(case)
        words = rows.texts(case, mask, placed.__getitem__)
        if words.refused:
            self.report.left_out["unsupported"] += 1
            self.report.refusals.append(Refusal(talk.conversation_id, words.refused))
            del self.report.refusals[_REFUSALS_SHOWN:]
        if part == "evaluation":
            self._evaluate(talk, case, words)
        else:
            self._teach(talk, part, case, words)

    def _evaluate(self, talk: Judged, case: Case, words: rows.Texts) -> None:
        row = rows.evaluation(case, words)
        if row is None:
            if not words.refused:
                raise Unusable("no_reference")
            return
        same = _same(words.question, row["reference"])
        if same in self._folder.evaluated:
            raise Unusable("duplicate")
        self._folder.evaluated.add(same)
        self._folder.add(EVALUATION, row, pseudonym(talk.conversation_id), case.opinion.judge, same)

    def _teach(self, talk: Judged, part: Part, case: Case, words: rows.Texts) -> None:
        """What is evaluated is not taught, in whoever's conversation it was said."""
        answers = {words.said, words.target or words.said}
        if self._folder.evaluated.intersection(_same(words.question, one) for one in answers):
            raise Unusable("duplicate")
        added = 0
        for kind, row in rows.training(case, words).items():
            same = _same(words.question, _LESSONS[kind](words, row))
            if same not in self._seen:
                self._seen.add(same)
                name = f"{kind}.{part}.jsonl"
                self._folder.add(name, row, pseudonym(talk.conversation_id), case.opinion.judge, same)
                added += 1
        if not added and not words.refused:
            raise Unusable("duplicate")

    async def _placed(self, case: Case) -> Mapping[str, str]:
        """The pictures of a case, in the folder."""
        wanted = rows.references(case.messages)
        if not wanted:
            return {}
        if self._pictures is None:
            raise Unusable("pictures_off")
        async with self._origin.store.reading() as unit:
            # Of this conversation only, whatever a reference says.
            found = await unit.attachments.of_conversation(case.conversation_id, wanted)
        data = {one.attachment_id: await self._pictures.get(one.attachment_id) for one in found}
        if not all(data.get(one) for one in wanted):
            raise Unusable("picture_gone")
        return {one: self._folder.add_image(bytes) for one, bytes in data.items() if bytes}


async def judged(origin: Origin) -> AsyncIterator[Judged]:
    """The conversations in question, by id; those of tests and testers are not among them."""
    after = ""
    while True:
        async with origin.store.reading() as unit:
            some = await unit.learning.judged(
                origin.since, rated=origin.rated, without=_WITHOUT, after=after, limit=_AT_ONCE
            )
        for talk in some:
            yield talk
        if len(some) < _AT_ONCE:
            return
        after = some[-1].conversation_id


async def count(origin: Origin) -> int:
    async with origin.store.reading() as unit:
        return await unit.learning.count_judged(origin.since, rated=origin.rated, without=_WITHOUT)


def _same(question: str, answer: str) -> str:
    """Alike for the same answer to a question in the same words, whatever their case and punctuation."""
    return hashlib.sha256(f"{text.key(question)}\0{answer}".encode()).hexdigest()[:16]
