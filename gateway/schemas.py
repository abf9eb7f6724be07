"""What goes in and out over HTTP, with the examples that the OpenAPI page shows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from support.model import Holder, Language

_CONVERSATION = "4f9d7c1e-6a50-4a0b-9a3e-3f1f0f8e2b11"

ConversationId = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,64}$"),
    Field(description="What keeps a conversation private: a fresh UUID for each.", examples=[_CONVERSATION]),
]
MessageId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
AttachmentId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
# PostgreSQL's text holds no NUL, and JSON may hold half a surrogate pair; both are nobody's words.
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000, pattern=r"^[^\x00]*$")]
Person = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$"),
    Field(description="The name that the customer sees.", examples=["小林"]),
]


class _Body(BaseModel):
    """Unknown fields are refused: a misspelled one would be lost silently."""

    model_config = ConfigDict(extra="forbid")


class MessageIn(_Body):
    """A customer's message: words, pictures that were uploaded before, or both."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "conversation_id": _CONVERSATION,
                    "message_id": "m-1",
                    "text": "我的订单到哪了",
                    "language": "zh",
                },
                {"conversation_id": _CONVERSATION, "attachments": ["0b1f6f0f3a2f4c0f9a3e3f1f0f8e2b11"]},
            ]
        },
    )

    conversation_id: ConversationId
    message_id: MessageId | None = Field(
        default=None, description="Send the same id again after a failure: the first answer is given again."
    )
    text: str | None = None
    attachments: list[AttachmentId] | None = None
    language: Language | None = Field(default=None, description="The page's language.")
    channel: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,32}$")] = "web"


class Button(BaseModel):
    """A quick reply; `payload` is sent as the customer's next message."""

    title: str
    payload: str


class Citation(BaseModel):
    """Where an answer comes from; the passage is at `/api/chat/citations/{id}`."""

    id: str
    title: str
    article: str = ""


class Card(BaseModel):
    """A product beside an answer; `payload` is sent when the customer chooses it."""

    title: str
    line: str = Field(default="", description="Price and what is in stock.")
    image: str | None = None
    payload: str


class Message(BaseModel):
    """One message to the customer."""

    model_config = ConfigDict(hide_input_in_errors=True)  # its errors are logged

    text: str | None = None
    buttons: list[Button] | None = None
    image: str | None = None
    citations: list[Citation] | None = None
    cards: list[Card] | None = None


class Reply(BaseModel):
    """What a message is answered with. No messages: a person will answer, see the events."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "messages": [
                        {
                            "text": "签收后 7 天内可以无理由退货。",
                            "citations": [
                                {"id": "returns-policy.zh#2", "title": "退货政策", "article": "returns"}
                            ],
                            "buttons": [{"title": "我要退货", "payload": "我要退货"}],
                        }
                    ],
                    "holder": "bot",
                }
            ]
        }
    )

    messages: list[Message]
    holder: Holder


class AttachmentOut(BaseModel):
    """An accepted picture. `kind`: order (a screenshot of one), text or photo."""

    id: str
    kind: str
    width: int
    height: int
    url: str = Field(
        description="Where it is, for a quarter of an hour; /api/chat/attachments/links gives a fresh one.",
        examples=["/api/chat/attachments/0b1f6f0f3a2f4c0f9a3e3f1f0f8e2b11?link=aSu3Xw.k2Zr8V"],
    )


class LinksIn(_Body):
    """Pictures of a conversation whose addresses have run out."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"conversation_id": _CONVERSATION, "ids": ["0b1f6f0f3a2f4c0f9a3e3f1f0f8e2b11"]}]
        },
    )

    conversation_id: ConversationId
    ids: list[AttachmentId] = Field(max_length=50)


class Transcript(BaseModel):
    """What was said. Empty: no words were heard."""

    text: str = Field(examples=["我的订单到哪了？"])


class State(BaseModel):
    """Who answers now: `place` while waiting (1 is next), `person` once somebody has it."""

    holder: Holder
    place: int | None = None
    person: str | None = None


class Entry(Message):
    """One line of a conversation's history."""

    sender: Literal["customer", "assistant", "person"]
    at: datetime
    message_id: str | None = None
    person: str | None = None
    attachments: list[AttachmentOut] | None = None
    answers: str | None = Field(
        default=None, description="The message_id that it answers, where a verdict is welcome."
    )
    verdict: Literal["good", "bad"] | None = Field(
        default=None, description="What the customer thinks of it."
    )
    answered: bool = Field(
        default=True, description="False: send the same message_id again to get (or wait for) its answer."
    )


class History(State):
    """A conversation as its page shows it; events after `last_event_id` are not in it yet."""

    entries: list[Entry]
    last_event_id: int
    read_message_id: str | None = Field(
        default=None, description="The newest of the customer's messages that a person has seen."
    )


class Passage(BaseModel):
    """What a citation points to."""

    id: str
    title: str
    heading: str
    text: str


class RatingIn(_Body):
    """How satisfied the customer is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"conversation_id": _CONVERSATION, "score": 5, "words": "很快"}]},
    )

    conversation_id: ConversationId
    score: int = Field(ge=1, le=5)
    words: Words = ""


class VerdictIn(_Body):
    """Whether an answer from the documents was of use; null takes the verdict back."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"conversation_id": _CONVERSATION, "verdict": "good"}]},
    )

    conversation_id: ConversationId
    verdict: Literal["good", "bad"] | None


class PushIn(_Body):
    """Messages for a customer that no message of his or hers is waiting for, as Rasa uttered them."""

    conversation_id: ConversationId
    messages: list[dict[str, Any]]


class _Signal(_Body):
    conversation_id: ConversationId
    message_id: MessageId


class Status(_Body):
    state: Literal["thinking", "searching", "picture"]


class Delta(_Body):
    at: int = Field(ge=0)
    text: str


class Withdrawal(_Body):
    keep: str


class StatusSignal(_Signal):
    kind: Literal["status"]
    data: Status


class DeltaSignal(_Signal):
    kind: Literal["delta"]
    data: Delta


class WithdrawSignal(_Signal):
    kind: Literal["withdraw"]
    data: Withdrawal


class StreamIn(_Body):
    """What actions say while they work; see `support.streaming.Signal`."""

    signals: list[Annotated[StatusSignal | DeltaSignal | WithdrawSignal, Field(discriminator="kind")]]


class ReadIn(_Body):
    """How far the customer has seen the conversation."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"up_to": 17}]})

    up_to: int = Field(ge=1, description="The id of the newest event that was shown.")


class TakeIn(_Body):
    person: Person


class TransferIn(_Body):
    person: Person
    to: Person | None = Field(default=None, description="A colleague; nobody is back into the queue.")
    note: Words = Field(default="", description="For the colleague, not for the customer.")


class ReplyIn(_Body):
    person: Person
    text: Annotated[Words, StringConstraints(min_length=1)] = Field(examples=["您好，我来处理。"])
    message_id: MessageId | None = Field(
        default=None, description="Send the same id again after a failure: the words are said once."
    )


class HandoverOut(BaseModel):
    """A conversation that waits for a person or has one."""

    id: int
    conversation_id: str
    status: Literal["waiting", "taken", "closed"]
    reason: str
    ticket: str = Field(description="The number that the customer may quote.")
    opened_at: datetime
    promised_at: datetime | None = Field(description="By when the customer was told to have an answer.")
    taken_by: str | None
    taken_name: str | None
    taken_at: datetime | None
    closed_at: datetime | None
    closed_why: str | None


class EventOut(BaseModel):
    id: int
    kind: str
    payload: dict[str, Any]
    at: datetime


class HandoverDetail(HandoverOut):
    """With everything that a person needs to answer."""

    packet: dict[str, Any]
    messages: list[Entry]
    events: list[EventOut]


class ShopOut(BaseModel):
    """What the chat page needs to know before the first message."""

    name: str
    name_en: str
    language: Language
    message_characters: int
    attachment_bytes: int
    attachments_per_message: int
    speech_seconds: int = Field(description="The longest recording that is turned into text; 0: none is.")


class Problem(BaseModel):
    """Why something was refused, in both languages."""

    class Error(BaseModel):
        code: str
        message: str
        message_zh: str

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "error": {
                        "code": "empty_message",
                        "message": "There is nothing in this message. Write something or add a picture.",
                        "message_zh": "消息是空的，请输入文字或添加图片。",
                    }
                }
            ]
        }
    )

    error: Error
