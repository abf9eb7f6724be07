"""A shop with answers, verdicts on them and a small knowledge, for the tests of the training set.

    shop = await Feedback.of(store, tmp_path)
    talk = await shop.answered("几天内可以退货？", "签收后 7 天内可以退货。[1]", ["returns.zh#1"])
    await shop.judge(talk, "bad", better="签收后七天内可以退货。")
    await shop.export(tmp_path / "dataset")

Conversations have ids that belong to the part that is asked for.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from support.dataset import Export, Folder, Origin, Report
from support.dataset.parts import Part, part_of
from support.knowledge import Knowledge
from support.pictures import PictureStore
from support.prompts import Persona
from support.services import answers
from support.store import AnswerMark, Attachment, ModelCall, Store
from support.store.answer_marks import Judge, Verdict
from support.store.model_calls import ModelText
from tests.records import NOW

RETURNS, POSTAGE = "returns.zh#1", "postage.zh#1"
RETURNS_TEXT = "签收后 7 天内可以无理由退货，吊牌要在。"
ARTICLES = {
    "returns.zh.md": f"# 退货政策\n\n{RETURNS_TEXT}\n",
    "postage.zh.md": "# 运费\n\n满 99 元包邮，不满收 8 元。有问题打 400-820-1234。\n",
}
QUESTION = "几天内可以退货？"
ANSWER = "签收后 7 天内可以无理由退货。[1]"
_numbers = itertools.count()


@dataclass(frozen=True)
class Talk:
    """A conversation with one question and its answer."""

    conversation_id: str
    message_id: str
    question: str
    said: str
    citations: Sequence[str]


def ids(part: Part) -> Iterator[str]:
    """Conversations of strangers that belong to a part."""
    names = (f"conversation-{number:06}" for number in itertools.count())
    return (one for one in names if part_of(one, None) == part)


@dataclass
class Feedback:
    """What people say of answers, and the export."""

    store: Store
    folder: Path
    knowledge: Knowledge
    pictures: PictureStore
    ids: dict[Part, Iterator[str]] = field(
        default_factory=lambda: {part: ids(part) for part in ("train", "dev", "evaluation")}
    )

    @classmethod
    async def of(cls, store: Store, folder: Path) -> Feedback:
        documents = folder / "documents"
        documents.mkdir()
        for name, text in ARTICLES.items():
            (documents / name).write_text(text, encoding="utf-8")
        knowledge = Knowledge(folder / "knowledge")
        report = await knowledge.refresh(documents)
        assert not report.problems
        return cls(store, folder, knowledge, PictureStore((folder / "pictures").as_uri()))

    async def answered(
        self,
        question: str = QUESTION,
        said: str = ANSWER,
        citations: Sequence[str] = (RETURNS,),
        *,
        part: Part = "train",
        channel: str = "web",
        conversation_id: str = "",
    ) -> Talk:
        """A question with an answer that stands on passages, as the gateway keeps it."""
        message_id = f"m{next(_numbers)}"
        talk = Talk(conversation_id or next(self.ids[part]), message_id, question, said, citations)
        shown = [{"id": one, "title": "资料", "article": one.partition(".")[0]} for one in citations]
        reply = {"messages": [{"text": said, "citations": shown}], "holder": "bot"}
        async with self.store.writing() as unit:
            await unit.conversations.touch(talk.conversation_id, channel, "zh", NOW)
            await unit.conversations.receive(talk.conversation_id, message_id, question, [], NOW)
            await unit.conversations.reply_to(talk.conversation_id, message_id, reply)
        return talk

    async def judge(
        self,
        talk: Talk,
        verdict: Verdict = "good",
        *,
        kind: Judge = "reviewer",
        better: str | None = None,
        at: datetime = NOW,
        said: str = "",
        records: Sequence[str] = (),
    ) -> Talk:
        sources = answers.sources([{"id": one} for one in talk.citations]) | {"records": list(records)}
        mark = AnswerMark(
            conversation_id=talk.conversation_id,
            message_id=talk.message_id,
            kind=kind,
            login="" if kind == "customer" else "mei",
            verdict=verdict,
            better=better,
            question=talk.question,
            said=said or talk.said,
            sources=sources,
            at=at,
        )
        async with self.store.writing() as unit:
            await unit.answer_marks.put(mark)
        return talk

    async def asked_model(
        self, talk: Talk, messages: Sequence[dict[str, Any]], reply: str, outcome: str = "ok"
    ) -> None:
        """The call that was made for the answer, with its words."""
        call = ModelCall(
            talk.conversation_id, NOW, "answer", 10, 20, outcome, 100, 20, message_id=talk.message_id
        )
        async with self.store.writing() as unit:
            [number] = await unit.model_calls.add([call])
            await unit.model_calls.add_texts([ModelText(number, messages, reply)])

    async def picture(self, conversation_id: str, attachment_id: str = "a" * 32) -> Attachment:
        """A picture that the customer sent."""
        path = self.folder / "photo.jpg"
        Image.new("RGB", (64, 48), "orange").save(path, "JPEG")
        await self.pictures.put(attachment_id, path.read_bytes())
        sent = Attachment(
            attachment_id, conversation_id, "photo", "image/jpeg", 64, 48, "0" * 64, {}, {}, NOW
        )
        async with self.store.writing() as unit:
            await unit.attachments.add(sent)
        return sent

    async def export(
        self,
        path: Path,
        *,
        since: datetime = datetime(1970, 1, 1, tzinfo=UTC),
        rated: bool = False,
        pictures: bool = True,
        later: timedelta = timedelta(),
    ) -> Report:
        personas = {"zh": Persona("云织"), "en": Persona("Yunzhi")}
        origin = Origin(self.store, self.knowledge, personas, since, rated)  # type: ignore[arg-type]
        with Folder(path) as folder:
            made = Export(origin, self.pictures if pictures else None, folder)
            return await made.run(NOW + later, lambda done, total: None)


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a file: `sft.train`, `evaluation` ..."""
    lines = (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def text_of(message: dict[str, Any]) -> str:
    return "".join(part.get("text", "") for part in message["content"])


def contents(folder: Path) -> dict[str, bytes]:
    """Every file, by its place."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
